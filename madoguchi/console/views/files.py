"""Files, original mails and formatted mail: hostile bytes, served so that nothing in them can run."""

from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from madoguchi.foundation import audit
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import NotAllowed, NotFound
from madoguchi.protection import actions as protection
from madoguchi.protection import shield
from madoguchi.staff.access import allow
from madoguchi.staff.permissions import Permission
from madoguchi.tickets.downloads import file_of
from madoguchi.tickets.models import Message
from madoguchi.tickets.queries import message_for

from ..mailview import safe_page
from ..requests import AgentRequest

RAW_SHOWN = 400_000  # bytes of an original mail drawn in the page; the download has all of it

MAIL_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; frame-ancestors 'self'; "
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
FILE_POLICY = "default-src 'none'; img-src 'self'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def _served(data: bytes, content_type: str, name: str, *, inline: bool) -> HttpResponse:
    response = HttpResponse(data, content_type=content_type if inline else "application/octet-stream")
    kind = "inline" if inline else "attachment"
    response["Content-Disposition"] = f"{kind}; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    # a browser's own viewer of PDF does not open in a sandbox; scripts are off all the same
    response["Content-Security-Policy"] = FILE_POLICY if content_type == "application/pdf" else f"{FILE_POLICY}; sandbox"
    response["Cache-Control"] = "private, max-age=3600"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@require_GET
@allow(Permission.TICKET_VIEW)
def attachment(request: AgentRequest, attachment_id: int) -> HttpResponse:
    """A file as a download; with `inline=1` in the page, if its bytes are of a kind that a browser may show."""
    file = file_of(request.user, attachment_id)
    inline = bool(request.GET.get("inline")) and file.previewable
    return _served(file.data, file.content_type, file.name, inline=inline)


@require_GET
@allow(Permission.TICKET_VIEW)
def message_html(request: AgentRequest, message_id: int) -> HttpResponse:
    """A mail with its formatting, for a frame: sanitised, no scripts, nothing loaded from elsewhere."""
    message = message_for(request.user, message_id)
    if not message.html:
        raise NotFound
    if shield.is_shielded(request.user, message) and not shield.has_looked(request.user, message.pk):
        raise NotAllowed(_("This message is shielded. Show its original first."))
    response = HttpResponse(safe_page(message))
    response["Content-Security-Policy"] = MAIL_POLICY
    return response


@require_GET
@allow(Permission.TICKET_RAW)
def message_raw(request: AgentRequest, message_id: int) -> HttpResponse:
    """The mail as it came, as text, or with `download=1` as a file."""
    message = message_for(request.user, message_id)
    found = Message.objects.select_related("envelope").filter(pk=message.pk).first()
    if found is None or found.envelope is None:
        raise NotFound
    if shield.is_shielded(request.user, message):
        protection.look(message_id=message.pk, agent=request.user)
    verb = "download_raw" if request.GET.get("download") else "see_raw"
    audit.record(f"tickets.{verb}", by=agent_actor(request.user), subject=f"message:{message.pk}")
    raw = bytes(found.envelope.raw)
    if request.GET.get("download"):
        return _served(raw, "message/rfc822", f"message-{message.pk}.eml", inline=False)
    text = raw[:RAW_SHOWN].decode("utf-8", errors="replace")
    return render(request, "console/raw.html", {"message": message, "raw": text, "cut": len(raw) > RAW_SHOWN})
