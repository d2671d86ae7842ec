"""Settings: the audit log, to be read, filtered and proved."""

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from madoguchi.foundation import audit
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.models import AuditEntry
from madoguchi.staff.access import allow
from madoguchi.staff.permissions import Permission

PAGE = 50


@allow(Permission.AUDIT_READ)
def entries(request: HttpRequest) -> HttpResponse:
    """Newest first; `before` is the id to go on from, so that paging costs the same on every page."""
    wanted = {name: request.GET.get(name, "").strip() for name in ("action", "who", "subject")}
    rows = AuditEntry.objects.order_by("-id")
    if wanted["action"]:
        rows = rows.filter(action__startswith=wanted["action"])
    if wanted["who"]:
        rows = rows.filter(actor_name__icontains=wanted["who"])
    if wanted["subject"]:
        rows = rows.filter(subject=wanted["subject"])
    if request.GET.get("before", "").isdigit():
        rows = rows.filter(id__lt=int(request.GET["before"][:18]))
    found = list(rows[: PAGE + 1])
    query = request.GET.copy()
    if len(found) > PAGE:
        query["before"] = str(found[PAGE - 1].pk)
    page = {
        "title": _("Audit log"), "entries": [_shown(entry) for entry in found[:PAGE]], "wanted": wanted,
        "next_url": f"?{query.urlencode()}" if len(found) > PAGE else "",
    }  # fmt: skip
    return render(request, "console/administration/audit.html", page)


def _shown(entry: AuditEntry) -> dict[str, object]:
    """An entry with its details as (name, old, new); old is None where there was only one value."""
    details = [  # [old, new], or what there was
        (name, *map(_plain, value)) if isinstance(value, list) and len(value) == 2 else (name, None, _plain(value))  # noqa: PLR2004
        for name, value in entry.detail.items()
    ]
    return {"entry": entry, "details": details}


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@allow(Permission.AUDIT_READ)
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Walk the chain and say whether it is whole."""
    verdict = audit.verify()
    if verdict.ok:
        messages.success(request, _("The chain is whole: %(n)s entries checked") % {"n": verdict.entries})
    else:
        messages.error(request, _("The chain is broken at entry %(id)s. Somebody changed or removed entries") % {"id": verdict.broken_at})
    audit.record("audit.verify", by=agent_actor(request.user), detail={"entries": verdict.entries, "broken_at": verdict.broken_at})
    return redirect("audit")
