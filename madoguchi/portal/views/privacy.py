"""A customer's settings and their own data."""

from typing import cast

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from madoguchi.customers.queries import refuses
from madoguchi.foundation import audit, ratelimit

from .. import actions
from ..actions.requests import actor_of
from ..forms import ChoicesForm
from ..models import ErasureRequest, Session
from ..queries import requests_of
from ..stored import packed
from .door import opened, render

DOWNLOADS_A_DAY = 5


@opened(signed_in=True)
def choices(request: HttpRequest, session: Session) -> HttpResponse:
    initial: dict[str, object] = {"language": session.customer.language}
    initial |= {purpose: not refuses(session.customer_id, purpose) for purpose in ("survey", "followup")}
    form = ChoicesForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        wanted = {purpose for purpose in ("survey", "followup") if form.cleaned_data[purpose]}
        actions.save_choices(session=session, language=form.cleaned_data["language"], wanted=wanted)
        return HttpResponseRedirect(reverse("my_choices") + f"?saved=1&language={form.cleaned_data['language']}")
    saved = request.GET.get("saved") == "1"
    return render(request, "choices", session, form=form, saved=saved, place="choices", status=422 if form.is_bound else 200)


@opened(signed_in=True)
def data(request: HttpRequest, session: Session) -> HttpResponse:
    asked = ErasureRequest.objects.filter(customer=session.customer).order_by("-id").first()
    return render(
        request, "data", session, place="data", person=session.customer, known_as=session.customer.identities.order_by("id"),
        count=requests_of(session.customer).count(), asked=asked, is_open=bool(asked and asked.state == ErasureRequest.State.OPEN),
    )  # fmt: skip


@opened(signed_in=True)
def download(request: HttpRequest, session: Session) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseRedirect(reverse("my_data"))
    ratelimit.hit(f"portal:download:{session.customer_id}", limit=DOWNLOADS_A_DAY, seconds=86400)
    audit.record("portal.download", by=actor_of(session), subject=f"customer:{session.customer_id}")
    answer = FileResponse(packed(session.customer), as_attachment=True, filename="my-data.zip", content_type="application/zip")
    return cast("HttpResponse", answer)


@opened(signed_in=True)
def erasure(request: HttpRequest, session: Session) -> HttpResponse:
    """Ask, or take it back."""
    if request.method == "POST" and request.POST.get("do") == "withdraw":
        actions.withdraw_erasure(session=session)
    elif request.method == "POST":
        actions.ask_for_erasure(session=session)
    return HttpResponseRedirect(reverse("my_data"))
