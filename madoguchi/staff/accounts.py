"""How allauth meets our house: nobody signs up by themselves, every way in is counted and written into the audit log."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.shortcuts import render
from django.utils import translation

from madoguchi.foundation import clock, crypto, ratelimit
from madoguchi.foundation.actor import agent_actor

from . import actions
from .models import Agent

WINDOW = 900  # seconds over which attempts are counted
ADDRESSES_PER_CLIENT = 5  # one client may try this many times as often as one address allows (an office shares an address)


class Backend(AuthenticationBackend):
    """allauth's backend; the role comes with the agent, since every page asks for it."""

    def get_user(self, user_id: int) -> Agent | None:
        agent = Agent.objects.select_related("role").filter(pk=user_id).first()
        return agent if agent is not None and agent.is_active else None


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Agents come by invitation only."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The server has already looked behind the trusted proxies."""
        return request.META.get("REMOTE_ADDR") or "unknown"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count before the password is looked at, so that parallel guesses count too. Raises TooMany."""
        allowed = settings.LOGIN_ATTEMPTS_PER_ADDRESS
        ratelimit.hit(f"login:ip:{self.get_client_ip(request)}", limit=allowed * ADDRESSES_PER_CLIENT, seconds=WINDOW)
        ratelimit.hit(_address_key(credentials), limit=allowed, seconds=WINDOW)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Agent | None:
        agent = super().authenticate(request, **credentials)
        if agent is not None:
            ratelimit.forget(_address_key(credentials))
        return agent

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:  # noqa: ARG002
        actions.record_refused_sign_in(email=str(credentials.get("email", "")), reason="password")

    def login(self, request: HttpRequest, user: Agent) -> None:
        methods = [str(record["method"]) for record in get_authentication_records(request, user)]
        super().login(request, user)
        actions.record_sign_in(agent=user, methods=methods)

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """Only what went wrong is said; what went well shows by itself."""
        if level >= messages.ERROR:
            super().add_message(request, level, *args, **kwargs)

    def format_email_subject(self, subject: str) -> str:
        return subject

    def render_mail(self, template_prefix: str, email: Any, context: dict[str, Any], headers: Any = None) -> EmailMessage:
        """In the reader's language; a sign-in code comes with a link that does the same in one step."""
        agent = Agent.objects.filter(email=str(email).lower(), is_active=True).first()
        if template_prefix == "account/email/login_code" and agent is not None:
            context = {**context, "link": actions.create_sign_in_link(agent=agent)}
        with translation.override(agent.language if agent else translation.get_language()):
            return super().render_mail(template_prefix, email, {**context, "agent": agent}, headers)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Written now, sent by the worker: how long the page takes, and whether mail works, tells nobody who is an agent."""
        message = self.render_mail(template_prefix, email, {"request": self.request, "email": email, **context})
        actions.send_later(to=email, subject=str(message.subject), body=str(message.body))

    def send_notification_mail(
        self, template_prefix: str, user: Agent, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Whoever changes how they sign in hears of it by mail, and the audit log too."""
        what = template_prefix.rsplit("/", 1)[-1]
        actions.record_security_change(agent=user, what=what)
        if what.startswith("password"):
            actions.end_sessions(agent=user, by=agent_actor(user), keep=self.request.session.session_key)
        self.send_mail("account/email/security_changed", email or user.email, {**(context or {}), "what": what, "at": clock.now()})


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """The company's account signs in the active agent with the same address, when the company vouches for the address."""
        if sociallogin.is_existing:
            return
        verified = [address.email.lower() for address in sociallogin.email_addresses if address.verified]
        agent = Agent.objects.filter(email__in=verified, is_active=True).first() if verified else None
        if agent is None:
            shown = ", ".join(address.email for address in sociallogin.email_addresses)
            actions.record_refused_sign_in(email=shown, reason="company account without an agent")
            raise ImmediateHttpResponse(render(request, "socialaccount/no_agent.html", {"address": shown}, status=403))
        sociallogin.connect(request, agent)


class MfaAdapter(DefaultMFAAdapter):
    """Authenticator secrets lie encrypted in the database."""

    def encrypt(self, text: str) -> str:
        return crypto.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.decrypt(encrypted_text)


def _address_key(credentials: dict[str, Any]) -> str:
    return f"login:address:{str(credentials.get('email', '')).strip().lower()}"
