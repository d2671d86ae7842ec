"""Who may open a view. Every view wears one of these; `staff.middleware.DefaultDeny` refuses any that does not."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from madoguchi.foundation.errors import NotAllowed

from .models import Agent
from .permissions import Permission

View = Callable[..., HttpResponseBase]


def allow(*permissions: Permission) -> Callable[[View], View]:
    """Signed-in agents whose role grants all of `permissions` (none given: any signed-in agent)."""

    def wrap(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                if request.headers.get("HX-Request"):
                    return HttpResponse(status=401)
                return redirect_to_login(request.get_full_path())
            if not all(request.user.may(permission) for permission in permissions):
                raise NotAllowed
            return view(request, *args, **kwargs)

        checked.access = permissions  # type: ignore[attr-defined]
        return checked

    return wrap


def agent_of(request: HttpRequest) -> Agent:
    """The signed-in agent; only inside views that wear `allow`."""
    return cast("Agent", request.user)


def public(view: View) -> View:
    """Open to everybody; the list of public addresses is checked by a test."""
    view.access = "public"  # type: ignore[attr-defined]
    return view
