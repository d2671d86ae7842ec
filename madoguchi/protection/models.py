"""Rows of protection: the company's choices, the steps that were taken, and what they rest on."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from . import ladder

AGENT = settings.AUTH_USER_MODEL


class Profile(models.TextChoices):
    JAPAN = "japan", pgettext_lazy("legal profile", "Japan")
    EU = "eu", pgettext_lazy("legal profile", "European Union")
    NEUTRAL = "neutral", pgettext_lazy("legal profile", "Neutral")


class Severity(models.IntegerChoices):
    NONE = 0, pgettext_lazy("severity", "0 None")
    RUDE = 1, pgettext_lazy("severity", "1 Notice")
    HARASSMENT = 2, pgettext_lazy("severity", "2 Harassment")
    GRAVE = 3, pgettext_lazy("severity", "3 Grave")


class Label(models.TextChoices):
    """What was done, as behaviour, never as a crime."""

    THREAT = "threat", pgettext_lazy("behaviour", "Threat")
    EXTORTION = "extortion", pgettext_lazy("behaviour", "Extortion")
    INSULT = "insult", pgettext_lazy("behaviour", "Insult")
    DEGRADING = "degrading", pgettext_lazy("behaviour", "Degrading demand")
    EXCESSIVE = "excessive", pgettext_lazy("behaviour", "Excessive demand")
    PERSISTENCE = "persistence", pgettext_lazy("behaviour", "Persistence")
    SEXUAL = "sexual", pgettext_lazy("behaviour", "Sexual")
    DISCRIMINATION = "discrimination", pgettext_lazy("behaviour", "Discrimination")
    PRIVACY = "privacy", pgettext_lazy("behaviour", "Privacy violation")


class Choices(models.Model):
    """The company's choices about protection; one row.

    machine_sends: steps whose notice a machine may send by itself, as far as the legal profile allows; a supervisor turns them on.
    """

    profile = models.CharField(max_length=10, choices=Profile, default=Profile.JAPAN)
    shield_from = models.SmallIntegerField(choices=Severity.choices[1:], default=Severity.HARASSMENT)
    machine_sends = models.JSONField(default=list)
    appeal_days = models.PositiveSmallIntegerField(default=14)
    answer_days = models.PositiveSmallIntegerField(default=7)
    minutes = models.JSONField(default=dict)  # scene -> after how many minutes without progress a conversation is ended
    policy_public = models.BooleanField(default=False)
    compensation = models.JSONField(default=dict)  # severity of the case ("2", "3") -> what an agent gets, in the company's own words
    contact = models.CharField(max_length=200, blank=True)  # how a restricted customer reaches us, as the notice says it

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="protection_choices_once")]


class Wording(models.Model):
    """Words of the company's own for one notice in one language, and who approved them."""

    step = models.CharField(max_length=20)
    language = models.CharField(max_length=10)
    text = models.TextField()
    approved_by = models.ForeignKey(AGENT, null=True, on_delete=models.SET_NULL, db_index=False)
    approved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["step", "language"], name="protection_wording_once")]


class Measure(models.Model):
    """A step of the ladder that somebody took towards a customer. Never changed afterwards except to end, review or lift it.

    `by_kind`, `by_id`, `by_name`: who decided, also after they left. `message_id`: our notice to the customer.
    """

    class Step(models.TextChoices):
        ASK = ladder.Step.ASK, _("Ask to stop")
        FIRST_WARNING = ladder.Step.FIRST_WARNING, _("First warning")
        SECOND_WARNING = ladder.Step.SECOND_WARNING, _("Second warning")
        LAST_WARNING = ladder.Step.LAST_WARNING, _("Last warning")
        SECOND_PERSON = ladder.Step.SECOND_PERSON, _("Second person")
        END_CONTACT = ladder.Step.END_CONTACT, _("End of contact")
        RESTRICTION = ladder.Step.RESTRICTION, pgettext_lazy("protection", "Restriction")
        POLICE = ladder.Step.POLICE, _("Police or lawyer")

    class Kind(models.TextChoices):
        ONE_CHANNEL = ladder.Kind.ONE_CHANNEL, _("One channel only")
        OFFICE_HOURS = ladder.Kind.OFFICE_HOURS, _("Office hours only")
        ONE_PERSON = ladder.Kind.ONE_PERSON, _("One contact person")
        WRITING_ONLY = ladder.Kind.WRITING_ONLY, _("In writing only")
        REFUSAL = ladder.Kind.REFUSAL, pgettext_lazy("restriction", "Refusal")

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="measures")
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="measures")
    step = models.CharField(max_length=20, choices=Step)
    kind = models.CharField(max_length=20, choices=Kind, blank=True)
    channel = models.CharField(max_length=20, blank=True)
    contact = models.ForeignKey(AGENT, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    severity = models.SmallIntegerField(choices=Severity)
    behaviour = models.CharField(max_length=20, choices=Label, blank=True)
    reason = models.TextField()
    language = models.CharField(max_length=10, blank=True)
    notice = models.TextField(blank=True)
    message_id = models.BigIntegerField(null=True)
    by_kind = models.CharField(max_length=10)
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=200)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    review_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    review = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=200, blank=True)
    end_reason = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["ends_at"], name="measure_to_end", condition=Q(ended_at=None, ends_at__isnull=False)),
            models.Index(fields=["review_at"], name="measure_to_review", condition=Q(reviewed_at=None, review_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(step="restriction") | Q(ends_at__gt=F("starts_at"), by_kind="agent") & ~Q(kind=""),
                name="measure_restriction_by_person_with_end",
            ),
        ]


class Evidence(models.Model):
    """A message that something rests on. `digest` is SHA-256 of what arrived (`raw`: the raw mail, else the message's fields); `chain`
    is the digest of the audit entry that recorded it, so that neither can be changed unnoticed.
    """

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="evidence")
    message = models.ForeignKey("tickets.Message", on_delete=models.RESTRICT, related_name="+")
    digest = models.CharField(max_length=64)
    raw = models.BooleanField()
    entry_id = models.BigIntegerField()
    chain = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["measure", "message"], name="evidence_once")]


class Held(models.Model):
    """A message that ran into a restriction: it was kept, and its sender told at most once a day."""

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="held")
    message = models.OneToOneField("tickets.Message", on_delete=models.CASCADE, related_name="+")
    told = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["measure", "at"], name="held_by_measure")]


class ProtectedMark(models.Model):
    """A matter that must not be met with steps: a legitimate complaint, or a request for accommodation of a disability."""

    class Kind(models.TextChoices):
        COMPLAINT = "complaint", _("Legitimate complaint")
        ACCOMMODATION = "accommodation", _("Request for accommodation")

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="protected_marks")
    kind = models.CharField(max_length=15, choices=Kind)
    reason = models.TextField(blank=True)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    removed_by = models.CharField(max_length=200, blank=True)
    removal_reason = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket"], condition=Q(removed_at=None), name="protected_once")]


class Judgement(models.Model):
    """What a person says about a message: this is harassment, or this is not. The newest counts, before any machine's reading.

    `machine_severity`: what the machine had said; together they count what it got wrong. `spans`: [[start, end, label], ...].
    """

    message = models.ForeignKey("tickets.Message", on_delete=models.CASCADE, related_name="judgements")
    severity = models.SmallIntegerField(choices=Severity)
    labels = models.JSONField(default=list)
    spans = models.JSONField(default=list)
    reason = models.TextField(blank=True)
    machine_severity = models.SmallIntegerField(null=True)
    machine_labels = models.JSONField(default=list)
    by_kind = models.CharField(max_length=10)
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-at"], name="judgement_at")]


class Preference(models.Model):
    """An agent's own choice: the shield from a lower severity than the company's."""

    agent = models.OneToOneField(AGENT, on_delete=models.CASCADE, related_name="+")
    shield_from = models.SmallIntegerField(choices=Severity.choices[1:])


class Look(models.Model):
    """An agent chose to see an original. Kept for the care of that agent alone: it counts into their load, and nobody else can list it."""

    message = models.ForeignKey("tickets.Message", on_delete=models.CASCADE, related_name="+")
    agent = models.ForeignKey(AGENT, on_delete=models.CASCADE, related_name="+")
    severity = models.SmallIntegerField(choices=Severity)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["agent", "-at"], name="look_by_agent")]


class Appeal(models.Model):
    """A customer says that a step was wrong. Somebody who was not involved decides."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("appeal", "Open")
        STANDS = "stands", pgettext_lazy("appeal", "Decision stands")
        LIFTED = "lifted", pgettext_lazy("appeal", "Lifted")

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="appeals")
    text = models.TextField()
    at = models.DateTimeField()
    answer_by = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    decided_id = models.BigIntegerField(null=True)
    decided_name = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["measure"], condition=Q(state="open"), name="appeal_open_once")]


class HelpRequest(models.Model):
    """An agent asks for a second person or a change of handler, or takes a break. Asking has no disadvantage and needs no reason."""

    class Kind(models.TextChoices):
        SECOND_PERSON = "second_person", _("Second person")
        CHANGE = "change", _("Change of handler")
        BREAK = "break", pgettext_lazy("rest", "Break")

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="help_requests")
    agent = models.ForeignKey(AGENT, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=15, choices=Kind)
    at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(AGENT, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "agent", "kind"], condition=Q(answered_at=None), name="help_request_open_once")
        ]


class Case(models.Model):
    """The file of one matter with a customer: facts, evidence, judgement on two axes, decisions, what keeps it from happening again.

    `demand`: is the demand justified? `manner`: is the manner acceptable? Only those who decide and may see one of its tickets see it.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("case file", "Under investigation")
        CLOSED = "closed", pgettext_lazy("case file", "Closed")

    class Answer(models.TextChoices):
        UNCLEAR = "unclear", pgettext_lazy("judgement", "Not yet clear")
        YES = "yes", pgettext_lazy("judgement", "Yes")
        PARTLY = "partly", pgettext_lazy("judgement", "In part")
        NO = "no", pgettext_lazy("judgement", "No")

    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="cases")
    tickets = models.ManyToManyField("tickets.Ticket", related_name="cases")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    owner = models.ForeignKey(AGENT, null=True, on_delete=models.SET_NULL, related_name="+")
    facts = models.TextField(blank=True)
    demand = models.CharField(max_length=10, choices=Answer, default=Answer.UNCLEAR)
    manner = models.CharField(max_length=10, choices=Answer, default=Answer.UNCLEAR)
    judgement = models.TextField(blank=True)
    recurrence = models.TextField(blank=True)
    conclusion = models.TextField(blank=True)
    opened_by = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["year", "number"], name="case_number_once")]
        ordering = ["-id"]

    @property
    def code(self) -> str:
        """What people call it: CF-2026-031."""
        return f"CF-{self.year}-{self.number:03d}"


class CaseEntry(models.Model):
    """Something written into a case file; never changed."""

    class Kind(models.TextChoices):
        STATEMENT = "statement", pgettext_lazy("case file", "Statement")
        PRESENT = "present", pgettext_lazy("case file", "Person present")
        DECISION = "decision", pgettext_lazy("case file", "Decision")
        PREVENTION = "prevention", pgettext_lazy("case file", "Measure against recurrence")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="entries")
    kind = models.CharField(max_length=12, choices=Kind)
    person = models.CharField(max_length=200)
    text = models.TextField()
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()


class CaseEvidence(models.Model):
    """A message in a case file, with the digests of `Evidence`."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="evidence")
    message = models.ForeignKey("tickets.Message", on_delete=models.RESTRICT, related_name="+")
    digest = models.CharField(max_length=64)
    raw = models.BooleanField()
    entry_id = models.BigIntegerField()
    chain = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "message"], name="case_evidence_once")]


class DeskMember(models.Model):
    """A member of the consultation desk. They see what was asked since they joined, so that joining opens no past."""

    agent = models.OneToOneField(AGENT, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()


class Consultation(models.Model):
    """A colleague asks the consultation desk. Texts are encrypted; who asked anonymously is stored nowhere, only their code's digest."""

    asker = models.ForeignKey(AGENT, null=True, on_delete=models.SET_NULL, related_name="+")
    code_digest = models.CharField(max_length=64, blank=True)
    sealed = models.TextField()
    at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]


class ConsultationWord(models.Model):
    """What was said after the question, by the desk or by who asked. Encrypted."""

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="words")
    from_desk = models.BooleanField()
    name = models.CharField(max_length=200, blank=True)
    sealed = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]


class CareTask(models.Model):
    """After-care of one agent: what, by when, done when. Seen by the agent, by who planned it and by the consultation desk."""

    class Kind(models.TextChoices):
        TALK = "talk", pgettext_lazy("after-care", "Talk")
        REVIEW = "review", pgettext_lazy("after-care", "Look back together")
        DOCTOR = "doctor", pgettext_lazy("after-care", "Doctor or counsellor")
        LEAVE = "leave", pgettext_lazy("after-care", "Time off")
        COMPENSATION = "compensation", _("Grievance compensation")

    agent = models.ForeignKey(AGENT, on_delete=models.CASCADE, related_name="care_tasks")
    case = models.ForeignKey(Case, null=True, on_delete=models.SET_NULL, related_name="care_tasks")
    kind = models.CharField(max_length=15, choices=Kind)
    note = models.TextField(blank=True)  # encrypted
    due_on = models.DateField()
    made_by = models.ForeignKey(AGENT, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "case", "kind"], name="care_once")]
        ordering = ["due_on", "id"]
