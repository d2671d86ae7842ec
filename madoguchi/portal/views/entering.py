"""Signing in and out of the portal."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from madoguchi.foundation.errors import NotFound

from .. import actions
from ..actions.entering import SESSION_VALID
from ..forms import AddressForm
from ..models import Session
from .door import forget_session, keep_session, opened, render


@opened(signed_in=False)
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for a link. The answer is the same for every address."""
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.ask_for_link(address=form.cleaned_data["address"], language=translation.get_language() or "en")
        return HttpResponseRedirect(reverse("my_sign_in") + "?sent=1")
    return render(request, "sign_in", form=form, sent=request.GET.get("sent") == "1", status=422 if form.is_bound else 200)


@opened(signed_in=False)
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link only asks; programs that look at every link in a mail would use it up."""
    if request.method != "POST":
        return render(request, "enter")
    try:
        _session, secret = actions.redeem(token=token)
    except NotFound:
        return render(
            request, "sign_in", form=AddressForm(), trouble=_("This link was used before or is too old. Ask for a new one."), status=404
        )
    response = HttpResponseRedirect(reverse("my"))
    keep_session(response, secret, seconds=int(SESSION_VALID.total_seconds()))
    return response


@opened(signed_in=True)
def sign_out(request: HttpRequest, session: Session) -> HttpResponse:
    response = HttpResponseRedirect(reverse("my_sign_in"))
    if request.method == "POST":
        actions.end_session(session=session)
        forget_session(response)
    return response
