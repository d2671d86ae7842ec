"""Rows of knowledge: articles, one translation a language, every text that was ever saved, example questions, feedback, pictures."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

AGENT = settings.AUTH_USER_MODEL


class Audience(models.TextChoices):
    """Who may read an article; only public ones ever leave the desk."""

    PUBLIC = "public", pgettext_lazy("audience", "Public")
    PARTNER = "partner", pgettext_lazy("audience", "Partners")
    INTERNAL = "internal", pgettext_lazy("audience", "Internal")


class State(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("article", "Draft")
    IN_REVIEW = "in_review", pgettext_lazy("article", "In review")
    SCHEDULED = "scheduled", pgettext_lazy("article", "Scheduled")
    PUBLISHED = "published", pgettext_lazy("article", "Published")
    EXPIRED = "expired", pgettext_lazy("article", "Expired")


class Category(models.Model):
    """A shelf of the help centre. `names`: language -> what customers read; where one is missing, the shipped name or the key."""

    key = models.SlugField(max_length=60, unique=True)
    names = models.JSONField(default=dict, blank=True)
    position = models.IntegerField(default=0)

    class Meta:
        ordering = ["position", "key"]

    def __str__(self) -> str:
        return self.key


class Article(models.Model):
    """One matter, told in several languages. `language`: of the original, against which translations are called older.

    `position`: its place among all articles, which its file's name carries when it is exported. `review_on`: when somebody should look
    whether it is still true.
    """

    slug = models.SlugField(max_length=100, unique=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="articles")
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.INTERNAL)
    language = models.CharField(max_length=10, choices=settings.LANGUAGES, default="en")
    owner = models.ForeignKey(AGENT, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    review_on = models.DateField(null=True, blank=True)
    position = models.IntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.slug


class Translation(models.Model):
    """An article in one language.

    `title`, `summary`, `body` (Markdown) and `tags` are the text that readers have where `state` is published. A newer text that is
    still being worked on waits in `next_version`, in the state `next_state`, and changes nothing for readers until it is published.
    `revised_at`: when the text last changed in substance; `publish_at` belongs to whichever text is scheduled.
    """

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=400, blank=True)
    body = models.TextField(blank=True)
    tags = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    next_version = models.ForeignKey("knowledge.Version", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    next_state = models.CharField(max_length=10, blank=True, choices=State)
    publish_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    revised_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "language"], name="translation_once_a_language")]
        indexes = [models.Index(fields=["language", "state"], name="translation_by_state")]

    def __str__(self) -> str:
        return self.title

    @property
    def in_hand(self) -> str:
        """The state of the text that editors work on: the newer one where there is one."""
        return self.next_state or self.state


class Version(models.Model):
    """A text as it was saved once; never changed. `note`: why, in the words of whoever saved it."""

    translation = models.ForeignKey(Translation, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=400, blank=True)
    body = models.TextField(blank=True)
    tags = models.JSONField(default=list, blank=True)
    note = models.CharField(max_length=200, blank=True)
    agent = models.ForeignKey(AGENT, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    actor_name = models.CharField(max_length=150, blank=True)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["translation", "number"], name="version_number_once")]


class ExampleQuestion(models.Model):
    """What people ask when this article is the answer, in their own words."""

    class Source(models.TextChoices):
        WRITTEN = "written", _("Written by an editor")
        COLLECTED = "collected", _("Collected from tickets")

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="questions")
    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    text = models.CharField(max_length=300)
    source = models.CharField(max_length=10, choices=Source, default=Source.WRITTEN)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["article", "language", "text"], name="question_once")]


class Feedback(models.Model):
    """What a reader said about an article. Nothing tells who the reader was."""

    class Reason(models.TextChoices):
        UNCLEAR = "unclear", _("Hard to understand")
        INCOMPLETE = "incomplete", _("Something is missing")
        WRONG = "wrong", _("Something is not right")
        OTHER = "other", _("It does not answer my question")

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="feedback")
    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    helpful = models.BooleanField()
    reason = models.CharField(max_length=10, choices=Reason, blank=True)
    comment = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["article", "-at"], name="feedback_of_article")]


class Picture(models.Model):
    """A picture of an article. `token`: what its address carries; `content_type` is what the bytes are, found when it came."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="pictures")
    token = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=40)
    data = models.BinaryField()
    size = models.PositiveIntegerField()
    uploaded_by = models.ForeignKey(AGENT, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()


class IndexedText(models.Model):
    """A published translation as questions find it; made by `actions.meaning`, read by `answers`.

    `entries`: [kind, language] of each vector (title, passages in order, example questions). `vectors`: 16-bit floats, row by row,
    empty without a model. `checksums`, `often`: its terms (see `answering.exact`). `made_from`: what it was made from, to see what is
    out of date.
    """

    translation = models.OneToOneField(Translation, on_delete=models.CASCADE, related_name="indexed")
    made_from = models.CharField(max_length=64)
    entries = models.JSONField()
    vectors = models.BinaryField()
    checksums = models.BinaryField()
    often = models.BinaryField()
    indexed_at = models.DateTimeField(db_index=True)
