"""Pages with a form of their own: a new ticket, redacting a message or a file, the ticket of a forwarded mail's sender."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from madoguchi.channels.models import Mailbox
from madoguchi.customers import actions as customers
from madoguchi.customers.queries import customer_for
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import MadoguchiError, NotFound
from madoguchi.intake.actions import split_forwarded
from madoguchi.intake.queries import forwarded_in
from madoguchi.staff.access import allow
from madoguchi.staff.permissions import Permission
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Attachment, Kind, Priority
from madoguchi.tickets.queries import message_for

from ..requests import AgentRequest, numbers

LONGEST = 100_000


class NewTicketForm(forms.Form):
    address = forms.EmailField(label=gettext_lazy("Email address of the customer"), max_length=320)
    name = forms.CharField(label=gettext_lazy("Name of the customer"), max_length=200, required=False)
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=500)
    direction = forms.ChoiceField(
        label=gettext_lazy("What is written below"), widget=forms.RadioSelect, initial="out",
        choices=[
            ("out", gettext_lazy("A mail to the customer, sent at once")),
            ("in", gettext_lazy("What the customer said, for example on the phone")),
        ],
    )  # fmt: skip
    text = forms.CharField(label=gettext_lazy("Text"), widget=forms.Textarea(attrs={"rows": 8}), max_length=LONGEST)
    mailbox = forms.ModelChoiceField(label=gettext_lazy("Mailbox"), queryset=Mailbox.objects.none(), required=False)
    priority = forms.TypedChoiceField(label=gettext_lazy("Priority"), choices=Priority.choices, coerce=int, initial=Priority.NORMAL)
    kind = forms.ChoiceField(label=pgettext_lazy("of a ticket", "Kind"), choices=[("", "–"), *Kind.choices], required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["mailbox"].empty_label = "–"  # type: ignore[attr-defined]
        self.fields["mailbox"].queryset = Mailbox.objects.filter(is_active=True).order_by("-is_default", "name")  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
@allow(Permission.TICKET_REPLY)
def new_ticket(request: AgentRequest) -> HttpResponse:
    """Begin a ticket: we write first, or note down what a customer said. `customer` fills in who it is."""
    form = NewTicketForm(request.POST or None, initial=_initial(request))
    if request.method == "POST" and form.is_valid():
        data, by = form.cleaned_data, agent_actor(request.user)
        address = data["address"].lower()
        known = customers.recognise_many([customers.Stranger(address=address, name=data["name"])])[address]
        try:
            made = tickets.create_ticket(
                customer=known, subject=data["subject"], text=data["text"], by=by, direction=data["direction"], mailbox=data["mailbox"],
                assignee=request.user, priority=data["priority"], kind=data["kind"], to=[[known.name, address]],
            )  # fmt: skip
        except MadoguchiError as error:
            form.add_error(None, str(error.message))
        else:
            return redirect("ticket", made.pk)
    return render(request, "console/new_ticket.html", {"form": form}, status=422 if form.errors else 200)


def _initial(request: AgentRequest) -> dict[str, str]:
    chosen = numbers([request.GET.get("customer", "")])
    if not chosen:
        return {}
    customer = customer_for(request.user, chosen[0])
    mail = next((one.value for one in customer.identities.all() if one.kind == "mail"), "")
    return {"address": mail, "name": customer.name}


class RedactForm(forms.Form):
    passage = forms.CharField(
        label=gettext_lazy("Text to black out"), max_length=5000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Every place in this message where it stands becomes unreadable, in the original too."),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("Reason, kept in the history"), max_length=300)


@require_http_methods(["GET", "POST"])
@allow(Permission.TICKET_REDACT)
def redact(request: AgentRequest, message_id: int) -> HttpResponse:
    """Black out a passage for good."""
    message = message_for(request.user, message_id)
    form = RedactForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            done = tickets.redact_text(message_id=message.pk, by=agent_actor(request.user), **form.cleaned_data)
        except MadoguchiError as error:
            form.add_error("reason" if "reason" in error.fields else "passage", str(error.fields.get("reason", error.message)))
        else:
            messages.success(request, _("Blacked out. Other messages quote it too: look at them.") if done.also_in else _("Blacked out"))
            return redirect(f"/tickets/{message.ticket_id}#m-{message.pk}")
    files = [file for file in message.attachments.defer("data").order_by("id") if not file.is_redacted]
    context = {"form": form, "message": message, "shown": message.reply_text or message.text, "files": files}
    return render(request, "console/redact.html", context, status=422 if form.errors else 200)


class RedactFileForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason, kept in the history"), max_length=300)


@require_http_methods(["GET", "POST"])
@allow(Permission.TICKET_REDACT)
def redact_file(request: AgentRequest, attachment_id: int) -> HttpResponse:
    """Destroy a whole file."""
    file = Attachment.objects.defer("data").filter(pk=attachment_id, message__isnull=False).first()
    if file is None or file.is_redacted:
        raise NotFound
    message = message_for(request.user, file.message_id or 0)
    form = RedactFileForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            done = tickets.redact_attachment(attachment_id=file.pk, by=agent_actor(request.user), **form.cleaned_data)
        except MadoguchiError as error:
            form.add_error("reason", str(error.fields.get("reason", error.message)))
        else:
            text = _("File destroyed. Other messages have the same file: look at them.") if done.also_in else _("File destroyed")
            messages.success(request, text)
            return redirect(f"/tickets/{message.ticket_id}#m-{message.pk}")
    context = {"form": form, "message": message, "file": file}
    return render(request, "console/redact_file.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@allow(Permission.TICKET_MERGE)
def forwarded(request: AgentRequest, message_id: int) -> HttpResponse:
    """Ask, naming the sender, and then open the ticket of the one whose mail was forwarded in this message."""
    message = message_for(request.user, message_id)
    original = forwarded_in(message)
    if original is None:
        raise NotFound
    if request.method == "POST":
        try:
            made = split_forwarded(message_id=message.pk, by=agent_actor(request.user))
        except MadoguchiError as error:
            messages.error(request, str(error.message))
            return redirect(f"/tickets/{message.ticket_id}#m-{message.pk}")
        messages.success(request, _("This is the ticket of {sender}").format(sender=original.name or original.address))
        return redirect("ticket", made.pk)
    return render(request, "console/forwarded.html", {"message": message, "original": original})
