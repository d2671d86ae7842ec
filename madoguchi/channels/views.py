"""Settings: mailboxes, their connection test, their DKIM key, their connection to Google or Microsoft."""

from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from madoguchi.design.settings_pages import confirm, edit
from madoguchi.foundation import crypto
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import Invalid, MadoguchiError, NotAllowed
from madoguchi.staff.access import allow
from madoguchi.staff.permissions import Permission

from . import actions
from .actions.mailboxes import PLAIN
from .forms import MailboxForm
from .mail.connection_test import connection_test
from .mail.dkim_record import published, record_of
from .mail.oauth import authorize_url, grant_of, refresh_token_for
from .models import Mailbox

STATE_SECONDS = 900


def _above() -> dict[str, str]:
    return {"crumb": _("Mailboxes"), "crumb_url": reverse("channels:mailboxes")}


def _box(pk: int) -> Mailbox:
    return get_object_or_404(Mailbox.objects.select_related("brand", "team"), pk=pk)


@allow(Permission.MANAGE_MAILBOXES)
def mailboxes(request: HttpRequest) -> HttpResponse:
    rows = Mailbox.objects.select_related("brand", "team").order_by("-is_active", "-is_default", "name")
    return render(request, "channels/mailboxes.html", {"title": _("Mailboxes"), "mailboxes": rows})


@allow(Permission.MANAGE_MAILBOXES)
def mailbox(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    row = _box(pk) if pk else None
    shown = row or Mailbox(is_active=True)
    initial = {name: getattr(shown, name) for name in PLAIN}
    form = MailboxForm(request.POST or None, initial=initial | {"aliases": "\n".join(shown.aliases)})

    def act(_clean: dict[str, Any]) -> Mailbox:
        fields, secrets = form.values()
        return actions.save_mailbox(mailbox=row, by=agent_actor(request.user), secrets=secrets, **fields)

    page: dict[str, Any] = {"title": row.name if row else _("New mailbox"), "mailbox": row, **_above()}
    if row:
        page |= {
            "below": "channels/_mailbox_more.html", "danger_url": reverse("channels:delete_mailbox", args=[row.pk]),
            "danger_title": _("Delete the mailbox"), "danger_text": _("Its tickets and mails stay."),
            "danger_verb": _("Delete the mailbox …"),
        }  # fmt: skip
    return edit(request, form, act=act, done=lambda saved: redirect("channels:test", pk=saved.pk), **page)


@allow(Permission.MANAGE_MAILBOXES)
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Try the mailbox out: GET offers it, POST does it, since it takes some seconds and speaks to other machines."""
    row = _box(pk)
    steps = connection_test(row) if request.method == "POST" else None
    page = {"title": _("Connection of %(name)s") % {"name": row.name}, "mailbox": row, "steps": steps, **_above()}
    return render(request, "channels/connection_test.html", page)


@allow(Permission.MANAGE_MAILBOXES)
def dkim(request: HttpRequest, pk: int) -> HttpResponse:
    """The record to publish; POST makes a new key."""
    row = _box(pk)
    if request.method == "POST":
        actions.make_dkim_key(mailbox=row, by=agent_actor(request.user))
        return redirect("channels:dkim", pk=pk)
    record = record_of(row)
    page = {
        "title": _("Signature of %(name)s") % {"name": row.name}, "mailbox": row, "record": record,
        "published": published(record) if record and "check" in request.GET else "unasked", **_above(),
    }  # fmt: skip
    return render(request, "channels/dkim.html", page)


@allow(Permission.MANAGE_MAILBOXES)
def remove_dkim(request: HttpRequest, pk: int) -> HttpResponse:
    row = _box(pk)
    return confirm(
        request, act=lambda: actions.remove_dkim_key(mailbox=row, by=agent_actor(request.user)), done=reverse("channels:dkim", args=[pk]),
        title=_("Stop signing"), text=_("Mail from %(address)s goes out without a signature.") % {"address": row.address},
        verb=_("Stop signing"), **_above(),
    )  # fmt: skip


@allow(Permission.MANAGE_MAILBOXES)
def delete_mailbox(request: HttpRequest, pk: int) -> HttpResponse:
    row = _box(pk)
    return confirm(
        request, act=lambda: actions.delete_mailbox(mailbox=row, by=agent_actor(request.user)), done=reverse("channels:mailboxes"),
        title=_("Delete %(name)s") % {"name": row.name}, verb=_("Delete %(name)s") % {"name": row.name},
        text=_("Mail to %(address)s is no longer taken in. Tickets and mails that are here stay.") % {"address": row.address}, **_above(),
    )  # fmt: skip


def _callback() -> str:
    return settings.BASE_URL + reverse("channels:connected")


@allow(Permission.MANAGE_MAILBOXES)
@require_POST
def connect(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the way to Google or Microsoft, to allow us the mailbox. A link, since our policy lets no form lead elsewhere."""
    row = _box(pk)
    grant = grant_of(row)
    if grant is None or not grant.client_id:
        raise Invalid(_("Choose Google or Microsoft, enter the client ID and secret, and save first"))
    nonce = crypto.token(16)
    request.session["oauth_nonce"] = nonce
    state = signing.dumps({"mailbox": pk, "nonce": nonce}, salt="mailbox-oauth")
    page = {
        "title": _("Connect %(name)s") % {"name": row.name}, "mailbox": row, "provider": row.get_auth_display(),
        "address": authorize_url(grant, redirect_uri=_callback(), state=state), "callback": _callback(), **_above(),
    }  # fmt: skip
    return render(request, "channels/connect.html", page)


@allow(Permission.MANAGE_MAILBOXES)
def connected(request: HttpRequest) -> HttpResponse:
    """Back from Google or Microsoft, with a code that is worth a refresh token; `state` ties it to this session."""
    try:
        state = signing.loads(request.GET.get("state", ""), salt="mailbox-oauth", max_age=STATE_SECONDS)
    except signing.BadSignature as error:
        raise NotAllowed(_("The answer does not belong to a question of ours. Connect the mailbox once more")) from error
    if not crypto.same(str(state["nonce"]), str(request.session.pop("oauth_nonce", ""))):
        raise NotAllowed(_("The answer does not belong to a question of ours. Connect the mailbox once more"))
    row = _box(state["mailbox"])
    grant = grant_of(row)
    if grant is None or not request.GET.get("code"):
        raise Invalid(_("The mailbox was not connected. Nothing was changed"))
    try:
        token = refresh_token_for(grant, code=request.GET["code"], redirect_uri=_callback())
    except MadoguchiError as error:
        page = {"title": row.name, "mailbox": row, "error": error, **_above()}
        return render(request, "channels/connection_test.html", page, status=502)
    actions.keep_grant(mailbox=row, refresh_token=token, by=agent_actor(request.user))
    return redirect("channels:test", pk=row.pk)
