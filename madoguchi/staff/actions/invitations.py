"""Inviting a colleague: a mail with a link that is valid for a week and works once."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit, clock, crypto, jobs
from madoguchi.foundation.actor import Actor, agent_actor
from madoguchi.foundation.errors import Conflict, Invalid, NotFound

from ..models import Agent, Invitation, Role, Team
from .roles import check_may_hand_out

VALID_FOR = timedelta(days=7)


def link_of(token: str) -> str:
    return f"{settings.BASE_URL}/accounts/invitation/{token}/"


@transaction.atomic
def invite(*, email: str, name: str, role: Role, teams: list[Team], language: str, by: Actor) -> str:
    """Invite a colleague by mail; returns the link, to be shown once to the inviter in case mail does not work yet."""
    email = email.strip().lower()
    check_may_hand_out(role, by=by)
    if Agent.objects.filter(email=email).exists():
        message = _("%(email)s already has an account") % {"email": email}
        raise Conflict(message, fields={"email": message})
    Invitation.objects.filter(email=email, accepted_at=None).delete()  # a newer invitation replaces the older one
    token, now = crypto.token(), clock.now()
    invitation = Invitation.objects.create(
        email=email, name=name.strip(), role=role, language=language, invited_by_id=by.agent_id,
        token_digest=crypto.fingerprint(token), created_at=now, expires_at=now + VALID_FOR,
    )  # fmt: skip
    invitation.teams.set(teams)
    _mail(invitation, token)
    audit.record("staff.invite", by=by, subject=f"invitation:{invitation.pk}", detail={"email": email, "role": role.name})
    return link_of(token)


@transaction.atomic
def invite_again(*, invitation: Invitation, by: Actor) -> str:
    """A fresh link for an open invitation; the older link stops working."""
    check_may_hand_out(invitation.role, by=by)
    token = crypto.token()
    renewed = Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(
        token_digest=crypto.fingerprint(token), expires_at=clock.now() + VALID_FOR
    )
    if not renewed:
        raise NotFound
    _mail(invitation, token)
    audit.record("staff.invite_again", by=by, subject=f"invitation:{invitation.pk}", detail={"email": invitation.email})
    return link_of(token)


def _mail(invitation: Invitation, token: str) -> None:
    jobs.enqueue("staff.mail_invitation", invitation=invitation.pk, token=crypto.encrypt(token))


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: Actor) -> None:
    audit.record("staff.withdraw_invitation", by=by, subject=f"invitation:{invitation.pk}", detail={"email": invitation.email})
    invitation.delete()


@transaction.atomic
def accept_invitation(*, invitation: Invitation, name: str, password: str, time_zone: str) -> Agent:
    """Make the account. Raises Invalid for a weak password, NotFound when somebody was quicker with the same link."""
    agent = Agent(email=invitation.email, name=name.strip(), role=invitation.role, language=invitation.language, time_zone=time_zone)
    try:
        validate_password(password, agent)
    except ValidationError as error:
        raise Invalid(fields={"password": " ".join(error.messages)}) from error
    if not Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(accepted_at=clock.now()):
        raise NotFound
    if Agent.objects.filter(email=invitation.email).exists():
        raise Conflict(_("%(email)s already has an account") % {"email": invitation.email})
    agent.set_password(password)
    agent.save()
    agent.teams.set(invitation.teams.all())
    audit.record(
        "staff.accept_invitation", by=agent_actor(agent), subject=f"agent:{agent.pk}",
        detail={"email": agent.email, "role": invitation.role.name, "invited_by": invitation.invited_by_id},
    )  # fmt: skip
    return agent
