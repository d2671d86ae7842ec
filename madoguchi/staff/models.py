"""Our people: agents (the user model), teams, roles, skills, invitations, tokens, notices."""

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from .permissions import ADMINISTRATOR, BUILTIN_NAMES, Permission, Scope


class Role(models.Model):
    """A named set of permissions and the range of tickets they apply to."""

    name = models.CharField(max_length=100, unique=True)
    permissions = models.JSONField(default=list)
    scope = models.CharField(max_length=10, choices=Scope, default=Scope.ALL)
    is_builtin = models.BooleanField(default=False)
    require_mfa = models.BooleanField(default=False)

    @property
    def label(self) -> str:
        """The name as people read it: built-in roles have a name in every language."""
        return str(BUILTIN_NAMES.get(self.name, self.name)) if self.is_builtin else self.name

    @property
    def is_administrator(self) -> bool:
        return self.is_builtin and self.name == "Administrator"

    @property
    def granted(self) -> list[str]:
        """What the role allows. The administrator's role allows everything, also what a later version adds."""
        return ADMINISTRATOR if self.is_administrator else self.permissions


class Team(models.Model):
    name = models.CharField(max_length=100, unique=True)
    lead = models.ForeignKey("staff.Agent", null=True, blank=True, on_delete=models.SET_NULL, related_name="leads")
    calendar = models.ForeignKey("workplace.Calendar", null=True, blank=True, on_delete=models.SET_NULL)


class Skill(models.Model):
    name = models.CharField(max_length=100, unique=True)


class AgentManager(BaseUserManager["Agent"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "Agent":
        agent = self.model(email=self.normalize_email(email).lower(), **fields)
        agent.set_password(password)
        agent.save(using=self._db)
        return agent

    def get_by_natural_key(self, username: str | None) -> "Agent":
        return self.get(email=(username or "").lower())


class Presence(models.TextChoices):
    AVAILABLE = "available", _("Available")
    AWAY = "away", _("Away")
    WRAP_UP = "wrap_up", _("Wrap-up")
    OFFLINE = "offline", _("Offline")


class Agent(AbstractBaseUser):
    """A member of staff who signs in. An inactive agent keeps their history and cannot sign in."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150)
    role = models.ForeignKey(Role, null=True, on_delete=models.PROTECT, related_name="agents")
    teams = models.ManyToManyField(Team, related_name="agents", blank=True)
    skills = models.ManyToManyField(Skill, related_name="agents", blank=True)
    languages = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=10, default="en", choices=settings.LANGUAGES)
    time_zone = models.CharField(max_length=60, default="UTC")
    theme = models.CharField(max_length=10, default="system")
    density = models.CharField(max_length=12, default="comfortable")
    signature = models.TextField(blank=True)
    capacity = models.SmallIntegerField(default=12)
    presence = models.CharField(max_length=10, choices=Presence, default=Presence.OFFLINE)
    presence_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    digest_minutes = models.SmallIntegerField(default=60)  # how long a notice stays unread before it is mailed; 0 never, 1440 every morning
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AgentManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    def __str__(self) -> str:
        return self.name or self.email

    def may(self, permission: Permission | str) -> bool:
        """Whether the agent's role grants `permission`; an inactive agent may nothing."""
        return bool(self.is_active and self.role_id and str(permission) in self.role.granted)


class Invitation(models.Model):
    """An expiring invitation by mail; the token is random and stored as its digest only."""

    email = models.EmailField()
    name = models.CharField(max_length=150, blank=True)
    language = models.CharField(max_length=10, default="en", choices=settings.LANGUAGES)
    role = models.ForeignKey(Role, on_delete=models.CASCADE)
    teams = models.ManyToManyField(Team, blank=True)
    invited_by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL)
    token_digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)


class SignInLink(models.Model):
    """A mail link that signs in once; opening it changes nothing, only its button does, so mail scanners cannot use it up."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    token_digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class ApiToken(models.Model):
    """A bearer token; acts with the permissions of its agent. Only a digest is stored."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)


class Notice(models.Model):
    """Something one agent should know: a mention, an assignment, a deadline. Shown in the page, mailed in the digest."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40)
    ticket_id = models.BigIntegerField(null=True)
    params = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=100, blank=True)  # the attempt at a digest that has it, while `mailed_at` is empty
    key = models.CharField(max_length=160, null=True, unique=True)

    class Meta:
        indexes = [models.Index(fields=["agent", "-id"], name="notice_unread", condition=models.Q(read_at=None))]
