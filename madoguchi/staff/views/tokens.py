"""Settings: access tokens for the API. A token's secret is shown once, when it is made."""

from datetime import datetime, time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from madoguchi.design.settings_pages import confirm, edit
from madoguchi.foundation.actor import agent_actor

from .. import actions, queries
from ..access import allow
from ..forms import TokenForm
from ..models import ApiToken
from ..permissions import Permission


def _above() -> dict[str, str]:
    return {"crumb": _("Access tokens"), "crumb_url": reverse("staff:tokens")}


@allow(Permission.MANAGE_API)
def tokens(request: HttpRequest) -> HttpResponse:
    return render(request, "staff/tokens.html", {"title": _("Access tokens"), "tokens": queries.tokens()})


@allow(Permission.MANAGE_API)
@never_cache
def create_token(request: HttpRequest) -> HttpResponse:
    form = TokenForm(request.POST or None, initial={"agent": request.user})

    def act(clean: dict[str, Any]) -> str:
        day = clean["expires_on"]
        until = timezone.make_aware(datetime.combine(day, time.max)) if day else None
        return actions.create_token(agent=clean["agent"], name=clean["name"], expires_at=until, by=agent_actor(request.user))

    def done(secret: str) -> HttpResponse:
        return render(request, "staff/token_made.html", {"title": _("Access token made"), "secret": secret, **_above()})

    return edit(request, form, act=act, done=done, title=_("New access token"), verb=_("Make the token"), **_above())


@allow(Permission.MANAGE_API)
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(ApiToken.objects.select_related("agent"), pk=pk)
    return confirm(
        request, act=lambda: actions.revoke_token(token=row, by=agent_actor(request.user)), done=reverse("staff:tokens"),
        title=_("Revoke %(name)s") % {"name": row.name}, verb=_("Revoke %(name)s") % {"name": row.name},
        text=_("Whatever uses this token is refused at once. This cannot be undone."), **_above(),
    )  # fmt: skip
