"""The record: tickets, what was said in them, and everything that hangs off them."""

from datetime import UTC, datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from . import status as moves

AGENT = settings.AUTH_USER_MODEL

BY_MAIL = frozenset({"mail", "form", "portal"})  # channels whose customers are answered by mail

REDACTED = "████████"  # of one length, so that it tells nothing about what it covers
NO_DEADLINE = datetime(9999, 12, 31, tzinfo=UTC)  # a value, not NULL: both databases sort it last and keyset paging stays simple


class Status(models.TextChoices):
    NEW = moves.NEW, pgettext_lazy("ticket status", "New")
    OPEN = moves.OPEN, pgettext_lazy("ticket status", "Open")
    WAITING_CUSTOMER = moves.WAITING_CUSTOMER, _("Waiting for customer")
    WAITING_OTHERS = moves.WAITING_OTHERS, _("Waiting for others")
    SOLVED = moves.SOLVED, pgettext_lazy("ticket status", "Solved")
    CLOSED = moves.CLOSED, pgettext_lazy("ticket status", "Closed")


class Priority(models.IntegerChoices):
    """Higher is more urgent, so that sorting by it is sorting by urgency."""

    LOW = 1, pgettext_lazy("priority", "Low")
    NORMAL = 2, pgettext_lazy("priority", "Normal")
    HIGH = 3, pgettext_lazy("priority", "High")
    URGENT = 4, pgettext_lazy("priority", "Urgent")


class Kind(models.TextChoices):
    QUESTION = "question", pgettext_lazy("ticket kind", "Question")
    REQUEST = "request", pgettext_lazy("ticket kind", "Request")
    COMPLAINT = "complaint", pgettext_lazy("ticket kind", "Complaint")
    PRAISE = "praise", pgettext_lazy("ticket kind", "Praise")
    INCIDENT = "incident", pgettext_lazy("ticket kind", "Incident")


class Cause(models.TextChoices):
    PRODUCT = "product", pgettext_lazy("complaint cause", "Product")
    SERVICE = "service", pgettext_lazy("complaint cause", "Service")
    DELIVERY = "delivery", pgettext_lazy("complaint cause", "Delivery")
    PRICE = "price", pgettext_lazy("complaint cause", "Price")
    POLICY = "policy", pgettext_lazy("complaint cause", "Policy")


class Tag(models.Model):
    name = models.CharField(max_length=60, unique=True)


class Ticket(models.Model):
    """One matter of one customer. `id` is the ticket number that people see.

    `unsolved` is true while somebody must still act: not solved, closed, spam or merged away; lists are indexed by it.
    `due_at` is the nearest running deadline (or NO_DEADLINE), kept by the room that keeps clocks; `preview` and the `last_*`
    columns are kept on the row so that a list of fifty needs one statement. The indexes are those that `listing` walks in order;
    foreign keys that no list starts from carry none, because every index is paid for by each message that comes in.
    """

    subject = models.CharField(max_length=500, blank=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.NEW)
    priority = models.SmallIntegerField(choices=Priority, default=Priority.NORMAL)
    kind = models.CharField(max_length=20, choices=Kind, blank=True)
    cause = models.CharField(max_length=20, choices=Cause, blank=True)
    channel = models.CharField(max_length=20, default="mail")
    language = models.CharField(max_length=10, blank=True)
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="tickets", db_index=False)
    mailbox = models.ForeignKey("channels.Mailbox", null=True, blank=True, on_delete=models.SET_NULL, db_index=False)
    brand = models.ForeignKey("workplace.Brand", null=True, blank=True, on_delete=models.SET_NULL, db_index=False)
    team = models.ForeignKey("staff.Team", null=True, blank=True, on_delete=models.SET_NULL, db_index=False)
    assignee = models.ForeignKey(AGENT, null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets", db_index=False)
    tags = models.ManyToManyField(Tag, blank=True, related_name="tickets")
    custom = models.JSONField(default=dict, blank=True)
    is_spam = models.BooleanField(default=False)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merged", db_index=False)
    preview = models.CharField(max_length=200, blank=True)
    message_count = models.IntegerField(default=0)
    last_message_id = models.BigIntegerField(default=0)
    last_inbound_at = models.DateTimeField(null=True)
    last_outbound_at = models.DateTimeField(null=True)
    unsolved = models.BooleanField(default=True)
    due_at = models.DateTimeField(default=NO_DEADLINE)
    due_kind = models.CharField(max_length=12, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    solved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["unsolved", "assignee", "due_at", "id"], name="ticket_mine"),
            models.Index(fields=["unsolved", "team", "due_at", "id"], name="ticket_team"),
            models.Index(fields=["unsolved", "due_at", "id"], name="ticket_due"),
            models.Index(fields=["team", "due_at", "id"], name="ticket_unassigned", condition=Q(assignee=None, unsolved=True)),
            models.Index(fields=["status", "-updated_at", "-id"], name="ticket_status_updated"),
            models.Index(fields=["team", "status", "-updated_at", "-id"], name="ticket_team_updated"),
            models.Index(fields=["assignee", "status", "-updated_at", "-id"], name="ticket_mine_updated"),
            models.Index(fields=["customer", "-id"], name="ticket_customer"),
            models.Index(fields=["-created_at", "-id"], name="ticket_created"),
            models.Index(fields=["merged_into"], name="ticket_merged", condition=Q(merged_into__isnull=False)),
            models.Index(fields=["-id"], name="ticket_spam", condition=Q(is_spam=True)),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.subject}"


class Message(models.Model):
    """One thing that was said: in (from outside), out (from us) or note (internal, never leaves the house).

    `text` is the whole readable text; `reply_text`, `quoted_text` and `signature` are its parts as told apart on arrival (reply_text
    empty means the whole text). `html` is stored as it came and is sanitised whenever it is shown.
    """

    class Direction(models.TextChoices):
        IN = "in", _("From the customer")
        OUT = "out", _("From us")
        NOTE = "note", _("Internal note")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages", db_index=False)
    direction = models.CharField(max_length=4, choices=Direction)
    channel = models.CharField(max_length=20, default="mail")
    customer = models.ForeignKey("customers.Customer", null=True, blank=True, on_delete=models.SET_NULL, db_index=False)
    agent = models.ForeignKey(AGENT, null=True, blank=True, on_delete=models.SET_NULL, db_index=False)
    envelope = models.ForeignKey("channels.Envelope", null=True, blank=True, on_delete=models.SET_NULL)
    # auto_reply | bounce (theirs), acknowledgement | trigger | bot (ours), "" = a person
    automatic = models.CharField(max_length=20, blank=True)
    may_auto_answer = models.BooleanField(default=True)  # False: no acknowledgement, no answering trigger (RFC 3834, rate guard, imports)
    subject = models.CharField(max_length=500, blank=True)
    from_name = models.CharField(max_length=200, blank=True)
    from_address = models.CharField(max_length=320, blank=True)
    to = models.JSONField(default=list)  # [[name, address], ...]
    cc = models.JSONField(default=list)
    bcc = models.JSONField(default=list)
    reply_to = models.JSONField(default=list)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    reply_text = models.TextField(blank=True)
    quoted_text = models.TextField(blank=True)
    signature = models.TextField(blank=True)
    language = models.CharField(max_length=10, blank=True)
    message_id = models.CharField(max_length=998, null=True)
    in_reply_to = models.CharField(max_length=998, blank=True)
    references = models.JSONField(default=list)
    auth = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    choices = models.JSONField(default=list, db_default=[], blank=True)  # quick answers or articles that a chat offers; see `reply`
    redacted_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message_id"], name="message_id_once")]
        indexes = [
            models.Index(fields=["ticket", "id"], name="message_ticket"),
            models.Index(fields=["customer", "created_at"], name="message_customer_at"),
        ]


class Attachment(models.Model):
    """A file of a message. Arrived files stay inside the raw mail (`part` is their place in it); ours are in `data`."""

    message = models.ForeignKey(Message, null=True, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=150)
    size = models.IntegerField()
    content_id = models.CharField(max_length=255, blank=True)
    inline = models.BooleanField(default=False)
    protected = models.CharField(max_length=10, blank=True)
    part = models.IntegerField(null=True)
    data = models.BinaryField(null=True)
    uploaded_by = models.ForeignKey(AGENT, null=True, on_delete=models.SET_NULL, db_index=False)
    ticket = models.ForeignKey(Ticket, null=True, on_delete=models.CASCADE, related_name="uploads", db_index=False)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["ticket"], name="attachment_upload", condition=Q(ticket__isnull=False))]

    @property
    def is_redacted(self) -> bool:
        return self.name == REDACTED


class Delivery(models.Model):
    """The sending of one outgoing message through one mailbox. State moves only by conditional UPDATE.

    `sending` is entered with the token of an attempt whose journal (channels.mail.journal) tells after a kill what the mail server
    was given, so nothing is sent blindly again. `send_at` is when it is next due. `refused`: {address: [code, text]} of recipients
    that the server did not take; `taken`: addresses that it did. `confirmed` is false when the server was given the whole message but
    its answer was lost in a kill. `problem` is a code of channels.mail.problems, `last_error` the other side's words.
    """

    class State(models.TextChoices):
        HELD = "held", _("Waiting for its time")
        WAITING = "waiting", _("Waiting to be sent")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        RETRY = "retry", _("Retrying")
        FAILED = "failed", _("Failed")
        BOUNCED = "bounced", _("Returned")
        CANCELLED = "cancelled", _("Cancelled")

    NOT_YET = (State.HELD, State.WAITING, State.RETRY)

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="delivery")
    mailbox = models.ForeignKey("channels.Mailbox", null=True, on_delete=models.SET_NULL, db_index=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    send_at = models.DateTimeField()
    attempts = models.SmallIntegerField(default=0)
    attempt = models.CharField(max_length=80, blank=True)
    taken = models.JSONField(default=list)
    refused = models.JSONField(default=dict)
    confirmed = models.BooleanField(default=True)
    problem = models.CharField(max_length=20, blank=True)
    last_error = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["state", "send_at"], name="delivery_state"),
        ]


class Participant(models.Model):
    """An address that takes part in a ticket besides the customer (CC, a colleague of theirs); its sender may reply into it."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="participants", db_index=False)
    address = models.CharField(max_length=320)
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=10, default="cc")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "address"], name="participant_once")]


class Change(models.Model):
    """The history of a ticket: who changed which field from what to what, when. Values are ids or codes, shown in words."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="changes", db_index=False)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200, blank=True)
    field = models.CharField(max_length=40)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["ticket", "id"], name="change_ticket")]


class Watcher(models.Model):
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="watchers", db_index=False)
    agent = models.ForeignKey(AGENT, on_delete=models.CASCADE, related_name="watching")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "agent"], name="watcher_once")]


class Task(models.Model):
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="tasks")
    title = models.CharField(max_length=300)
    assignee = models.ForeignKey(AGENT, null=True, blank=True, on_delete=models.SET_NULL)
    due_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()


class Link(models.Model):
    """Two tickets that have to do with each other: kind related | causes | duplicate."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="links", db_index=False)
    other = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="linked_from")
    kind = models.CharField(max_length=12, default="related")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "other", "kind"], name="link_once")]


class TicketMerge(models.Model):
    """What a merge moved, so that unmerge gives everything back."""

    kept = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="merges_in")
    merged = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="merges_out")
    moved = models.JSONField(default=dict)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)


class Draft(models.Model):
    """What an agent has typed and not sent; one per agent, ticket and kind (reply | note)."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="drafts")
    agent = models.ForeignKey(AGENT, on_delete=models.CASCADE)
    kind = models.CharField(max_length=6, default="reply")
    body = models.TextField(blank=True)
    fields = models.JSONField(default=dict)
    version = models.IntegerField(default=1)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "agent", "kind"], name="draft_once")]


class Reading(models.Model):
    """How far an agent has read a ticket."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="readings")
    agent = models.ForeignKey(AGENT, on_delete=models.CASCADE)
    last_message_id = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "ticket"], name="reading_once")]


class Viewing(models.Model):
    """An agent has a ticket open (or is typing) right now; stale after a minute."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="viewings")
    agent = models.ForeignKey(AGENT, on_delete=models.CASCADE)
    typing = models.BooleanField(default=False)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "agent"], name="viewing_once")]


class CustomField(models.Model):
    """A typed field that we added to tickets (of some kinds), customers or companies."""

    class Type(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        CHOICE = "choice", _("Choice")
        CHECK = "check", _("Yes or no")

    target = models.CharField(max_length=10, default="ticket")
    key = models.SlugField(max_length=40)
    label = models.JSONField(default=dict)  # language -> label
    type = models.CharField(max_length=10, choices=Type, default=Type.TEXT)
    choices = models.JSONField(default=list, blank=True)
    kinds = models.JSONField(default=list, blank=True)
    required = models.BooleanField(default=False)
    for_customers = models.BooleanField(default=False, db_default=False)  # asked in the contact form
    position = models.SmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["target", "key"], name="custom_field_once")]
        ordering = ["position", "id"]


class SavedView(models.Model):
    """A named filter and order, of one agent or shared (with a team, or with all)."""

    name = models.CharField(max_length=80)
    owner = models.ForeignKey(AGENT, null=True, blank=True, on_delete=models.CASCADE, related_name="views")
    shared = models.BooleanField(default=False)
    team = models.ForeignKey("staff.Team", null=True, blank=True, on_delete=models.CASCADE)
    filters = models.JSONField(default=dict)
    sort = models.CharField(max_length=20, default="due")
    position = models.SmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]


class Undoable(models.Model):
    """Changes that were made together and can be taken back together for a while; `changes` are ids of history rows."""

    token = models.CharField(max_length=40, unique=True)
    agent = models.ForeignKey(AGENT, null=True, on_delete=models.CASCADE)
    label = models.CharField(max_length=100, blank=True)
    changes = models.JSONField(default=list)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
