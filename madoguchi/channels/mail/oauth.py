"""OAuth2 for mailboxes of Google and Microsoft: from the stored refresh token to an access token for IMAP and SMTP (XOAUTH2).

Access tokens live in this process's memory only. A provider that rotates the refresh token gets its new one stored.
"""

import base64
import re
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import gettext as _

from madoguchi.foundation import crypto
from madoguchi.foundation.errors import Upstream

from .. import actions
from ..models import Mailbox

SCOPES = {
    "google": "https://mail.google.com/",
    "microsoft": "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access",
}
AUTHORIZE_URLS = {
    "google": "https://accounts.google.com/o/oauth2/v2/auth",
    "microsoft": "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
}
RENEW_BEFORE = 120.0  # seconds before its end that a token is renewed
ANSWER_LIMIT = 64 * 1024
_TENANT = re.compile(r"[A-Za-z0-9.-]{1,255}")

_tokens: dict[tuple, tuple[str, float]] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Grant:
    """What a mailbox owner allowed us, as plain values."""

    mailbox_id: int | None
    provider: str
    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    tenant: str = ""

    @property
    def key(self) -> tuple:
        return (self.provider, self.client_id, crypto.fingerprint(self.refresh_token))


def grant_of(mailbox: Mailbox) -> Grant | None:
    """The mailbox's grant; None when it signs in by password."""
    if mailbox.auth == Mailbox.Auth.PASSWORD:
        return None
    return Grant(
        mailbox.pk, mailbox.auth, mailbox.oauth_client_id, crypto.decrypt(mailbox.oauth_client_secret),
        crypto.decrypt(mailbox.oauth_refresh_secret), mailbox.oauth_tenant,
    )  # fmt: skip


def xoauth2(user: str, token: str) -> str:
    """The initial client response of SASL XOAUTH2, as Google and Microsoft document it."""
    return base64.b64encode(f"user={user}\x01auth=Bearer {token}\x01\x01".encode()).decode()


def access_token(grant: Grant) -> str:
    """A token that is good for at least two minutes. Raises Upstream with the provider's reason."""
    with _lock:
        known = _tokens.get(grant.key)
    if known and known[1] > time.monotonic() + RENEW_BEFORE:
        return known[0]
    if not grant.refresh_token:
        raise Upstream(_("The mailbox is not connected to its provider yet. Connect it in the mailbox settings."), permanent=True)
    answer = _ask(grant, {"grant_type": "refresh_token", "refresh_token": grant.refresh_token, "scope": SCOPES[grant.provider]})
    token = str(answer.get("access_token", ""))
    if not token:
        raise Upstream(_refused("no access_token"), permanent=False)
    with _lock:
        _tokens[grant.key] = (token, time.monotonic() + float(answer.get("expires_in", 0) or 0))
    fresh = answer.get("refresh_token")
    if fresh and fresh != grant.refresh_token and grant.mailbox_id:
        actions.keep_refresh_token(mailbox_id=grant.mailbox_id, old=grant.refresh_token, new=str(fresh))
    return token


def forget(grant: Grant) -> None:
    """Drop a token that a server did not accept."""
    with _lock:
        _tokens.pop(grant.key, None)


def authorize_url(grant: Grant, *, redirect_uri: str, state: str) -> str:
    """Where the mailbox owner gives consent; the provider then calls `redirect_uri` with a code and our `state`."""
    query = {
        "client_id": grant.client_id, "redirect_uri": redirect_uri, "response_type": "code", "scope": SCOPES[grant.provider],
        "access_type": "offline", "prompt": "consent", "state": state,
    }  # fmt: skip
    return AUTHORIZE_URLS[grant.provider].format(tenant=_tenant(grant)) + "?" + urlencode(query)


def refresh_token_for(grant: Grant, *, code: str, redirect_uri: str) -> str:
    """Exchange the code of the consent for a refresh token. Raises Upstream."""
    answer = _ask(grant, {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri})
    if not answer.get("refresh_token"):
        raise Upstream(_refused("no refresh_token"), permanent=True)
    return str(answer["refresh_token"])


def _tenant(grant: Grant) -> str:
    tenant = grant.tenant or "common"
    if not _TENANT.fullmatch(tenant):
        raise Upstream(_refused("tenant"), permanent=True)
    return tenant


def _refused(detail: str) -> str:
    return _("The provider gave no access to the mailbox ({detail}). Connect the mailbox again in its settings.").format(detail=detail)


def _ask(grant: Grant, form: dict[str, str]) -> dict:
    import httpx  # noqa: PLC0415  only mailboxes with OAuth2 need it

    url = settings.OAUTH_TOKEN_URLS[grant.provider].format(tenant=_tenant(grant))
    data = {**form, "client_id": grant.client_id, "client_secret": grant.client_secret}
    try:
        response = httpx.post(url, data=data, timeout=settings.OAUTH_TIMEOUT.total_seconds())
        answer = response.json() if len(response.content) <= ANSWER_LIMIT else {}
    except (httpx.HTTPError, ValueError) as error:
        raise Upstream(_refused(str(error)[:200] or type(error).__name__), permanent=False) from error
    if not isinstance(answer, dict):
        answer = {}
    if response.status_code != 200:
        reason = str(answer.get("error_description") or answer.get("error") or response.status_code)
        raise Upstream(_refused(reason.splitlines()[0][:200]), permanent=answer.get("error") in {"invalid_grant", "invalid_client"})
    return answer
