"""`/settings/`: everything that the agent may set, on one page."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madoguchi.staff.access import allow
from madoguchi.staff.permissions import Permission


@dataclass(frozen=True)
class Entry:
    """One line of the page: where it leads, what it is called, what one does there, who may."""

    url: str
    name: Any
    text: Any
    permission: Permission | None = None


GROUPS: list[tuple[Any, list[Entry]]] = [
    (gettext_lazy("You"), [
        Entry("profile", gettext_lazy("Your profile"), gettext_lazy("Name, language, appearance, signature, notifications")),
        Entry("mfa_index", gettext_lazy("Two-step sign-in and passkeys"), gettext_lazy("How you prove who you are")),
        Entry("usersessions_list", gettext_lazy("Sessions"), gettext_lazy("Where you are signed in")),
    ]),
    (gettext_lazy("People"), [
        Entry("staff:agents", gettext_lazy("Agents"), gettext_lazy("Invite, change, deactivate"), Permission.MANAGE_STAFF),
        Entry("staff:teams", gettext_lazy("Teams"), gettext_lazy("Who works together"), Permission.MANAGE_STAFF),
        Entry("staff:roles", gettext_lazy("Roles"), gettext_lazy("Who may do what"), Permission.MANAGE_STAFF),
        Entry("staff:skills", gettext_lazy("Skills"), gettext_lazy("What routing may ask for"), Permission.MANAGE_STAFF),
    ]),
    (gettext_lazy("Company"), [
        Entry("company", gettext_lazy("Company and brands"), gettext_lazy("Name, language, time zone"), Permission.MANAGE_WORKPLACE),
        Entry("channels:mailboxes", gettext_lazy("Mailboxes"), gettext_lazy("How mail comes and goes"), Permission.MANAGE_MAILBOXES),
        Entry("webchat_settings:widgets", gettext_lazy("Live chat"), gettext_lazy("On your web pages"), Permission.MANAGE_WORKPLACE),
        Entry("intake:acknowledgements", gettext_lazy("Acknowledgement"), gettext_lazy("The first answer"), Permission.MANAGE_MAILBOXES),
    ]),
    (gettext_lazy("Service"), [
        Entry("sla:policies", gettext_lazy("SLA policies"), gettext_lazy("How soon customers get an answer"), Permission.MANAGE_SLA),
        Entry("sla:calendars", gettext_lazy("Business hours"), gettext_lazy("When time counts, and holidays"), Permission.MANAGE_SLA),
        Entry("protection:settings", gettext_lazy("Staff protection"), gettext_lazy("Shield, steps, notices, consultation desk"),
              Permission.MANAGE_PROTECTION),
        Entry("routing:rules", gettext_lazy("Routing"), gettext_lazy("Who gets which tickets"), Permission.MANAGE_AUTOMATION),
        Entry("bot:index", gettext_lazy("Assistant"), gettext_lazy("What answers in chats by itself"), Permission.MANAGE_AUTOMATION),
        Entry("automation:triggers", gettext_lazy("Triggers"), gettext_lazy("What happens by itself"), Permission.MANAGE_AUTOMATION),
        Entry("automation:macros", gettext_lazy("Macros"), gettext_lazy("Several actions at once"), Permission.CANNED_EDIT),
        Entry("followups:rules", gettext_lazy("Follow-ups"), gettext_lazy("Is all well afterwards"), Permission.MANAGE_AUTOMATION),
        Entry("surveys:choices", gettext_lazy("Surveys"), gettext_lazy("How satisfied customers are"), Permission.MANAGE_AUTOMATION),
        Entry("automation:canned_replies", gettext_lazy("Canned replies"), gettext_lazy("Texts for replies"), Permission.CANNED_EDIT),
    ]),
    (gettext_lazy("Tickets"), [
        Entry("tickets:fields", gettext_lazy("Own fields"), gettext_lazy("On tickets and customers"), Permission.MANAGE_FIELDS),
        Entry("tickets:tags", gettext_lazy("Tags"), gettext_lazy("Rename, merge"), Permission.MANAGE_FIELDS),
        Entry("tickets:shared_views", gettext_lazy("Shared views"), gettext_lazy("Lists that everybody sees"), Permission.VIEW_SHARE),
    ]),
    (gettext_lazy("Programs"), [
        Entry("staff:tokens", gettext_lazy("Access tokens"), gettext_lazy("Other programs use the API"), Permission.MANAGE_API),
        Entry("webhooks:webhooks", gettext_lazy("Webhooks"), gettext_lazy("Other programs hear of events"), Permission.MANAGE_API),
    ]),
    (gettext_lazy("Oversight"), [
        Entry("privacy:erasures", gettext_lazy("Erasure requests"), gettext_lazy("Who asks to be forgotten"), Permission.PRIVACY_DECIDE),
        Entry("audit", gettext_lazy("Audit log"), gettext_lazy("Who did what, and proof that nothing was changed"), Permission.AUDIT_READ),
        Entry("intake:arrivals", gettext_lazy("Arrived mail and quarantine"), gettext_lazy("Every mail as it came"), Permission.TICKET_RAW),
        Entry("tickets:deliveries", gettext_lazy("Sent mail"), gettext_lazy("What waits, failed or came back"), Permission.OPERATE),
        Entry("jobs", gettext_lazy("Background work"), gettext_lazy("What waits, what gave up"), Permission.OPERATE),
        Entry("system_health", gettext_lazy("System health"), gettext_lazy("Is everything running"), Permission.OPERATE),
    ]),
]  # fmt: skip


@allow()
def index(request: HttpRequest) -> HttpResponse:
    groups = [
        (name, [entry for entry in entries if entry.permission is None or request.user.may(entry.permission)]) for name, entries in GROUPS
    ]
    shown = [(name, entries) for name, entries in groups if entries]
    return render(request, "console/administration/index.html", {"title": _("Settings"), "groups": shown})
