"""Customers: the list, one customer with everything that was said, changing, notes, merging."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from madoguchi.customers import actions as customers
from madoguchi.customers.models import Company, Customer, CustomerNote
from madoguchi.customers.queries import customer_for, customer_page, same_person_candidates
from madoguchi.customers.search import find_customers
from madoguchi.foundation.actor import Actor, agent_actor
from madoguchi.foundation.errors import Invalid, MadoguchiError, NotFound
from madoguchi.protection import shield
from madoguchi.staff.access import allow
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Permission
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.profile import Profile, profile, timeline

from ..names import name_of
from ..own_fields import PREFIX, OwnFieldsForm, shown_values
from ..requests import AgentRequest, numbers


class CustomerForm(OwnFieldsForm):
    target = "customer"
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200, required=False)
    reading = forms.CharField(
        label=gettext_lazy("Reading"), max_length=200, required=False, help_text=gettext_lazy("How the name is read; lists sort by it.")
    )
    salutation = forms.CharField(label=gettext_lazy("Salutation"), max_length=20, required=False)
    company = forms.ModelChoiceField(label=gettext_lazy("Company"), queryset=Company.objects.none(), required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=[("", "–"), *settings.LANGUAGES], required=False)
    time_zone = forms.CharField(label=gettext_lazy("Time zone"), max_length=60, required=False, help_text="Asia/Tokyo")
    tags = forms.CharField(label=gettext_lazy("Tags"), required=False, help_text=gettext_lazy("Separated by commas"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        companies = self.fields["company"]
        companies.queryset = Company.objects.order_by("name")  # type: ignore[attr-defined]
        companies.empty_label = "–"  # type: ignore[attr-defined]
        companies.label_from_instance = lambda company: company.name  # type: ignore[attr-defined]

    def clean_tags(self) -> list[str]:
        return [tag.strip() for tag in self.cleaned_data["tags"].replace("、", ",").replace("，", ",").split(",") if tag.strip()]


class NewCustomerForm(CustomerForm):
    mail = forms.EmailField(label=gettext_lazy("Email address"), required=False)
    phone = forms.CharField(label=gettext_lazy("Phone"), required=False, max_length=40)
    field_order = ["name", "mail", "phone"]


@require_GET
@allow(Permission.CUSTOMER_VIEW)
def index(request: AgentRequest) -> HttpResponse:
    typed = request.GET.get("q", "").strip()[:200]
    after = numbers([request.GET.get("after", "")])
    if typed:
        found, following = find_customers(request.user, typed, limit=50), None
    else:
        found, following = customer_page(request.user, after=after[0] if after else None)
    context = {"customers": found, "q": typed, "next_url": f"?after={following}" if following else "", "area": "customers"}
    return render(request, "console/customers.html", context)


def _soften(agent: Agent, page: Profile) -> None:
    """What is shielded for the reader is shown with veils; the rows are not saved."""
    said = [step.message for step in page.timeline if step.message is not None]
    shields = shield.shielded(agent, said)
    lines = shield.softened_lines(agent, {*(message.ticket_id for message in said), *(ticket.pk for ticket in page.open_tickets)})
    for message in said:
        if message.pk in shields:
            message.reply_text = shields[message.pk].text
    for ticket in [*(message.ticket for message in said), *page.open_tickets]:
        if ticket.pk in lines:
            ticket.subject = lines[ticket.pk].subject(ticket.subject)


@require_GET
@allow(Permission.CUSTOMER_VIEW)
def customer(request: AgentRequest, customer_id: int) -> HttpResponse:
    page = profile(request.user, customer_id)
    if request.GET.get("before"):
        page.timeline, page.next_before = timeline(request.user, page.customer, before=request.GET["before"])
    _soften(request.user, page)
    context = {
        "page": page, "customer": page.customer, "name": shown_name(page.customer), "area": "customers",
        "candidates": same_person_candidates(request.user, page.customer), "own": shown_values("customer", page.customer.custom),
        "may_edit": request.user.may(Permission.CUSTOMER_EDIT), "may_merge": request.user.may(Permission.CUSTOMER_MERGE),
    }  # fmt: skip
    return render(request, "console/customer.html", context)


def shown_name(one: Customer) -> str:
    """The name, or how else the customer is known."""
    first = next(iter(one.identities.all()), None)
    return name_of(one.name, one.language) or (first.value if first else f"#{one.pk}")


@require_http_methods(["GET", "POST"])
@allow(Permission.CUSTOMER_EDIT)
def new(request: AgentRequest) -> HttpResponse:
    company = numbers([request.GET.get("company", "")])
    form = NewCustomerForm(request.POST or None, initial={"company": company[0] if company else None})
    if request.method == "POST" and form.is_valid():
        try:
            made = _create(form, agent_actor(request.user))
        except MadoguchiError as error:
            refuse(form, error)
        else:
            return redirect("customer", made.pk)
    return render(request, "console/customer_edit.html", {"form": form, "area": "customers"}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@allow(Permission.CUSTOMER_EDIT)
def edit(request: AgentRequest, customer_id: int) -> HttpResponse:
    one = customer_for(request.user, customer_id)
    kept = {name: getattr(one, name) for name in ("name", "reading", "salutation", "company", "language", "time_zone")}
    form = CustomerForm(request.POST or None, initial={**kept, "tags": ", ".join(one.tags)}, values=one.custom)
    if request.method == "POST" and form.is_valid():
        try:
            _change(form, one, agent_actor(request.user))
        except MadoguchiError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Saved"))
            return redirect("customer", one.pk)
    context = {"form": form, "customer": one, "name": shown_name(one), "area": "customers"}
    return render(request, "console/customer_edit.html", context, status=422 if form.errors else 200)


@transaction.atomic
def _create(form: NewCustomerForm, by: Actor) -> Customer:
    made = customers.create_customer(by=by, **form.plain())
    return tickets.set_customer_custom(customer_id=made.pk, values=form.own(), by=by)


@transaction.atomic
def _change(form: CustomerForm, one: Customer, by: Actor) -> None:
    customers.update_customer(customer_id=one.pk, by=by, **form.plain())
    tickets.set_customer_custom(customer_id=one.pk, values=form.own(), by=by)


def refuse(form: forms.Form, error: MadoguchiError) -> None:
    """Show an action's refusal at the fields that it names, own ones by their key, or above the form."""
    for name, text in error.fields.items():
        form.add_error(next((known for known in (name, PREFIX + name) if known in form.fields), None), str(text))
    if not error.fields or "customer" in error.fields:
        form.add_error(None, str(error.message))


@require_POST
@allow(Permission.CUSTOMER_EDIT)
def note(request: AgentRequest, customer_id: int) -> HttpResponse:
    """Add a note, or remove one with `remove`."""
    one, by = customer_for(request.user, customer_id), agent_actor(request.user)
    if gone := numbers([request.POST.get("remove", "")]):
        if not CustomerNote.objects.filter(pk__in=gone, customer=one).exists():
            raise NotFound
        customers.remove_note(note_id=gone[0], by=by)
    else:
        customers.add_note(customer_id=one.pk, text=request.POST.get("text", ""), by=by)
    return redirect("customer", one.pk)


@require_POST
@allow(Permission.CUSTOMER_EDIT)
def identity(request: AgentRequest, customer_id: int) -> HttpResponse:
    """`do`: add (kind, value) | remove (identity) | primary (identity)."""
    one, by = customer_for(request.user, customer_id), agent_actor(request.user)
    if request.POST.get("do") == "add":
        value = request.POST.get("value", "").strip()
        customers.add_identity(customer_id=one.pk, kind="mail" if "@" in value or "＠" in value else "phone", value=value, by=by)
        return redirect("customer", one.pk)
    chosen = numbers([request.POST.get("identity", "")])
    if not one.identities.filter(pk__in=chosen).exists():
        raise NotFound
    act = customers.make_primary if request.POST.get("do") == "primary" else customers.remove_identity
    act(identity_id=chosen[0], by=by)
    return redirect("customer", one.pk)


@require_POST
@allow(Permission.CUSTOMER_MERGE)
def merge(request: AgentRequest, customer_id: int) -> HttpResponse:
    """Make another customer part of this one; or take this one apart from what it became with `undo`."""
    one, by = customer_for(request.user, customer_id), agent_actor(request.user)
    if request.POST.get("undo"):
        tickets.unmerge_customers(merged_id=one.pk, by=by)
        messages.success(request, _("A customer of their own again"))
        return redirect("customer", one.pk)
    chosen = numbers([request.POST.get("other", "").strip().lstrip("#")])
    if not chosen:
        raise Invalid(_("Give the number of the other customer."))
    other = customer_for(request.user, chosen[0])
    tickets.merge_customers(kept_id=one.pk, merged_id=other.pk, by=by)
    messages.success(request, _("Merged. This can be taken back on the other customer's page."))
    return redirect("customer", one.pk)
