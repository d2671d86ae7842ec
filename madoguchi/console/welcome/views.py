"""The first run, from an empty installation to the first real mail in the inbox: token, company, administrator, mailbox, mail."""

from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from madoguchi.channels import actions as channels
from madoguchi.channels.mail.connection_test import connection_test
from madoguchi.channels.models import Mailbox
from madoguchi.foundation import ratelimit
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import MadoguchiError, NotFound
from madoguchi.staff import actions as staff
from madoguchi.staff.access import allow, public
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Permission
from madoguchi.tickets.models import Message, Ticket
from madoguchi.workplace import actions as company_actions
from madoguchi.workplace.models import Brand
from madoguchi.workplace.queries import workplace

from . import token
from .forms import AdministratorForm, CompanyForm, MailboxForm, TokenForm

STEPS = 4
_OPENED = "setup_opened"


def _page(request: HttpRequest, template: str, step: int, **more: Any) -> HttpResponse:
    form = more.get("form")
    status = 422 if form is not None and form.is_bound else 200
    return render(request, f"console/welcome/{template}.html", {"step": step, "steps": STEPS, **more}, status=status)


def _check_open(request: HttpRequest) -> None:
    """Only before the first account exists, and only for who brought the token."""
    if not token.open_for_setup() or not request.session.get(_OPENED):
        raise NotFound


@public
@never_cache
@sensitive_post_parameters("token")
def begin(request: HttpRequest) -> HttpResponse:
    """Ask for the token, or take it from the address that the console printed."""
    if not token.open_for_setup():
        raise NotFound
    given = request.POST.get("token") or request.GET.get("token", "")
    form = TokenForm(request.POST or None)
    if given:
        ratelimit.hit(f"setup:ip:{request.META.get('REMOTE_ADDR', '')}", limit=20, seconds=900)
        if token.fits(given):
            request.session.cycle_key()
            request.session[_OPENED] = True
            return redirect("welcome_company")
        form = TokenForm({"token": given})
        form.add_error("token", _("This is not the token. It stands in the console and in {file}").format(file=token.FILE))
    return _page(request, "token", 0, form=form, file=settings.HOME / token.FILE)


@public
@never_cache
def company(request: HttpRequest) -> HttpResponse:
    _check_open(request)
    place = workplace()
    initial = {"name": place.name if place else "", "language": place.language if place else get_language(), "time_zone": "UTC"}
    form = CompanyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        company_actions.set_up(**form.cleaned_data)
        return redirect("welcome_administrator")
    return _page(request, "company", 1, form=form)


@public
@never_cache
@sensitive_post_parameters("password")
def administrator(request: HttpRequest) -> HttpResponse:
    """The first account; from here on the token is worth nothing and the administrator is signed in."""
    _check_open(request)
    place = workplace()
    if place is None:
        return redirect("welcome_company")
    form = AdministratorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        agent = _create(form, place.language, place.time_zone)
        if agent is not None:
            token.forget()
            del request.session[_OPENED]
            record_authentication(request, agent, method="setup", email=agent.email)
            perform_login(request, Login(user=agent, email=agent.email))
            return redirect("welcome_mailbox")
    return _page(request, "administrator", 2, form=form)


def _create(form: AdministratorForm, language: str, time_zone: str) -> Agent | None:
    clean = form.cleaned_data
    try:
        validate_password(clean["password"], Agent(email=clean["email"], name=clean["name"]))
        return staff.create_administrator(language=language, time_zone=time_zone, **clean)
    except ValidationError as error:
        form.add_error("password", " ".join(error.messages))
    except MadoguchiError as error:
        form.refuse(error)
    return None


@allow(Permission.MANAGE_MAILBOXES)
def mailbox(request: HttpRequest) -> HttpResponse:
    """The first mailbox, tried out at once."""
    box = Mailbox.objects.order_by("id").first()
    initial = {"incoming": box.incoming if box else Mailbox.Incoming.DIRECT}
    if box:
        initial |= {"address": box.address, "imap_host": box.imap_host, "smtp_host": box.smtp_host, "user": box.smtp_user}
    form = MailboxForm(request.POST or None, initial=initial)
    steps = None
    if request.method == "POST" and form.is_valid():
        place = workplace()
        fields, secrets = form.values(place.name if place else "")
        try:
            fields["brand"] = Brand.objects.filter(is_default=True).first()
            box = channels.save_mailbox(mailbox=box, by=agent_actor(request.user), secrets=secrets, **fields)
            steps = connection_test(box)
        except MadoguchiError as error:
            form.refuse(error)
    if steps is not None and not any(step.ok is False for step in steps):
        return redirect("welcome_mail")
    if steps is None:
        return _page(request, "mailbox", 3, form=form, port=settings.SMTP_PORT)
    return render(
        request, "console/welcome/mailbox.html", {"step": 3, "steps": STEPS, "form": form, "tried": steps, "port": settings.SMTP_PORT}
    )


@allow(Permission.MANAGE_MAILBOXES)
def first_mail(request: HttpRequest) -> HttpResponse:
    """Wait for the first real mail; the page asks every two seconds and goes to the inbox as soon as its ticket is there."""
    ticket = Ticket.objects.filter(messages__direction=Message.Direction.IN).order_by("id").first()
    if request.headers.get("HX-Request"):
        return HttpResponse(status=200, headers={"HX-Redirect": "/"}) if ticket else HttpResponse(status=204)
    box = Mailbox.objects.order_by("id").first()
    if box is None:
        return redirect("welcome_mailbox")
    return _page(request, "mail", 4, mailbox=box, ticket=ticket, port=settings.SMTP_PORT)
