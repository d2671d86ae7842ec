"""A promise on its whole way: from the raw mail through the intake, the answer, undo, split and merge, with the record's own actions."""

import pytest
from django.utils.module_loading import autodiscover_modules

from madoguchi.foundation import jobs
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.models import Job
from madoguchi.sla import actions, queries
from madoguchi.sla.models import Deadline
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import NO_DEADLINE, Ticket
from tests.intake.letters import arrive, letter

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(cast):
    actions.ensure_default_policy()
    return cast


def handle() -> None:
    autodiscover_modules("jobs")
    jobs.run_until_empty(queues=("default",))
    failed = Job.objects.filter(queue="default").exclude(last_error="").first()
    assert failed is None, failed.last_error


def running(ticket: Ticket) -> set[str]:
    return {deadline.metric for deadline in Deadline.objects.filter(ticket=ticket, is_open=True, paused_at=None)}


def test_mail_answer_undo_and_answer_again(desk):
    arrive(letter("Where is it?", message_id="<a@x.example>"))
    ticket = Ticket.objects.get()
    assert ticket.due_kind == "first_reply"
    assert queries.expectation(ticket) == ticket.due_at
    assert running(ticket) == {"first_reply", "resolution"}
    handle()
    assert Deadline.objects.count() == 2, "the event of the new ticket starts nothing twice"

    hana = agent_actor(desk.hana)
    message = tickets.reply(ticket_id=ticket.pk, text="On its way.", by=hana)
    handle()
    ticket.refresh_from_db()
    assert running(ticket) == set()
    assert ticket.due_at == NO_DEADLINE

    tickets.cancel(message_id=message.pk, by=hana)
    handle()
    assert running(ticket) == {"first_reply", "resolution"}

    tickets.reply(ticket_id=ticket.pk, text="It comes tomorrow.", by=hana)
    handle()
    arrive(letter("Thank you, and the invoice?", message_id="<b@x.example>", references="<a@x.example>"))
    handle()
    ticket.refresh_from_db()
    assert running(ticket) == {"next_reply", "resolution"}
    assert ticket.due_kind == "next_reply"

    tickets.reply(ticket_id=ticket.pk, text="Attached.", by=hana, status="solved")
    handle()
    metrics = {(deadline.metric, deadline.met_at is not None) for deadline in Deadline.objects.filter(ticket=ticket)}
    assert metrics == {("first_reply", True), ("next_reply", True), ("resolution", True)}


def test_a_scheduled_answer_does_not_count_before_it_goes_out(desk):
    arrive(letter())
    ticket = Ticket.objects.get()
    later = ticket.created_at.replace(year=ticket.created_at.year + 1)
    tickets.reply(ticket_id=ticket.pk, text="Later.", by=agent_actor(desk.hana), send_at=later)
    handle()
    assert "first_reply" in running(ticket)


def test_split_and_merge_move_the_promise_with_the_message(desk):
    arrive(letter(message_id="<a@x.example>"))
    ticket = Ticket.objects.get()
    hana = agent_actor(desk.hana)
    tickets.reply(ticket_id=ticket.pk, text="On its way.", by=hana, status="open")
    handle()
    arrive(letter("And another thing", message_id="<b@x.example>", references="<a@x.example>"))
    handle()
    assert running(ticket) == {"next_reply", "resolution"}
    last = ticket.messages.filter(direction="in").order_by("-id").first()
    new = tickets.split(ticket_id=ticket.pk, message_ids=[last.pk], subject="Another thing", by=hana)
    handle()
    assert running(ticket) == {"resolution"}
    assert running(new) == {"first_reply", "resolution"}
    started = Deadline.objects.get(ticket=new, metric="first_reply").started_at

    tickets.merge(ticket_id=ticket.pk, other_id=new.pk, by=hana)
    handle()
    assert running(new) == set()
    assert Deadline.objects.get(ticket=ticket, metric="next_reply", is_open=True).started_at == started
    tickets.unmerge(ticket_id=new.pk, by=hana)
    handle()
    assert running(new) == {"first_reply", "resolution"}


def test_spam_promises_nothing(desk):
    arrive(letter())
    ticket = Ticket.objects.get()
    tickets.set_field(ticket_id=ticket.pk, field="is_spam", value=True, by=agent_actor(desk.hana))
    handle()
    ticket.refresh_from_db()
    assert (running(ticket), ticket.due_at) == (set(), NO_DEADLINE)
