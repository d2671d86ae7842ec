"""Appeals: the customer's page, and the decision."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madoguchi.design import formats
from madoguchi.design.settings_pages import edit
from madoguchi.foundation import ratelimit
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import MadoguchiError
from madoguchi.staff.access import agent_of, allow, public
from madoguchi.staff.permissions import Permission
from madoguchi.workplace.queries import workplace

from .. import actions, queries
from ..forms import AppealForm, DecideForm
from ..models import Appeal

A_DAY = 20  # appeals and tries from one address


@public
@require_http_methods(["GET", "POST"])
def appeal(request: HttpRequest, token: str) -> HttpResponse:
    """The customer asks for a review, without an account, in the language of the notice."""
    measure = queries.measure_of_token(token)
    form = AppealForm(request.POST or None)
    chosen = queries.choices()
    sent, error = None, None
    with formats.spoken_to(measure.language or "en", measure.customer.time_zone):
        if request.method == "POST" and form.is_valid():
            ratelimit.hit(f"appeal:{request.META.get('REMOTE_ADDR', '')}", limit=A_DAY, seconds=86400)
            try:
                sent = actions.appeal(measure=measure, text=form.cleaned_data["text"])
            except MadoguchiError as problem:
                error = problem
        company = workplace()
        context = {
            "measure": measure, "form": form, "sent": sent, "error": error, "company": company.name if company else "",
            "open": measure.appeals.filter(state=Appeal.State.OPEN).first(), "may": queries.may_appeal(measure, chosen),
        }  # fmt: skip
        status = error.status if error else 422 if form.errors else 200
        response = render(request, "protection/appeal.html", context, status=status)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "same-origin"  # the token goes to nobody else; without any, browsers send no Origin with the form
    return response


@allow(Permission.PROTECTION_DECIDE)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide about an appeal; whoever took the step cannot."""
    agent = agent_of(request)
    row = get_object_or_404(queries.appeals_visible_to(agent), pk=pk)
    return edit(
        request, DecideForm(request.POST or None),
        act=lambda clean: actions.decide_appeal(appeal_id=row.pk, by=agent_actor(agent), **clean), done=reverse("protection:measures"),
        title=_("Appeal"), area="protection", crumb=_("Warnings and restrictions"), crumb_url=reverse("protection:measures"),
        verb=_("Decide and answer"), aside="protection/_appeal_aside.html", appeal=row,
    )  # fmt: skip
