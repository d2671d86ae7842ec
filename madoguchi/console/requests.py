"""Reading what a form sent, and answering a script or a plain form alike."""

import json
from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from madoguchi.staff.models import Agent
from madoguchi.tickets.filters import BIGGEST_ID

MOST_NUMBERS = 200


class AgentRequest(HttpRequest):
    """A request behind `staff.access.allow`: somebody has signed in."""

    user: Agent  # type: ignore[assignment]


def numbers(values: Iterable[str]) -> list[int]:
    """Ids from form values ("5", "5,6"); what is not a number is left out; at most MOST_NUMBERS."""
    words = [word for value in values for word in str(value).split(",")]
    found = [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 20]  # noqa: PLR2004
    return [number for number in dict.fromkeys(found) if 0 < number <= BIGGEST_ID][:MOST_NUMBERS]


def is_script(request: HttpRequest) -> bool:
    return bool(request.headers.get("HX-Request"))


def back_to(request: HttpRequest, default: str = "/") -> str:
    """The page that a plain form came from, if it is ours."""
    came_from = request.headers.get("Referer", "")
    return came_from if url_has_allowed_host_and_scheme(came_from, {request.get_host()}) else default


def answer(
    request: HttpRequest, text: str = "", *, undo: str = "", undo_url: str = "/undo", event: str = "", url: str = "", **toast: object
) -> HttpResponse:
    """204 with a toast for a script; for a plain form a redirect back with the text as a message."""
    if not is_script(request):
        if text:
            messages.success(request, text)
        return HttpResponse(status=303, headers={"Location": url or back_to(request)})
    triggers: dict[str, object] = {event: {}} if event else {}
    if text:
        triggers["toast"] = {"text": text, **toast, **({"undo": undo_url, "token": undo} if undo else {})}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(triggers)} if triggers else {})
