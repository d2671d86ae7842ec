"""Where messages come in and go out: mailboxes as data, and the raw envelope of everything that ever arrived."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Mailbox(models.Model):
    """A mail address under which we answer, with how its mail comes in and goes out.

    Secrets (`*_secret`, `dkim_key`) hold ciphertext of foundation.crypto.
    """

    class Incoming(models.TextChoices):
        IMAP = "imap", _("Fetch by IMAP")
        DIRECT = "direct", _("Received by our own SMTP port or a pipe")

    class Auth(models.TextChoices):
        PASSWORD = "password", _("Password")
        GOOGLE = "google", _("Google (OAuth2)")
        MICROSOFT = "microsoft", _("Microsoft 365 (OAuth2)")

    class Security(models.TextChoices):
        TLS = "tls", _("TLS")
        STARTTLS = "starttls", _("STARTTLS")
        NONE = "none", _("None (only inside a trusted network)")

    name = models.CharField(max_length=120)
    address = models.EmailField(unique=True)
    aliases = models.JSONField(default=list, blank=True)
    brand = models.ForeignKey("workplace.Brand", null=True, blank=True, on_delete=models.SET_NULL)
    team = models.ForeignKey("staff.Team", null=True, blank=True, on_delete=models.SET_NULL)
    language = models.CharField(max_length=10, blank=True, choices=settings.LANGUAGES)
    is_active = models.BooleanField(default=True)
    is_default = models.BooleanField(default=False)

    incoming = models.CharField(max_length=10, choices=Incoming, default=Incoming.DIRECT)
    auth = models.CharField(max_length=12, choices=Auth, default=Auth.PASSWORD)
    imap_host = models.CharField(max_length=255, blank=True)
    imap_port = models.IntegerField(default=993)
    imap_security = models.CharField(max_length=10, choices=Security, default=Security.TLS)
    imap_user = models.CharField(max_length=255, blank=True)
    imap_secret = models.TextField(blank=True)
    imap_folder = models.CharField(max_length=255, default="INBOX")
    imap_move_to = models.CharField(max_length=255, blank=True)
    imap_uidvalidity = models.BigIntegerField(null=True)
    imap_last_uid = models.BigIntegerField(default=0)
    imap_checked_at = models.DateTimeField(null=True)
    imap_error = models.TextField(blank=True)

    smtp_host = models.CharField(max_length=255, blank=True)
    smtp_port = models.IntegerField(default=587)
    smtp_security = models.CharField(max_length=10, choices=Security, default=Security.STARTTLS)
    smtp_user = models.CharField(max_length=255, blank=True)
    smtp_secret = models.TextField(blank=True)

    oauth_client_id = models.CharField(max_length=255, blank=True)
    oauth_client_secret = models.TextField(blank=True)
    oauth_refresh_secret = models.TextField(blank=True)
    oauth_tenant = models.CharField(max_length=255, blank=True)

    plus_addresses = models.BooleanField(default=False)  # mail to name+anything@ reaches this mailbox

    dkim_selector = models.CharField(max_length=63, blank=True)
    dkim_key = models.TextField(blank=True)
    trusted_authserv = models.CharField(max_length=255, blank=True)
    acknowledge = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>"


class Envelope(models.Model):
    """One arrival, raw, stored before anything looks inside. `stage` makes every phase restartable.

    `source`, `client_address`, `helo` and `sender` (MAIL FROM) say how it came; `smtp` alone came to our own port from anybody.
    `provider_id` is the transport's own id (`imap:<uidvalidity>:<uid>`), unique per mailbox when there is one.
    `fingerprint` is the content without trace headers: the same content is kept once.
    """

    class Stage(models.TextChoices):
        RECEIVED = "received", _("Received")
        KEPT = "kept", _("Kept")
        DUPLICATE = "duplicate", _("Duplicate")
        LOOP = "loop", _("Mail loop")
        BOUNCE = "bounce", _("Bounce")
        QUARANTINED = "quarantined", _("Quarantine")
        DISCARDED = "discarded", _("Discarded")

    channel = models.CharField(max_length=20, default="mail")
    mailbox = models.ForeignKey(Mailbox, null=True, on_delete=models.SET_NULL, related_name="envelopes")
    source = models.CharField(max_length=10)
    provider_id = models.CharField(max_length=200, null=True)
    sender = models.CharField(max_length=320, blank=True)
    recipients = models.JSONField(default=list)
    client_address = models.CharField(max_length=64, blank=True)
    helo = models.CharField(max_length=255, blank=True)
    raw = models.BinaryField()
    size = models.IntegerField()
    received_at = models.DateTimeField()
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.RECEIVED)
    attempts = models.SmallIntegerField(default=0)
    reason = models.TextField(blank=True)
    message_id = models.CharField(max_length=998, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    auth = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "provider_id"], name="envelope_provider_once")]
        indexes = [
            models.Index(fields=["stage", "id"], name="envelope_stage"),
            models.Index(fields=["fingerprint"], name="envelope_fingerprint"),
        ]
