"""The closed list of what a role may allow. Views name one of these; nothing else grants anything."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(models.TextChoices):
    TICKET_VIEW = "ticket.view", _("See tickets")
    TICKET_REPLY = "ticket.reply", _("Reply to customers")
    TICKET_NOTE = "ticket.note", _("Read and write internal notes")
    TICKET_EDIT = "ticket.edit", _("Change tickets")
    TICKET_ASSIGN = "ticket.assign", _("Assign tickets")
    TICKET_MERGE = "ticket.merge", _("Merge and split tickets")
    TICKET_REDACT = "ticket.redact", _("Redact parts of messages")
    TICKET_RAW = "ticket.raw", _("See original messages and quarantine")
    CUSTOMER_VIEW = "customer.view", _("See customers")
    CUSTOMER_EDIT = "customer.edit", _("Change customers")
    CUSTOMER_MERGE = "customer.merge", _("Merge customers")
    VIEW_SHARE = "view.share", _("Share views with others")
    KNOWLEDGE_VIEW = "knowledge.view", _("See the knowledge base")
    KNOWLEDGE_EDIT = "knowledge.edit", _("Write articles")
    KNOWLEDGE_APPROVE = "knowledge.approve", _("Approve and publish articles")
    CANNED_EDIT = "canned.edit", _("Edit canned replies and macros")
    MANAGE_AUTOMATION = "manage.automation", _("Manage triggers and routing")
    MANAGE_SLA = "manage.sla", _("Manage SLA policies and business hours")
    MANAGE_MAILBOXES = "manage.mailboxes", _("Manage mailboxes")
    MANAGE_STAFF = "manage.staff", _("Manage agents, teams and roles")
    MANAGE_FIELDS = "manage.fields", _("Manage custom fields and tags")
    MANAGE_API = "manage.api", _("Manage access tokens and webhooks")
    MANAGE_WORKPLACE = "manage.workplace", _("Manage the workplace and its brands")
    PROTECTION_WARN = "protection.warn", _("Ask customers to stop, send first and second warnings")
    PROTECTION_DECIDE = "protection.decide", _("Decide about restrictions, case files and appeals")
    MANAGE_PROTECTION = "manage.protection", _("Manage staff protection")
    AUDIT_READ = "audit.read", _("Read the audit log")
    PRIVACY_DECIDE = "privacy.decide", _("Decide whether personal data is erased")
    OPERATE = "operate", _("See jobs, deliveries and system health")


class Scope(models.TextChoices):
    """Which tickets a role sees."""

    ALL = "all", _("Tickets of all teams")
    TEAMS = "teams", _("Tickets of own teams and unassigned to a team")
    OWN = "own", _("Own tickets only")


BUILTIN_NAMES = {
    "Administrator": _("Administrator"),
    "Supervisor": _("Supervisor"),
    "Agent": _("Agent"),
    "Observer": _("Observer"),
}

ADMINISTRATOR = [permission.value for permission in Permission]
SUPERVISOR = [
    p for p in ADMINISTRATOR if p not in {"manage.mailboxes", "manage.staff", "manage.api", "manage.workplace", "operate", "privacy.decide"}
]
AGENT = [
    "ticket.view", "ticket.reply", "ticket.note", "ticket.edit", "ticket.assign", "ticket.merge",
    "customer.view", "customer.edit", "knowledge.view",
    "protection.warn",
]  # fmt: skip
OBSERVER = ["ticket.view", "customer.view", "knowledge.view"]
