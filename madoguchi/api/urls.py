"""/api/v1/: REST in the token's name. `openapi.json` describes it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import re_path
from django.views.decorators.csrf import csrf_exempt

from madoguchi.staff.access import public

from . import articles, people, tickets, webhooks
from .door import door, problem

door.add_router("", tickets.router)
door.add_router("", people.router)
door.add_router("", webhooks.router)
door.add_router("", articles.router)


@csrf_exempt
@public
def nowhere(request: HttpRequest, rest: str) -> HttpResponse:  # noqa: ARG001
    return problem(status=404, code="not_found", title="Not found", detail="There is nothing at this address; see /api/v1/openapi.json")


def told(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A wrong method is a problem too."""

    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code != HttpResponseNotAllowed.status_code:
            return response
        return problem(status=405, code="method_not_allowed", title="Method not allowed", headers={"Allow": response["Allow"]})

    cast("Any", answered).access = "token"  # the door itself asks for one
    return answered


_patterns = door.urls[0]  # under the namespace that config.urls gives
for _pattern in _patterns:
    _pattern.callback = told(cast("Callable[..., HttpResponse]", _pattern.callback))
urlpatterns = [*_patterns, re_path(r"^(?P<rest>[\s\S]*)$", nowhere, name="api_nowhere")]
