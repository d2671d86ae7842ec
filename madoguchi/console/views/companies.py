"""Companies: the list, one company with its people and their tickets, changing, who belongs to it."""

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from madoguchi.customers import actions as customers
from madoguchi.customers.models import Company, Customer
from madoguchi.customers.queries import companies_page, company_for, customer_for, customer_known_as, find_companies
from madoguchi.design.settings_pages import confirm
from madoguchi.foundation.actor import Actor, agent_actor
from madoguchi.foundation.errors import Invalid, MadoguchiError, NotFound
from madoguchi.staff.access import allow
from madoguchi.staff.permissions import Permission
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.profile import company_page

from ..own_fields import OwnFieldsForm, shown_values
from ..requests import AgentRequest, numbers
from .customers import refuse


class CompanyForm(OwnFieldsForm):
    target = "company"
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    domains = forms.CharField(
        label=gettext_lazy("Mail domains"), required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=10_000,
        help_text=gettext_lazy("One a line, such as example.com. Whoever writes from there belongs to the company."),
    )  # fmt: skip
    notes = forms.CharField(
        label=gettext_lazy("Note about the company"), required=False, widget=forms.Textarea(attrs={"rows": 5}), max_length=20_000
    )

    def clean_domains(self) -> list[str]:
        return self.cleaned_data["domains"].replace(",", " ").split()


@require_GET
@allow(Permission.CUSTOMER_VIEW)
def index(request: AgentRequest) -> HttpResponse:
    typed = request.GET.get("q", "").strip()[:200]
    after = numbers([request.GET.get("after", "")])
    if typed:
        found, following = find_companies(request.user, typed), None
    else:
        found, following = companies_page(request.user, after=after[0] if after else None)
    context = {"companies": found, "q": typed, "following": following, "area": "customers"}
    return render(request, "console/companies.html", context)


@require_GET
@allow(Permission.CUSTOMER_VIEW)
def company(request: AgentRequest, company_id: int) -> HttpResponse:
    page = company_page(request.user, company_id)
    context = {
        "page": page, "company": page.company, "area": "customers", "own": shown_values("company", page.company.custom),
        "may_edit": request.user.may(Permission.CUSTOMER_EDIT),
    }  # fmt: skip
    return render(request, "console/company.html", context)


@require_http_methods(["GET", "POST"])
@allow(Permission.CUSTOMER_EDIT)
def new(request: AgentRequest) -> HttpResponse:
    return _edit(request, None)


@require_http_methods(["GET", "POST"])
@allow(Permission.CUSTOMER_EDIT)
def edit(request: AgentRequest, company_id: int) -> HttpResponse:
    return _edit(request, company_for(request.user, company_id))


def _edit(request: AgentRequest, one: Company | None) -> HttpResponse:
    kept = {"name": one.name, "domains": "\n".join(one.domains), "notes": one.notes} if one else {}
    form = CompanyForm(request.POST or None, initial=kept, values=one.custom if one else {})
    if request.method == "POST" and form.is_valid():
        try:
            saved = _save(form, one, agent_actor(request.user))
        except MadoguchiError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Saved"))
            return redirect("company", saved.pk)
    context = {"form": form, "company": one, "area": "customers"}
    return render(request, "console/company_edit.html", context, status=422 if form.errors else 200)


@transaction.atomic
def _save(form: CompanyForm, one: Company | None, by: Actor) -> Company:
    saved = customers.save_company(company_id=one.pk if one else None, by=by, **form.plain())
    return tickets.set_company_custom(company_id=saved.pk, values=form.own(), by=by)


@require_POST
@allow(Permission.CUSTOMER_EDIT)
def person(request: AgentRequest, company_id: int) -> HttpResponse:
    """Let somebody belong to the company (`who`: a number like #12, or an address), or no longer (`remove`: the number)."""
    one, by = company_for(request.user, company_id), agent_actor(request.user)
    if gone := numbers([request.POST.get("remove", "")]):
        who = customer_for(request.user, gone[0])
        if who.company_id != one.pk:
            raise NotFound
        customers.update_customer(customer_id=who.pk, company=None, by=by)
    else:
        who = _somebody(request, request.POST.get("who", "").strip()[:320])
        customers.update_customer(customer_id=who.pk, company=one, by=by)
    return redirect("company", one.pk)


def _somebody(request: AgentRequest, typed: str) -> Customer:
    if chosen := numbers([typed.lstrip("#＃")]):
        who = customer_for(request.user, chosen[0])
        return who.merged_into or who
    found = customer_known_as("mail" if "@" in typed else "phone", typed) if typed else None
    if found is None:
        raise Invalid(_("Nobody is known by this. Give the number or an address of a customer."))
    return found


@require_http_methods(["GET", "POST"])
@allow(Permission.CUSTOMER_EDIT)
def remove(request: AgentRequest, company_id: int) -> HttpResponse:
    one = company_for(request.user, company_id)
    return confirm(
        request, act=lambda: customers.remove_company(company_id=one.pk, by=agent_actor(request.user)), done=reverse("companies"),
        title=_("Remove %(name)s") % {"name": one.name}, verb=_("Remove %(name)s") % {"name": one.name},
        text=_("Its people and their tickets stay, without a company. This cannot be undone."),
        crumb=one.name, crumb_url=reverse("company", args=[one.pk]),
    )  # fmt: skip
