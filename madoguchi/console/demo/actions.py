"""The demo company on a real installation: `load` plays three weeks of its life through the product's own actions.

Nothing here is a shortcut around the product: mails are taken in by the intake, replies are replies, clocks run. Only the time is
moved, nothing is sent, and handlers that would answer or route are left out, because the story says who did what.
"""

from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils.module_loading import import_string

from madoguchi.bot import actions as bot
from madoguchi.channels.actions import store_envelope
from madoguchi.channels.models import Envelope
from madoguchi.foundation import clock, events, search
from madoguchi.foundation.actor import SYSTEM, Actor, agent_actor
from madoguchi.foundation.errors import NotAllowed
from madoguchi.foundation.models import Event, Job, Timer
from madoguchi.intake.queue import take_in
from madoguchi.sla.handlers import CHOOSING_FIELDS
from madoguchi.staff.models import Agent
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Delivery, Ticket
from madoguchi.workplace.models import Brand, Workplace

from . import knowledge, notes, stage, story
from .story import Matter, Step

COUNT = 400
BATCH = 100  # steps in one transaction


def logins() -> list[tuple[str, str]]:
    """Address and password of the administrator, the supervisor and two agents."""
    return [(person.email, stage.PASSWORD) for person in (stage.PEOPLE[0], stage.PEOPLE[1], stage.PEOPLE[2], stage.PEOPLE[6])]


def load(*, count: int = COUNT) -> None:
    """Fill an empty installation. Raises NotAllowed when anything is in it already."""
    if Workplace.objects.exists() or Ticket.objects.exists() or Agent.objects.exists():
        message = "The demo company only moves into an empty installation. Point MADOGUCHI_HOME to a new folder."
        raise NotAllowed(message)
    now = clock.now()
    with transaction.atomic(), clock.frozen(now - timedelta(days=story.STORY_DAYS + 1)):
        scene = stage.build()
    matters = story.tell(until=now, count=count)
    play = [(step.at, matter.number, position) for matter in matters for position, step in enumerate(matter.steps)]
    theatre = Theatre(scene, {matter.number: matter for matter in matters})
    play.sort()
    for start in range(0, len(play), BATCH):
        with transaction.atomic():
            for _at, number, position in play[start : start + BATCH]:
                theatre.play(number, position)
    stage.found_companies()
    _start_assistant()
    Event.objects.update(fanned_out=True)
    Job.objects.all().delete()
    for path in settings.DEMO_ADDITIONS:
        import_string(path)()
    knowledge.write_articles()  # its events stay: the worker makes the index that questions are answered from


def _start_assistant() -> None:
    """In the demo it talks from the beginning, and looks into the demo company's shop."""
    for brand in Brand.objects.all():
        bot.save_assistant(by=SYSTEM, brand_id=brand.pk, is_active=True, name="", languages=[], hours="always", quiet_days=3)
    for operation in ("order", "product"):
        bot.save_connector(by=SYSTEM, operation=operation, kind="demo", is_active=True)


class Theatre:
    """Plays steps in order; remembers each matter's ticket and last message."""

    def __init__(self, scene: stage.Stage, matters: dict[int, Matter]) -> None:
        self.scene, self.matters = scene, matters
        self.ticket_of: dict[int, int] = {}
        self.last_id: dict[int, str] = {}
        self.agent_of: dict[int, Agent] = {}

    def play(self, number: int, position: int) -> None:
        matter = self.matters[number]
        step = matter.steps[position]
        with clock.frozen(step.at):
            if step.what == "in":
                self._mail(matter, step)
            elif number in self.ticket_of:
                getattr(self, f"_{step.what}")(matter, step)
            _run_clocks()

    def _mail(self, matter: Matter, step: Step) -> None:
        raw = as_mail(matter, step, in_reply_to=self.last_id.get(matter.number, ""))
        envelope = Envelope(mailbox=self.scene.mailbox, source="import", raw=raw, size=len(raw), received_at=step.at, sender=matter.address)
        (arrival,) = take_in([envelope], read=False)
        if arrival.message is None:
            return
        self.last_id[matter.number] = arrival.message.message_id or ""
        if matter.number not in self.ticket_of:
            self.ticket_of[matter.number] = arrival.message.ticket_id
            self._sort(matter)

    def _sort(self, matter: Matter) -> None:
        """What a person would set on first sight: team, kind, cause, priority, tags."""
        ticket, plot = self.ticket_of[matter.number], matter.scenario
        tickets.assign(ticket_id=ticket, team=self.scene.teams[plot.team], by=SYSTEM)
        for field, value in (("kind", plot.kind), ("cause", plot.cause), ("priority", plot.priority)):
            if value:
                tickets.set_field(ticket_id=ticket, field=field, value=value, by=SYSTEM)
        tickets.tag(ticket_id=ticket, names=list(plot.tags), by=SYSTEM)

    def _take(self, matter: Matter, step: Step) -> None:  # noqa: ARG002
        agent = self.scene.agent_for(matter.scenario.team, matter.language, matter.number)
        self.agent_of[matter.number] = agent
        tickets.assign(ticket_id=self.ticket_of[matter.number], assignee=agent, by=agent_actor(agent))

    def _note(self, matter: Matter, step: Step) -> None:  # noqa: ARG002
        sora = self.scene.agents["sora@hoshizora.example"]
        choice = notes.TEXTS[self.agent_of[matter.number].language]
        text = choice[matter.number % len(choice)]
        mentioned = [sora] if "@Sora" in text else []
        tickets.add_note(ticket_id=self.ticket_of[matter.number], text=text, mentioned=mentioned, by=self._by(matter))

    def _out(self, matter: Matter, step: Step) -> None:
        message = tickets.reply(ticket_id=self.ticket_of[matter.number], text=step.text, language=matter.language, by=self._by(matter))
        Delivery.objects.filter(message=message).update(state=Delivery.State.SENT, updated_at=step.at, answer="250 2.0.0 demo")
        self.last_id[matter.number] = message.message_id or ""

    def _solve(self, matter: Matter, step: Step) -> None:  # noqa: ARG002
        tickets.set_status(ticket_id=self.ticket_of[matter.number], status="solved", by=self._by(matter))

    def _by(self, matter: Matter) -> Actor:
        return agent_actor(self.agent_of[matter.number])


def _run_clocks() -> None:
    """The clocks hear of what just happened, at the moment it happened; everybody else is left out.

    They read the ticket as it is now, so of several changed fields (sorting a new ticket) only the last needs telling.
    """
    waiting = list(Event.objects.filter(fanned_out=False).order_by("id"))
    sorting = [event for event in waiting if event.name == "tickets.TicketChanged" and event.payload["field"] in CHOOSING_FIELDS]
    for event in waiting:
        for handler in events.wiring().get(event.name, []):
            if handler.startswith("madoguchi.sla.") and event not in sorting[:-1]:
                import_string(handler)(event)
    Event.objects.filter(fanned_out=False).update(fanned_out=True)


def as_mail(matter: Matter, step: Step, *, in_reply_to: str = "") -> bytes:
    """The customer's message as bytes on the wire."""
    mail = EmailMessage()
    mail["From"] = f'"{matter.name}" <{matter.address}>'
    mail["To"] = stage.ADDRESS
    mail["Subject"] = f"Re: {matter.subject}" if in_reply_to else matter.subject
    mail["Date"] = format_datetime(step.at)
    mail["Message-ID"] = make_msgid(domain="example.com")
    if in_reply_to:
        mail["In-Reply-To"] = mail["References"] = in_reply_to
    mail.set_content(step.text)
    return mail.as_bytes()


def flow() -> None:
    """One new mail for the demo company while somebody watches; timed work, does nothing on a real installation."""
    if not Workplace.objects.filter(is_demo=True).exists():
        return
    matter = story.fresh(Envelope.objects.count(), now=clock.now())
    store_envelope(raw=as_mail(matter, matter.steps[0]), source="demo", sender=matter.address, recipients=[stage.ADDRESS])


def remove() -> None:
    """Empty the installation: everything of the demo goes, and the set-up page comes back. Raises NotAllowed on a real one."""
    if not Workplace.objects.filter(is_demo=True).exists():
        message = "This installation is not the demo; nothing was removed."
        raise NotAllowed(message)
    call_command("flush", interactive=False, verbosity=0)
    for shelf in search.SHELVES:  # no models, so not flushed
        search.clear(shelf)
    Timer.objects.all().delete()
