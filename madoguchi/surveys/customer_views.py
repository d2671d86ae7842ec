"""The customer's pages: to rate, to add a comment, to hear no more of it. No account; the token in the address opens one survey.

Opening a page changes nothing, because mail scanners open every link: the script of the page sends the score, or a press of its button.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madoguchi.design import formats
from madoguchi.foundation import ratelimit
from madoguchi.foundation.errors import Conflict, Invalid, NotFound
from madoguchi.knowledge.frame import frame
from madoguchi.staff.access import public

from . import actions, queries, scales, texts
from .models import Survey

POSTS_AN_HOUR = 60  # from one network address; a whole office may share one
GONE = 410
LANGUAGES = dict(settings.LANGUAGES)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def rate(request: HttpRequest, token: str, score: int | None = None) -> HttpResponse:
    """The scale with the score of the link chosen; after sending also a field for a comment."""
    survey = queries.survey_of_token(token)
    language = _language(request, survey)
    if score is not None and score not in scales.scores(survey.kind):
        raise NotFound
    with formats.spoken_to(language, survey.ticket.customer.time_zone):
        if not queries.is_open(survey):
            return _page(request, "closed", survey, language, status=GONE)
        if request.method != "POST":
            return _page(request, "rate", survey, language, chosen=survey.score if score is None else score, sends=score is not None)
        ratelimit.hit(f"rate:{request.META.get('REMOTE_ADDR', '')}", limit=POSTS_AN_HOUR, seconds=3600)
        if request.user.is_authenticated:
            raise Conflict(_("You are signed in as a colleague. Only the customer can rate."))
        actions.answer(survey_id=survey.pk, score=_number(request.POST.get("score", "")), comment=request.POST.get("comment"))
    return redirect(f"{reverse('surveys:rate', args=[token])}?language={language}")


@public
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """No more surveys; the link does not grow old."""
    survey = queries.survey_of_token(token)
    language = _language(request, survey)
    with formats.spoken_to(language):
        if request.method == "POST":
            ratelimit.hit(f"rate:{request.META.get('REMOTE_ADDR', '')}", limit=POSTS_AN_HOUR, seconds=3600)
            actions.stop(survey=survey)
        return _page(request, "stop", survey, language, done=request.method == "POST")


def _number(typed: str) -> int:
    if len(typed) > 2 or not typed.isascii() or not typed.isdecimal():  # noqa: PLR2004  10 is the highest of all
        raise Invalid(_("Choose one of the scores."))
    return int(typed)


def _language(request: HttpRequest, survey: Survey) -> str:
    asked = request.GET.get("language", "")
    return asked if asked in LANGUAGES else survey.language or "en"


def _page(request: HttpRequest, template: str, survey: Survey, language: str, *, status: int = 200, **more: object) -> HttpResponse:
    low, high = texts.ENDS[language][survey.kind]
    context = frame(language, survey.ticket.brand) | {
        "switch": {code: f"?language={code}" for code in LANGUAGES}, "survey": survey, "token": queries.token(survey.pk),
        "question": texts.QUESTIONS[language][survey.kind], "low": low, "high": high, "scores": scales.scores(survey.kind), **more,
    }  # fmt: skip
    response = render(request, f"surveys/{template}.html", context, status=status)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "same-origin"  # the token is no other site's business; the form's check needs the origin
    return response
