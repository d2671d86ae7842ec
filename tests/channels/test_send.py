"""Mail out against real servers on loopback: what arrives, and what is said when it does not."""

import base64
import os
from datetime import timedelta

import pytest

from madoguchi.channels.mail import journal, oauth
from madoguchi.channels.mail.problems import SendProblem
from madoguchi.channels.mail.routes import relay
from madoguchi.channels.mail.send import Outgoing, Route, answer_of, check, send

from .smtp_servers import Sink, free_port, make_certificate, running, scripted

HELLO = (b"220 hi\r\n", "line", b"250 sink\r\n")
MAIL = Outgoing(
    "support@hoshizora.example",
    ["ruth@customer.example"],
    b"From: support@hoshizora.example\nSubject: hi\nMessage-ID: <a@b>\n\nfirst\n.dot\nlast",
    "<a@b>",
)


def plain(port: int, **fields) -> Route:
    return Route("127.0.0.1", port, "none", **fields)


def refusal(route: Route, outgoing: Outgoing = MAIL) -> SendProblem:
    with pytest.raises(SendProblem) as caught:
        send(route, outgoing)
    return caught.value


@pytest.fixture(params=["smtp", "folder"])
def route(request, tmp_path):
    """The two ways out; both must pass the same tests."""
    if request.param == "folder":
        yield Route(folder=tmp_path / "out"), lambda: [path.read_bytes() for path in sorted((tmp_path / "out").glob("*.eml"))]
        return
    sink = Sink()
    with running(sink):
        yield plain(sink.port), lambda: [arrived.raw for arrived in sink.arrived]


def test_the_message_arrives_whole(route):
    way, arrived = route
    receipt = send(way, MAIL)
    assert receipt.answer.startswith("250")
    assert (receipt.accepted, receipt.refused) == (["ruth@customer.example"], {})
    (raw,) = arrived()
    assert raw.endswith((b"\r\n\r\nfirst\r\n.dot\r\nlast\r\n", b"\r\n\r\nfirst\r\n.dot\r\nlast"))


@pytest.mark.parametrize("address", ["a b@c.example", "a@b.example\r\nRCPT TO:<x@y.example>", "a@b>, <c@d.example", "nobody"])
def test_an_address_that_could_break_a_command_is_refused(route, address):
    way, arrived = route
    problem = refusal(way, Outgoing("s@h.example", [address], MAIL.data, "<a@b>"))
    assert (problem.problem, problem.permanent) == ("addresses", True)
    assert arrived() == []


def test_no_recipient_is_said(route):
    assert refusal(route[0], Outgoing("s@h.example", [], MAIL.data, "<a@b>")).problem == "no_recipient"


@pytest.mark.parametrize(
    ("answers", "problem", "permanent"),
    [
        ({"MAIL": "451 try later"}, "busy", False),
        ({"MAIL": "550 not you"}, "sender", True),
        ({"RCPT": "450 greylisted"}, "recipients", False),
        ({"RCPT": "550 5.1.1 no such user"}, "recipients", True),
        ({"RCPT": "421 closing"}, "busy", False),
        ({"DATA": "452 disk full"}, "busy", False),
        ({"DATA": "554 spam"}, "content", True),
        ({"DATA": "552 too big"}, "too_large", True),
    ],
)
def test_refusals_keep_the_servers_words_and_say_whether_to_retry(answers, problem, permanent):
    with running(Sink(answers=answers)) as sink:
        caught = refusal(plain(sink.port))
    assert (caught.problem, caught.permanent) == (problem, permanent)
    assert next(iter(answers.values()))[:3] in caught.detail
    assert caught.detail in str(caught.message)


def test_some_recipients_refused_others_taken():
    sink = Sink(answers={"RCPT:bob@gone.example": "550 no bob", "RCPT:late@slow.example": "450 later"})
    with running(sink):
        receipt = send(
            plain(sink.port), Outgoing("s@h.example", ["a@b.example", "bob@gone.example", "late@slow.example"], MAIL.data, "<a@b>")
        )
    assert receipt.accepted == ["a@b.example"]
    assert receipt.refused == {"bob@gone.example": [550, "no bob"], "late@slow.example": [450, "later"]}
    assert sink.arrived[0].recipients == ["a@b.example"]


def test_all_refused_but_one_may_help_later():
    sink = Sink(answers={"RCPT:a@b.example": "550 no", "RCPT:c@d.example": "450 later"})
    with running(sink):
        problem = refusal(plain(sink.port), Outgoing("s@h.example", ["a@b.example", "c@d.example"], MAIL.data, "<a@b>"))
    assert not problem.permanent


def test_a_size_limit_is_respected_before_sending():
    with running(Sink(), size=2000) as sink:
        problem = refusal(plain(sink.port), Outgoing("s@h.example", ["a@b.example"], b"x" * 5000, "<a@b>"))
        assert sink.arrived == []
    assert (problem.problem, problem.permanent) == ("too_large", True)


def test_sign_in_with_the_right_and_the_wrong_password():
    with running(Sink(), password="right") as sink:
        send(plain(sink.port, user="me", password="right"), MAIL)
        problem = refusal(plain(sink.port, user="me", password="wrong"))
    assert len(sink.arrived) == 1
    assert (problem.problem, problem.permanent) == ("sign_in", False)
    assert "wrong" not in str(problem)


def test_starttls_with_a_trusted_and_an_untrusted_certificate(tmp_path, monkeypatch):
    pem = make_certificate(tmp_path / "server.pem", "localhost")
    with running(Sink(), certificate=pem) as sink:
        assert refusal(Route("localhost", sink.port, "starttls")).problem == "encryption"
        monkeypatch.setenv("SSL_CERT_FILE", os.fspath(pem))
        send(Route("localhost", sink.port, "starttls"), MAIL)
        assert refusal(Route("127.0.0.1", sink.port, "starttls")).problem == "encryption"  # the name does not match
    assert len(sink.arrived) == 1


def test_a_server_without_starttls_gets_no_password():
    with running(Sink(), password="right") as sink:
        assert refusal(Route("127.0.0.1", sink.port, "starttls", "me", "right")).problem == "encryption"


def test_tls_to_a_server_that_speaks_none():
    with scripted(b"220 plain\r\n", "close") as server:
        assert refusal(Route("127.0.0.1", server.port, "tls")).problem == "encryption"


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        ((b"421 busy\r\n", "close"), "busy"),
        ((b"what?\r\n", "hang"), "busy"),
        ((b"220-" + b"x" * 20 + b"\r\n",) * 200, "busy"),
        (("close",), "broken"),
        (("hang",), "timeout"),
        ((*HELLO, "line", b"250 ok\r\n", "line", b"250 ok\r\n", "line", b"354 go\r\n", "reset"), "broken"),
        ((*HELLO, "line", b"250 ok\r\n", "line", b"250 ok\r\n", "line", b"354 go\r\n", "message", "close"), "broken"),
        ((*HELLO, "line", b"250 ok\r\n", "line", b"250 ok\r\n", "line", b"354 go\r\n", "message", "hang"), "timeout"),
    ],
)
def test_servers_that_hang_lie_and_break_off(settings, steps, problem):
    settings.SMTP_TIMEOUT = settings.SMTP_ANSWER_TIMEOUT = timedelta(seconds=0.3)
    with scripted(*steps) as server:
        caught = refusal(plain(server.port))
    assert (caught.problem, caught.permanent) == (problem, False)


def test_no_server_there_and_no_such_name():
    assert refusal(plain(free_port())).problem == "unreachable"
    assert refusal(Route("no-such-host.invalid", 25, "none")).problem == "unknown_host"
    assert refusal(Route()).problem == "no_route"


def test_oauth_sends_the_token_and_forgets_a_refused_one(monkeypatch):
    grant = oauth.Grant(None, "google", "id", "secret", "refresh")
    asked = []
    monkeypatch.setattr(oauth, "_ask", lambda g, form: asked.append(form) or {"access_token": f"t{len(asked)}", "expires_in": 3600})
    oauth.forget(grant)
    expected = base64.b64encode(b"user=me@x.example\x01auth=Bearer t1\x01\x01")
    script = (*HELLO, "line", b"334 e30=\r\n", "line", b"535 5.7.8 no\r\n", "line")
    with scripted(*script) as server:
        assert refusal(plain(server.port, user="me@x.example", oauth=grant)).problem == "oauth"
    assert oauth.xoauth2("me@x.example", "t1").encode() == expected
    with scripted(*HELLO, "line", b"235 ok\r\n", "hang") as server:
        check(plain(server.port, user="me@x.example", oauth=grant))
    assert len(asked) == 2


def test_the_relay_setting_is_understood():
    assert relay("") == Route()
    assert relay("mail.internal:2500") == Route("mail.internal", 2500, "none")
    assert relay("smtps://me:p%40ss@relay.example") == Route("relay.example", 465, "tls", "me", "p@ss")
    assert relay("smtp+starttls://relay.example") == Route("relay.example", 587, "starttls")


# --- The journal ---------------------------------------------------------------------------------


@pytest.fixture
def home(settings, tmp_path):
    settings.HOME = tmp_path
    return tmp_path


def test_a_running_attempt_is_nobodys_business(home):
    running_attempt = journal.begin(7)
    assert list(journal.ended()) == []
    assert journal.exists(running_attempt.token)
    running_attempt.close()
    assert not journal.exists(running_attempt.token)


def test_the_journal_tells_how_far_a_killed_attempt_came(home):
    attempt = journal.begin(7)
    token = attempt.token
    attempt.abandon()
    ((name, story, again),) = journal.ended()
    assert (name, story.phase) == (token, journal.STARTED)
    again.plan(accepted=["a@b"], refused={"c@d": [550, "no"]})
    again.marks[0] = journal.HANDED_OVER
    again.abandon()
    ((_, story, again),) = journal.ended()
    assert (story.phase, story.accepted, story.refused) == (journal.HANDED_OVER, ["a@b"], {"c@d": [550, "no"]})
    again.answered(250, "kept")
    again.abandon()
    ((_, story, again),) = journal.ended()
    assert (story.phase, story.answer) == (journal.ANSWERED, [250, "kept"])
    assert answer_of(story.answer, story.accepted, story.refused).answer == "250 kept"
    again.close()
    assert list(journal.ended()) == []


def test_the_sender_writes_the_truth(home):
    with running(Sink()) as sink:
        attempt = journal.begin(1)
        send(plain(sink.port), MAIL, attempt)
        attempt.abandon()
        ((_, story, attempt),) = journal.ended()
        assert (story.phase, story.answer[0], story.accepted) == (journal.ANSWERED, 250, ["ruth@customer.example"])
        attempt.close()
        sink.answers["DATA"] = "451 not now"
        attempt = journal.begin(2)
        with pytest.raises(SendProblem):
            send(plain(sink.port), MAIL, attempt)
        attempt.abandon()
        ((_, story, attempt),) = journal.ended()
        with pytest.raises(SendProblem) as caught:
            answer_of(story.answer, story.accepted, story.refused)
        assert caught.value.problem == "busy"
        attempt.close()
