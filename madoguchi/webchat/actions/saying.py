"""What a visitor says: kept as a message of a ticket in one short transaction, once for each id that the browser gave it."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madoguchi.channels.mail.routes import default_mailbox
from madoguchi.channels.models import Mailbox
from madoguchi.customers import actions as customers
from madoguchi.customers.models import Customer
from madoguchi.foundation import clock, crypto
from madoguchi.foundation.errors import Conflict, Invalid
from madoguchi.sla import actions as sla
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.filetypes import safe_name, sniff
from madoguchi.tickets.index import put_new_messages
from madoguchi.tickets.models import Message, Ticket
from madoguchi.tickets.status import CLOSED
from madoguchi.understanding import actions as understanding
from madoguchi.understanding.readers.language import detect_language
from madoguchi.workplace import queries as workplace

from .. import identity as proofs
from ..models import Conversation, Said, Widget
from .conversing import VISITOR, changed, queue_moved, recognise

LONGEST_TEXT = 5000
MOST_FILES = 5
SEEN_EVERY = timedelta(seconds=30)
SUBJECT_LENGTH = 80
STATES_AGAIN = (Conversation.State.ENDED, Conversation.State.MAIL)


@dataclass(frozen=True)
class Saying:
    """One POST of a widget. `files`: (name, bytes). `person`: whom the site vouches for; `problem`: why its word was not believed."""

    client_id: str
    text: str
    language: str = "en"
    page: str = ""
    consent: bool = False
    files: list[tuple[str, bytes]] = field(default_factory=list)
    person: proofs.Person | None = None
    problem: str = ""


@dataclass(frozen=True)
class Kept:
    """`opened`: this message began the conversation."""

    conversation: Conversation
    message: Message
    opened: bool = False


def say(*, widget: Widget, token: str, saying: Saying) -> Kept:
    """Keep what a visitor said; the first time opens the conversation and its ticket. The same client id again changes nothing.

    Raises Invalid for an empty or too long message or a missing consent, Conflict when the conversation is over for good.
    """
    text = saying.text.strip()
    _check(text, saying)
    try:
        return _say(widget, crypto.fingerprint(token), text, saying)
    except IntegrityError:  # the same message, or another first one, was kept at this very moment
        return _say(widget, crypto.fingerprint(token), text, saying)


def _check(text: str, saying: Saying) -> None:
    if not text and not saying.files:
        raise Invalid(_("Write something before you send it."))
    if len(text) > LONGEST_TEXT:
        raise Invalid(_("This message is too long: at most {n} characters.").format(n=LONGEST_TEXT))
    if len(saying.files) > MOST_FILES:
        raise Invalid(_("These are too many files. Send them in more than one message."))
    if sum(len(data) for _, data in saying.files) > settings.CHAT_FILE_LIMIT:
        raise Invalid(_("The files of one message may have {size} MB together.").format(size=settings.CHAT_FILE_LIMIT // 2**20))


@transaction.atomic
def _say(widget: Widget, digest: str, text: str, saying: Saying) -> Kept:
    conversation = Conversation.objects.select_for_update().filter(token_hash=digest, widget=widget).first()
    if conversation is not None:
        kept = Said.objects.select_related("message").filter(conversation=conversation, client_id=saying.client_id).first()
        if kept is not None:
            return Kept(conversation, kept.message)
    else:
        if widget.ask_consent and not saying.consent:
            raise Invalid(_("Agree to the privacy notice before you write."))
        conversation = _opened(widget, digest, saying)
    conversation.widget, opened = widget, conversation.pk is None
    if saying.person is not None and not conversation.verified:
        recognise(conversation=conversation, person=saying.person)
    ticket = _ticket_of(conversation, text, saying)
    message = _kept(conversation, ticket, text, saying)
    Said.objects.create(conversation=conversation, client_id=saying.client_id, message=message)
    return Kept(conversation, message, opened)


def _opened(widget: Widget, digest: str, saying: Saying) -> Conversation:
    now = clock.now()
    return Conversation(
        widget=widget, token_hash=digest, language=saying.language, page=saying.page[:500], started_at=now, waiting_since=now,
        visitor_seen_at=now, consent_at=now if saying.consent else None, identity_problem=saying.problem[:40],
    )  # fmt: skip


def _ticket_of(conversation: Conversation, text: str, saying: Saying) -> Ticket:
    """The conversation's ticket, locked, or a new one, not saved yet."""
    if conversation.pk is None:
        title = " ".join(text.split()) or ", ".join(safe_name(name) for name, _ in saying.files)
        ticket = tickets.new_ticket(
            customer=_customer(conversation, saying), subject=title[:SUBJECT_LENGTH], channel="chat",
            mailbox=_mailbox(conversation.widget), at=clock.now(), language=_language(text, conversation),
        )  # fmt: skip
        ticket.brand_id = conversation.widget.brand_id
        return ticket
    conversation.ticket = ticket = Ticket.objects.select_for_update(of=("self",)).select_related("customer").get(pk=conversation.ticket_id)
    if ticket.status == CLOSED:
        raise Conflict(_("This conversation is closed. Begin a new one."))
    if ticket.channel != "chat":
        tickets.set_channel(ticket=ticket, channel="chat", by=VISITOR)
    return ticket


def _kept(conversation: Conversation, ticket: Ticket, text: str, saying: Saying) -> Message:
    customer = ticket.customer
    files = [_file(name, data) for name, data in saying.files]
    (message,) = tickets.keep_messages(
        [
            tickets.Inbound(
                ticket=ticket, customer=customer, from_name=conversation.name or customer.name, from_address=conversation.mail,
                subject=ticket.subject, text=text, reply_text=text, channel="chat", at=clock.now(), sent_at=clock.now(),
                language=_language(text, conversation), files=files,
            )
        ],
        ready=False,
    )  # fmt: skip
    understanding.ask_for_readings([message])  # colleagues see what it is before they see it
    put_new_messages([message], files={message.pk: [file.name for file in files]})
    if conversation.pk is None:
        conversation.ticket = ticket
        conversation.save(force_insert=True)
        sla.start_clocks([ticket])
        queue_moved(conversation)
        changed(conversation)
    else:
        _wake(conversation)
    return message


def _wake(conversation: Conversation) -> None:
    """The visitor writes again in a conversation that had ended or gone on by mail."""
    now, fields = clock.now(), []
    if conversation.visitor_seen_at is None or now - conversation.visitor_seen_at > SEEN_EVERY:
        conversation.visitor_seen_at = now
        fields.append("visitor_seen_at")
    if conversation.state in STATES_AGAIN:
        conversation.state, conversation.waiting_since = Conversation.State.WAITING, now
        conversation.picked_up_at = conversation.ended_at = None
        conversation.ended_by = ""
        fields += ["state", "waiting_since", "picked_up_at", "ended_at", "ended_by"]
        queue_moved(conversation)
        changed(conversation)
    if fields:
        conversation.save(update_fields=fields)


def _file(name: str, data: bytes) -> tickets.File:
    name = safe_name(name)
    return tickets.File(None, name, sniff(data, name), len(data), data=data)


def _language(text: str, conversation: Conversation) -> str:
    found = detect_language(text, fallback=conversation.language)
    return found if found in dict(settings.LANGUAGES) else conversation.language


def _mailbox(widget: Widget) -> Mailbox | None:
    """Where the conversation goes on when it goes on by mail."""
    return Mailbox.objects.filter(brand=widget.brand_id, is_active=True).order_by("-is_default", "id").first() or default_mailbox()


def _customer(conversation: Conversation, saying: Saying) -> Customer:
    """Whom the site vouches for, else somebody new. An address that is only said proves nothing, so it leads to nobody we know."""
    if saying.person is not None and saying.person.mail:
        stranger = customers.Stranger(saying.person.mail, saying.person.name, saying.language)
        return customers.recognise_many([stranger])[saying.person.mail]
    company = workplace.workplace()
    with translation.override(company.language if company else "en"):
        name = pgettext("name of an unknown customer", "Website visitor")
    person = saying.person
    kind, key = ("site", f"{conversation.widget.key}:{person.id}") if person and person.id else ("chat", conversation.token_hash[:16])
    return customers.recognise_many([customers.Stranger(key, person.name if person and person.name else name, saying.language)], kind=kind)[
        key
    ]
