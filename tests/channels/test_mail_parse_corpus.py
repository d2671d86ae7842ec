"""The parser agrees with a made corpus of mail in four languages, message by message."""

import importlib.util
import os
import pathlib

import pytest

from madoguchi.channels.mail.parse import parse

SHARED = pathlib.Path(os.environ.get("MADOGUCHI_SHARED") or pathlib.Path(__file__).parents[3] / "shared")
CORPUS = SHARED / "bench" / "corpus.py"


@pytest.mark.skipif(not CORPUS.exists(), reason="the mail corpus is not beside the project (MADOGUCHI_SHARED)")
def test_two_thousand_mails_agree_with_their_manifest():
    spec = importlib.util.spec_from_file_location("corpus", CORPUS)
    corpus = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(corpus)
    first, wrong = {}, []
    for raw, wanted in corpus.messages(2000):
        mail = parse(raw)
        if wanted["kind"] == "malformed":
            assert bool(mail.unreadable) == (wanted["damage"] == "garbage"), wanted
            assert mail.has_sender == (wanted["damage"] not in ("garbage", "no_from")), wanted
            continue
        wanted = first.setdefault(wanted["message_id"], wanted)
        seen = (mail.subject, mail.from_addr, mail.charset, mail.message_id, mail.in_reply_to or None, bool(mail.attachments), mail.kind)
        expected = (
            wanted["subject"],
            wanted["sender"],
            wanted["charset"],
            wanted["message_id"],
            wanted["in_reply_to"],
            wanted["attachment"],
            "auto_reply" if wanted["kind"] == "auto" else "message",
        )
        if seen != expected or mail.problems:
            wrong.append((wanted["i"], seen, expected, mail.problems))
    assert wrong == []
