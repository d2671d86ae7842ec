"""What cannot be dealt with is put aside, visibly, and can be tried again; it stops nothing."""

import pytest

from madoguchi.channels.actions import store_envelope
from madoguchi.channels.models import Envelope
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.models import Event
from madoguchi.intake import actions, pipeline, queue
from madoguchi.tickets.models import Message
from tests.intake.letters import arrive, letter

pytestmark = pytest.mark.django_db(transaction=True)


def a_mail(number, text="Hello, where is my order?", **fields):
    return letter(text, **({"message_id": f"<{number}@x.example>"} | fields))


# --- quarantine ----------------------------------------------------------------------------------


def test_what_has_no_sender_waits_in_quarantine_and_can_be_read_again(cast):
    [envelope] = arrive(a_mail(1, sender=None))
    assert (envelope.stage, envelope.reason) == ("quarantined", "no_sender")
    assert Event.objects.filter(name="channels.MailSetAside").exists()
    actions.retry_envelope(envelope_id=envelope.pk, by=agent_actor(cast.admin))
    assert Envelope.objects.get().stage == "received"
    queue.work_off()
    assert Envelope.objects.get().stage == "quarantined"
    actions.discard_envelope(envelope_id=envelope.pk, by=agent_actor(cast.admin))
    assert Envelope.objects.get().stage == "discarded"


def test_garbage_is_kept_raw(cast):
    [envelope] = arrive(b"\x00\xff\xfe garbage")
    assert envelope.stage == "quarantined"
    assert bytes(envelope.raw) == b"\x00\xff\xfe garbage"


def test_a_mail_that_breaks_the_program_is_put_aside_and_the_others_go_on(cast, monkeypatch):
    to_inbound = pipeline.to_inbound

    def breaks(arrival, *rest, **more):
        if "poison" in arrival.mail.subject:
            raise RuntimeError("no way")
        return to_inbound(arrival, *rest, **more)

    monkeypatch.setattr(pipeline, "to_inbound", breaks)
    envelopes = arrive(a_mail(1), a_mail(2, subject="poison"), a_mail(3))
    assert [envelope.stage for envelope in envelopes] == ["kept", "quarantined", "kept"]
    assert envelopes[1].reason == "failed: RuntimeError: no way"
    monkeypatch.undo()
    actions.retry_envelope(envelope_id=envelopes[1].pk, by=agent_actor(cast.admin))
    queue.work_off()
    assert Message.objects.count() == 3


def test_a_mail_that_kills_its_reader_comes_alone_and_is_put_aside(cast, monkeypatch):
    killer, good = (store_envelope(raw=a_mail(n), source="smtp") for n in (1, 2))

    def kill(batch, **_):
        if any(envelope.pk == killer.pk for envelope in batch):
            raise SystemExit
        return take_in(batch)

    take_in = queue.take_in
    monkeypatch.setattr(queue, "take_in", kill)
    for _ in range(queue.DEATHS):
        with pytest.raises(SystemExit):
            queue.work_off()
    while queue.work_off():
        pass
    killer.refresh_from_db()
    good.refresh_from_db()
    assert (killer.stage, killer.reason, good.stage) == ("quarantined", "kills_reader", "kept")
