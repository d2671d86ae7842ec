"""The whole way on a made corpus of five languages and nine encodings: threads, texts, languages, duplicates agree with its plan."""

import pytest

from bench.mails import make
from madoguchi.intake.commands import import_path
from madoguchi.tickets.models import Message, Ticket

MAILS = 1500
FATES = ("stored", "duplicates", "quarantined", "bounces", "auto_replies", "loops", "spam")

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    plan = list(make(MAILS, seed=7))
    for number, mail in enumerate(plan):
        (folder / f"{number:06}.eml").write_bytes(mail.raw)
    return folder, plan


def test_the_corpus_agrees_with_its_plan(cast, corpus):
    folder, plan = corpus
    report = import_path(folder, model=False)
    kinds = [mail.kind for mail in plan]
    assert report["inputs"] == MAILS == sum(report[fate] for fate in FATES)
    assert report["duplicates"] == kinds.count("duplicate")
    assert report["auto_replies"] == kinds.count("automatic")
    assert report["quarantined"] == kinds.count("broken")
    kept = {message.message_id: message for message in Message.objects.all()}
    assert [problem for mail in plan for problem in _problems(mail, kept)] == []
    assert Ticket.objects.count() == report["tickets"] == kinds.count("new") + kinds.count("automatic")


def _problems(mail, kept):
    if mail.kind in {"duplicate", "broken"}:
        return
    message = kept.get(mail.message_id)
    if message is None:
        yield mail.message_id, "lost"
        return
    if mail.answers and kept[mail.answers].ticket_id != message.ticket_id:
        yield mail.message_id, "thread"
    for name, wanted, found in (
        ("text", mail.text.strip(), message.reply_text.strip()),
        ("subject", mail.subject, message.subject),
        ("sender", mail.sender, message.from_address),
        ("language", mail.language, message.language),
        ("files", mail.files, message.attachments.count()),
    ):
        if wanted != found:
            yield mail.message_id, name, wanted, found


def test_the_same_corpus_again_adds_nothing(cast, corpus):
    folder, _ = corpus
    first = import_path(folder, model=False)
    again = import_path(folder, model=False)
    assert again["duplicates"] == again["inputs"] == first["inputs"]
    assert Message.objects.count() == first["stored"] + first["auto_replies"]
