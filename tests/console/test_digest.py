"""The digest of unread notices, to a real SMTP server."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from madoguchi.channels.mail.journal import HANDED_OVER
from madoguchi.console import jobs as console_jobs
from madoguchi.foundation import clock, jobs
from madoguchi.foundation.models import Job
from madoguchi.staff import actions as staff
from madoguchi.staff.digests import EVERY_MORNING, Waiting, due, morning_before
from madoguchi.staff.models import Agent, Notice
from tests.channels.smtp_servers import Sink, running

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)  # in Tokyo


@pytest.fixture
def sink(cast, settings, tmp_path):
    settings.HOME = tmp_path
    Agent.objects.filter(pk=cast.hana.pk).update(language="ja", time_zone="Asia/Tokyo", digest_minutes=60)
    with running(Sink()) as sink:
        settings.RELAY = f"127.0.0.1:{sink.port}"
        yield sink


def tell(agent, ticket, at=NOON, kind="mentioned", **params):
    with clock.frozen(at):
        staff.notify(agent_ids=[agent.pk], kind=kind, ticket_id=ticket.pk, subject=ticket.subject, by="Sora", **params)


def look(at):
    with clock.frozen(at):
        console_jobs.mail_digests()
        jobs.run_until_empty(queues=("mail",))


def test_what_was_not_read_for_the_chosen_time_is_mailed_once(cast, sink):
    first, second = cast.ticket(team=cast.orders, subject="<b>Lamp</b>"), cast.ticket(team=cast.orders, subject="返品")
    tell(cast.hana, first)
    look(NOON + timedelta(minutes=59))
    assert sink.arrived == []
    tell(cast.hana, second, NOON + timedelta(minutes=59))
    look(NOON + timedelta(minutes=61))
    look(NOON + timedelta(minutes=62))
    (mail,) = sink.arrived
    assert (mail.recipients, mail.sender) == (["hana@hoshizora.example"], "support@hoshizora.example")
    assert mail.mail["Auto-Submitted"] == "auto-generated"
    assert mail.mail["Subject"] == "Hoshizora：未読の通知2件"
    assert f"/tickets/{first.pk}" in mail.plain
    assert "2026/11/25 12:00" in mail.plain or "12:00" in mail.plain  # the agent's zone
    assert "<b>Lamp</b>" in mail.plain
    assert "&lt;b&gt;Lamp&lt;/b&gt;" in mail.html
    assert 'lang="ja"' in mail.html
    assert Notice.objects.filter(mailed_at=None).count() == 0


def test_what_was_read_or_switched_off_or_old_is_not_mailed(cast, sink):
    ticket = cast.ticket(team=cast.orders)
    tell(cast.hana, ticket)
    Notice.objects.update(read_at=NOON)
    tell(cast.hana, ticket, NOON - timedelta(days=8))
    Agent.objects.filter(pk=cast.kenji.pk).update(digest_minutes=0)
    tell(cast.kenji, cast.ticket(team=cast.repairs))
    look(NOON + timedelta(hours=2))
    assert sink.arrived == []


def test_a_ticket_that_the_agent_may_no_longer_see_is_not_named(cast, sink):
    tell(cast.hana, cast.ticket(team=cast.repairs, subject="Secret"))
    look(NOON + timedelta(hours=2))
    assert sink.arrived == []
    assert not Notice.objects.filter(mailed_at=None).exists()


def test_a_server_that_is_away_gets_it_later(cast, sink):
    tell(cast.hana, cast.ticket(team=cast.orders))
    sink.answers["DATA"] = "451 not now"
    look(NOON + timedelta(hours=2))
    assert Notice.objects.get().mailed_at is None
    sink.answers.clear()
    Job.objects.update(run_at=NOON)
    look(NOON + timedelta(hours=3))
    look(NOON + timedelta(hours=4))
    assert len(sink.arrived) == 1


def test_a_refusal_for_good_is_not_tried_every_minute(cast, sink):
    tell(cast.hana, cast.ticket(team=cast.orders))
    sink.answers["RCPT"] = "550 nobody"
    look(NOON + timedelta(hours=2))
    assert Job.objects.get(name="console.mail_digest").state == Job.DEAD
    look(NOON + timedelta(hours=3))
    assert Job.objects.filter(name="console.mail_digest").count() == 1


@pytest.mark.parametrize(("handed_over", "expected"), [(True, 0), (False, 1)])
def test_a_kill_while_sending_neither_doubles_nor_loses_it(cast, sink, monkeypatch, handed_over, expected):
    tell(cast.hana, cast.ticket(team=cast.orders))

    class Killed(BaseException):
        pass

    def cut_off(_mail, journal):
        if handed_over:
            journal.marks[0] = HANDED_OVER
        raise Killed

    with monkeypatch.context() as patch, clock.frozen(NOON + timedelta(hours=2)):
        patch.setattr(console_jobs, "send_now", cut_off)
        with pytest.raises(Killed):
            console_jobs.mail_digest(agent=cast.hana.pk)
    look(NOON + timedelta(hours=3))
    look(NOON + timedelta(hours=4))
    assert len(sink.arrived) == expected
    assert not Notice.objects.filter(mailed_at=None).exists()


def test_two_workers_do_not_share_a_notice(cast):
    tell(cast.hana, cast.ticket(team=cast.orders))
    window = {"before": NOON + timedelta(days=1), "since": NOON - timedelta(days=1)}
    assert len(staff.take_for_digest(agent_id=cast.hana.pk, token="a", **window)) == 1
    assert staff.take_for_digest(agent_id=cast.hana.pk, token="b", **window) == []


@pytest.mark.parametrize(
    ("zone", "now", "morning"),
    [
        ("Asia/Tokyo", datetime(2026, 11, 24, 22, 59, tzinfo=UTC), datetime(2026, 11, 23, 23, 0, tzinfo=UTC)),
        ("Asia/Tokyo", datetime(2026, 11, 24, 23, 0, tzinfo=UTC), datetime(2026, 11, 24, 23, 0, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 3, 29, 6, 30, tzinfo=UTC), datetime(2026, 3, 29, 6, 0, tzinfo=UTC)),  # summer time began
    ],
)
def test_the_agents_own_morning(zone, now, morning):
    place = ZoneInfo(zone)
    assert morning_before(now, place) == morning
    assert due([Waiting(1, EVERY_MORNING, place, morning - timedelta(seconds=1))], now) == [1]
    assert due([Waiting(1, EVERY_MORNING, place, morning)], now) == []


def test_the_preference_is_offered(cast, sign_in):
    page = sign_in(cast.hana).get("/accounts/profile/").content.decode()
    assert f'value="{EVERY_MORNING}"' in page
