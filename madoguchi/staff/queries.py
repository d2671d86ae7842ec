"""Reads about our people."""

from django.db.models import Count, Min, Q, QuerySet

from madoguchi.design.formats import zone_of
from madoguchi.foundation import clock, crypto
from madoguchi.foundation.errors import NotFound

from .digests import KEPT, Waiting
from .models import Agent, ApiToken, Invitation, Notice, Role, SignInLink, Skill, Team


def agents() -> QuerySet[Agent]:
    """Everybody, the active first, with what a list shows."""
    return Agent.objects.select_related("role").prefetch_related("teams", "skills").order_by("-is_active", "name", "id")


def held_by(agent: Agent) -> list[tuple[str, int]]:
    """How many open tickets the agent has in each team ("" for none), most first. Tickets are a room above; they hang on the agent."""
    rows = agent.tickets.filter(unsolved=True).values_list("team__name").annotate(count=Count("id"))  # type: ignore[attr-defined]
    return sorted(((name or "", count) for name, count in rows), key=lambda row: (-row[1], row[0]))


def administrators() -> QuerySet[Agent]:
    """Active agents who may do everything; an installation never has fewer than one."""
    return Agent.objects.filter(is_active=True, role__is_builtin=True, role__name="Administrator")


def roles() -> QuerySet[Role]:
    return Role.objects.annotate(people=Count("agents", filter=Q(agents__is_active=True))).order_by("-is_builtin", "id")


def teams() -> QuerySet[Team]:
    return Team.objects.select_related("lead").annotate(people=Count("agents", filter=Q(agents__is_active=True))).order_by("name")


def skills() -> QuerySet[Skill]:
    return Skill.objects.annotate(people=Count("agents", filter=Q(agents__is_active=True))).order_by("name")


def tokens() -> QuerySet[ApiToken]:
    return ApiToken.objects.select_related("agent").order_by("-id")


def open_invitations() -> QuerySet[Invitation]:
    return Invitation.objects.select_related("role", "invited_by").filter(accepted_at=None).order_by("-id")


def invitation_by_token(token: str) -> Invitation:
    """The open invitation behind a mail link. Raises NotFound when it is unknown, used or too old."""
    invitation = (
        Invitation.objects.select_related("role", "invited_by")
        .filter(token_digest=crypto.fingerprint(token), accepted_at=None, expires_at__gt=clock.now())
        .first()
    )
    if invitation is None:
        raise NotFound
    return invitation


def sign_in_link(token: str) -> SignInLink:
    """The unused sign-in link behind a mail link. Raises NotFound when it is unknown, used, too old or its agent inactive."""
    link = (
        SignInLink.objects.select_related("agent", "agent__role")
        .filter(token_digest=crypto.fingerprint(token), used_at=None, expires_at__gt=clock.now(), agent__is_active=True)
        .first()
    )
    if link is None:
        raise NotFound
    return link


def needs_two_steps(agent: Agent) -> bool:
    """Whether the agent's role asks for two-step sign-in and the agent has not set it up."""
    from allauth.mfa.utils import is_mfa_enabled  # noqa: PLC0415  allauth's apps must be ready

    return bool(agent.role_id and agent.role.require_mfa and not is_mfa_enabled(agent))


def waiting_for_digest() -> list[Waiting]:
    """Agents who want mail about what they have not read and have some of it."""
    unread = Notice.objects.filter(
        read_at=None, mailed_at=None, digest="", created_at__gte=clock.now() - KEPT, agent__is_active=True, agent__digest_minutes__gt=0
    )
    rows = unread.values_list("agent_id", "agent__digest_minutes", "agent__time_zone").annotate(oldest=Min("created_at")).order_by()
    return [Waiting(agent, minutes, zone_of(zone), oldest) for agent, minutes, zone, oldest in rows]
