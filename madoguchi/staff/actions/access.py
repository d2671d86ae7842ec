"""Ways in: sign-in links, API tokens, and the record of who came in and who was turned away."""

import json
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit, clock, crypto, jobs
from madoguchi.foundation.actor import Actor, agent_actor
from madoguchi.foundation.errors import Invalid, NotAllowed, NotFound

from ..models import Agent, ApiToken, SignInLink
from .roles import check_may_hand_out

LINK_VALID_FOR = timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT)
MAIL_VALID_FOR = timedelta(hours=1)  # a sign-in mail that comes later only puzzles
NOBODY = Actor("system", None, "")


def create_sign_in_link(*, agent: Agent) -> str:
    """The address of a page that signs the agent in once, within 15 minutes."""
    token = crypto.token()
    SignInLink.objects.create(agent=agent, token_digest=crypto.fingerprint(token), expires_at=clock.now() + LINK_VALID_FOR)
    return f"{settings.BASE_URL}/accounts/login/link/{token}/"


def use_sign_in_link(*, link: SignInLink) -> None:
    """Use the link up. Raises NotFound when it was used in the meantime."""
    if not SignInLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=clock.now()).update(used_at=clock.now()):
        raise NotFound


def send_later(*, to: str, subject: str, body: str, valid_for: timedelta = MAIL_VALID_FOR) -> None:
    """Mail one of our people, now; encrypted while it waits, since most of these hold links and codes. Dropped after `valid_for`."""
    content = json.dumps({"to": to, "subject": subject, "body": body})
    jobs.enqueue("staff.send_mail", content=crypto.encrypt(content), until=(clock.now() + valid_for).isoformat())


def prune() -> None:
    """Forget links and notes of sessions that can no longer be used."""
    from allauth.usersessions.models import UserSession  # noqa: PLC0415  a model of a library; loaded when used

    now = clock.now()
    SignInLink.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()
    UserSession.objects.filter(last_seen_at__lt=now - timedelta(seconds=2 * settings.SESSION_COOKIE_AGE)).delete()


def record_sign_in(*, agent: Agent, methods: list[str]) -> None:
    """Somebody came in; `methods` names how (password, code, mfa, openid_connect)."""
    audit.record("staff.sign_in", by=agent_actor(agent), subject=f"agent:{agent.pk}", detail={"methods": methods})


def record_refused_sign_in(*, email: str, reason: str) -> None:
    """Somebody was turned away; the address is what they typed, the password never gets here."""
    audit.record("staff.sign_in_refused", by=NOBODY, detail={"email": email[:254], "reason": reason})


def record_security_change(*, agent: Agent, what: str) -> None:
    """The agent changed how they sign in (password, authenticator, passkey, recovery codes)."""
    audit.record("staff.change_sign_in", by=agent_actor(agent), subject=f"agent:{agent.pk}", detail={"what": what})


@transaction.atomic
def create_token(*, agent: Agent, name: str, by: Actor, expires_at: datetime | None = None) -> str:
    """Make an API token for the agent; the returned secret is shown once and never stored."""
    if not agent.is_active or agent.role is None:
        raise NotAllowed
    check_may_hand_out(agent.role, by=by)  # a token acts as its agent
    if expires_at is not None and expires_at <= clock.now():
        raise Invalid(fields={"expires_at": _("Choose a day in the future")})
    secret = f"mdg_{crypto.token()}"
    token = ApiToken.objects.create(
        agent=agent, name=name, digest=crypto.fingerprint(secret), created_at=clock.now(), expires_at=expires_at
    )
    audit.record("staff.create_token", by=by, subject=f"token:{token.pk}", detail={"agent": agent.email, "name": name})
    return secret


@transaction.atomic
def revoke_token(*, token: ApiToken, by: Actor) -> None:
    """The token stops working at once."""
    audit.record("staff.revoke_token", by=by, subject=f"token:{token.pk}", detail={"agent": token.agent.email, "name": token.name})
    token.delete()


def touch_token(*, token_id: int) -> None:
    """Remember that a token was used just now."""
    ApiToken.objects.filter(pk=token_id).update(last_used_at=clock.now())
