"""Writes about our people."""

from datetime import datetime

from django.db import transaction

from madoguchi.foundation import audit, clock, crypto
from madoguchi.foundation.actor import SYSTEM, Actor
from madoguchi.foundation.errors import Conflict

from . import permissions
from .models import Agent, ApiToken, Notice, Role
from .permissions import Scope

BUILTIN_ROLES = {
    "Administrator": (permissions.ADMINISTRATOR, Scope.ALL),
    "Supervisor": (permissions.SUPERVISOR, Scope.ALL),
    "Agent": (permissions.AGENT, Scope.TEAMS),
    "Observer": (permissions.OBSERVER, Scope.TEAMS),
}


def ensure_roles() -> dict[str, Role]:
    """The four roles that every installation begins with, by name."""
    return {
        name: Role.objects.get_or_create(name=name, defaults={"permissions": list(granted), "scope": scope, "is_builtin": True})[0]
        for name, (granted, scope) in BUILTIN_ROLES.items()
    }


@transaction.atomic
def create_administrator(*, email: str, name: str, password: str, language: str, time_zone: str) -> Agent:
    """The first administrator of an installation. Raises Conflict when the address is taken."""
    role = ensure_roles()["Administrator"]
    if Agent.objects.filter(email=email.lower()).exists():
        message = f"{email} already has an account"
        raise Conflict(message)
    agent = Agent.objects.create_user(email, password, name=name, role=role, language=language, time_zone=time_zone)
    audit.record("staff.create", by=SYSTEM, subject=f"agent:{agent.pk}", detail={"email": agent.email, "role": role.name})
    return agent


@transaction.atomic
def create_token(*, agent: Agent, name: str, by: Actor, expires_at: datetime | None = None) -> str:
    """Make an API token for the agent; the returned secret is shown once and never stored."""
    secret = f"mdg_{crypto.token()}"
    token = ApiToken.objects.create(
        agent=agent, name=name, digest=crypto.fingerprint(secret), created_at=clock.now(), expires_at=expires_at
    )
    audit.record("staff.create_token", by=by, subject=f"token:{token.pk}", detail={"agent": agent.email, "name": name})
    return secret


def notify(*, agent_ids: list[int], kind: str, ticket_id: int | None = None, key: str = "", **params: object) -> None:
    """Tell agents something, once per `key` and agent when a key is given; shown in the page and mailed in the digest."""
    now = clock.now()
    Notice.objects.bulk_create(
        [
            Notice(
                agent_id=agent_id, kind=kind, ticket_id=ticket_id, params=params, created_at=now,
                key=f"{key}:{agent_id}" if key else None,
            )
            for agent_id in dict.fromkeys(agent_ids)
        ],
        ignore_conflicts=True,
    )  # fmt: skip
