"""Rows of the assistant: what it suggests to agents, what it says to customers, where it looks things up."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

AGENT = settings.AUTH_USER_MODEL


class Suggestion(models.Model):
    """What the articles say to one message of a customer, as the desk showed it, and what became of it.

    `score`: the estimated probability that the first hit is right; from `bar` on it is sure. `hits`: [{slug, lang, title, passage, score}],
    best first, public articles only; who shows them asks again whether they still are. `worded`: the first hit in a
    language model's words, as a draft. `inserted`: the slug of the one that was used.
    """

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="suggestions", db_index=False)
    message = models.OneToOneField("tickets.Message", on_delete=models.CASCADE, related_name="suggestion")
    language = models.CharField(max_length=10)
    score = models.FloatField(default=0)
    bar = models.FloatField(default=1)
    hits = models.JSONField(default=list)
    asked_at = models.DateTimeField()
    worded = models.TextField(blank=True)
    inserted = models.CharField(max_length=100, blank=True)
    inserted_by = models.ForeignKey(AGENT, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    unhelpful_at = models.DateTimeField(null=True)
    unhelpful_by = models.ForeignKey(AGENT, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["ticket", "-id"], name="suggestion_of_ticket")]


class Assistant(models.Model):
    """The assistant of a brand; off until somebody switches it on. `name`: as customers see it, "" for the house's word.

    `languages`: those it talks, empty for all. `quiet_days`: after so many days without a word from the customer an answer counts as having
    resolved the matter.
    """

    class Hours(models.TextChoices):
        ALWAYS = "always", pgettext_lazy("hours of the assistant", "Always")
        CLOSED = "closed", _("Outside business hours only")

    brand = models.OneToOneField("workplace.Brand", on_delete=models.CASCADE, related_name="assistant")
    is_active = models.BooleanField(default=False)
    name = models.CharField(max_length=60, blank=True)
    languages = models.JSONField(default=list, blank=True)
    hours = models.CharField(max_length=10, choices=Hours, default=Hours.ALWAYS)
    quiet_days = models.PositiveSmallIntegerField(default=3)


class Dialogue(models.Model):
    """The assistant's part in one ticket.

    `offered`: [{label, means}] of its last message (see `thinking.deciding.Option`). `answered`: the slug that it last told. `flow`: the
    state of the flow that runs, {} otherwise. `reason`: why a person took over. Handed over or taken, it stays so: no loops.
    """

    class State(models.TextChoices):
        TALKING = "talking", pgettext_lazy("dialogue", "Talking")
        CONTACT = "contact", _("Waiting for an address")
        SAID_YES = "said_yes", _("Answered, says the customer")
        RESOLVED = "resolved", pgettext_lazy("dialogue", "Resolved")
        HANDED_OVER = "handed_over", pgettext_lazy("dialogue", "Handed over")
        TAKEN = "taken", pgettext_lazy("dialogue", "Taken by a person")
        CAME_BACK = "came_back", _("Customer came back")

    OPEN = (State.TALKING, State.CONTACT, State.SAID_YES)

    ticket = models.OneToOneField("tickets.Ticket", on_delete=models.CASCADE, related_name="dialogue")
    state = models.CharField(max_length=12, choices=State, default=State.TALKING)
    language = models.CharField(max_length=10)
    misses = models.PositiveSmallIntegerField(default=0)
    offered = models.JSONField(default=list)
    answered = models.CharField(max_length=100, blank=True)
    flow = models.JSONField(default=dict)
    reason = models.CharField(max_length=12, blank=True)
    contact = models.CharField(max_length=320, blank=True)
    started_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["state", "last_at"], name="dialogue_state_last"),
            models.Index(fields=["started_at"], name="dialogue_started"),
        ]


class Turn(models.Model):
    """What the assistant did about one message of the customer; one a message, so that a repeated job does nothing twice."""

    class Kind(models.TextChoices):
        ANSWER = "answer", pgettext_lazy("what the assistant did", "Answered")
        ASK = "ask", _("Asked which is meant")
        ABSTAIN = "abstain", _("Found no answer")
        MORE = "more", _("Asked for more")
        RESOLVED = "resolved", _("Heard that it helped")
        GREET = "greet", pgettext_lazy("what the assistant did", "Greeted")
        FLOW = "flow", pgettext_lazy("what the assistant did", "Ran a flow")
        CONTACT = "contact", _("Asked for an address")
        HAND_OVER = "hand_over", pgettext_lazy("what the assistant did", "Handed over")

    dialogue = models.ForeignKey(Dialogue, on_delete=models.CASCADE, related_name="turns")
    message = models.OneToOneField("tickets.Message", on_delete=models.CASCADE, related_name="turn")
    reply = models.OneToOneField("tickets.Message", null=True, on_delete=models.SET_NULL, related_name="said_by_assistant")
    kind = models.CharField(max_length=10, choices=Kind)
    slug = models.CharField(max_length=100, blank=True)
    detail = models.CharField(max_length=40, blank=True)
    score = models.FloatField(default=0)
    at = models.DateTimeField()
    wrong_at = models.DateTimeField(null=True)
    wrong_by = models.ForeignKey(AGENT, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["kind", "at"], name="turn_kind_at")]


class Connector(models.Model):
    """Where the company keeps its own data: one way to ask for an `operation` (order, product).

    `config` by kind: rest {"url"} with {order}, {contact}, {product} filled in, quoted; sql {"query"} with the same names as parameters,
    `secret`: the bearer token, or the database's address. `secret` is ciphertext. demo: the demo company's shop.
    """

    class Operation(models.TextChoices):
        ORDER = "order", _("Status of an order")
        PRODUCT = "product", _("Availability of a product")

    class Kind(models.TextChoices):
        DEMO = "demo", _("The demo company’s shop")
        REST = "rest", _("REST")
        SQL = "sql", _("SQL database")

    operation = models.CharField(max_length=10, choices=Operation, unique=True)
    kind = models.CharField(max_length=6, choices=Kind)
    is_active = models.BooleanField(default=True)
    config = models.JSONField(default=dict)
    secret = models.TextField(blank=True)


class Lesson(models.Model):
    """What an agent answered where the articles had nothing, or nothing that helped: a suggestion for the editors.

    `why`: nothing | unhelpful | handed_over. The texts stay in the record, so what is redacted there is gone here as well.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("suggestion for editors", "Open")
        MADE = "made", _("Made into an article")
        DISMISSED = "dismissed", pgettext_lazy("suggestion for editors", "Dismissed")

    question = models.OneToOneField("tickets.Message", on_delete=models.CASCADE, related_name="lesson")
    answer = models.ForeignKey("tickets.Message", on_delete=models.CASCADE, related_name="+")
    language = models.CharField(max_length=10)
    why = models.CharField(max_length=12)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    article = models.ForeignKey("knowledge.Article", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["state", "-id"], name="lesson_state")]
