"""The customer's pages: is all well, and to be asked no more. No account; the token in the address opens one follow-up.

Opening a page changes nothing, because mail scanners open every link: the script of the page sends the answer, or a press of its button.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madoguchi.design import formats
from madoguchi.foundation import ratelimit
from madoguchi.foundation.errors import Conflict
from madoguchi.knowledge.frame import frame
from madoguchi.staff.access import public

from . import actions, queries, texts
from .models import FollowUp

POSTS_AN_HOUR = 60  # from one network address; a whole office may share one
GONE = 410
LANGUAGES = dict(settings.LANGUAGES)
OUTCOMES = {"yes": FollowUp.Outcome.VERIFIED, "no": FollowUp.Outcome.REOPENED}


@public
@require_http_methods(["GET", "HEAD", "POST"])
def well(request: HttpRequest, token: str, answer: str) -> HttpResponse:
    """Yes or no, as the link in the mail says."""
    followup = queries.followup_of_token(token)
    language = _language(request, followup)
    with formats.spoken_to(language):
        if not queries.is_open(followup):
            return _page(request, "closed", followup, language, status=GONE)
        if request.method == "POST":
            ratelimit.hit(f"well:{request.META.get('REMOTE_ADDR', '')}", limit=POSTS_AN_HOUR, seconds=3600)
            if request.user.is_authenticated:
                raise Conflict(_("You are signed in as a colleague. Only the customer can answer."))
            followup = actions.settle(followup_id=followup.pk, outcome=OUTCOMES[answer], by=actions.VISITOR)
        return _page(
            request, "well", followup, language, answer=answer, token=token, said=(texts.YES if answer == "yes" else texts.NO)[language],
            done=followup.outcome if request.method == "POST" else "",
        )  # fmt: skip


@public
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """To be asked no more; the link does not grow old."""
    followup = queries.followup_of_token(token)
    language = _language(request, followup)
    with formats.spoken_to(language):
        if request.method == "POST":
            ratelimit.hit(f"well:{request.META.get('REMOTE_ADDR', '')}", limit=POSTS_AN_HOUR, seconds=3600)
            actions.stop(followup=followup)
        return _page(request, "stop", followup, language, done=request.method == "POST", token=token)


def _language(request: HttpRequest, followup: FollowUp) -> str:
    asked, ticket = request.GET.get("language", ""), followup.ticket
    return asked if asked in LANGUAGES else formats.language_of(ticket.language or ticket.customer.language or "en")


def _page(request: HttpRequest, template: str, followup: FollowUp, language: str, *, status: int = 200, **more: object) -> HttpResponse:
    context = frame(language, followup.ticket.brand) | {
        "switch": {code: f"?language={code}" for code in LANGUAGES}, "number": followup.ticket_id, **more,
    }  # fmt: skip
    response = render(request, f"followups/{template}.html", context, status=status)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "same-origin"  # the token is no other site's business; the form's check needs the origin
    return response
