"""What a returned mail says: RFC 3464 reports, RFC 5965 complaints, and the plain texts of older servers."""

import re

from madoguchi.channels.mail.content import Content
from madoguchi.channels.mail.headers import Fields, decode_text, message_id, read_fields, unfold
from madoguchi.channels.mail.mime import Part, transfer_decode
from madoguchi.channels.mail.parsed import DeliveryStatus

_MAX_REPORT = 100_000
_MAX_RECIPIENTS = 200

_DAEMONS = frozenset(
    [
        "mailer-daemon",
        "mailerdaemon",
        "mail-daemon",
        "maildaemon",
        "postmaster",
        "mdaemon",
        "mail-delivery-subsystem",
        "mailer_daemon",
        "microsoftexchange",
        "bounce",
        "bounces",
        "mailerdemon",
    ]
)
_SUBJECT = re.compile(
    r"undeliver(?:able|ed)|returned mail|return(?:ed)? to sender|failure notice|delivery (?:status notification|(?:has )?fail|report|problem|error|notification)|"
    r"mail delivery (?:failed|failure|system|error|subsystem)|message (?:could not be|not) delivered|non.?delivery|mail system error|"
    r"delayed (?:mail|message)|could not send message|warning: (?:could not send|message)|user unknown|host unknown|mail could not be delivered|"
    r"unzustellbar|nicht zugestellt|zustellung.{0,20}(?:fehlgeschlagen|nicht)|konnte nicht zugestellt|"
    r"配信(?:不能|失敗|できません|エラー)|配信不能|送信できませんでした|送信エラー|未配達|届きませんでした|エラーメール|"
    r"退信|退回|投递失败|未送达|无法送达|無法傳遞|無法送達|未傳遞|傳送失敗|寄送失敗|"
    r"non remis|non distribu|no se pudo entregar|impossible de remettre|mancata consegna|onbestelbaar|olevererbart|недоставлен",
    re.IGNORECASE,
)
_TEXT_START = re.compile(
    r"hi\. this is the|this is the (?:mail system|qmail|postfix|mail delivery)|this message was created automatically by mail delivery|"
    r"a message that you sent could not be delivered|the original message was received at|delivery to the following recipients? failed|"
    r"address not found|your message (?:wasn't|could not be|to .{1,100} couldn't be) delivered|this is an automatically generated delivery status|"
    r"each of the following recipients was rejected|the following address|<<< 5\d\d|"
    r"次の(?:受信者|宛先|あて先)|以下の(?:宛先|あて先|メールアドレス)|このメールは.{0,20}(?:配信|送信)できません|"
    r"抱歉,?您的邮件被退回|您的郵件|diese nachricht wurde automatisch",
    re.IGNORECASE,
)

_STATUS_NUMBER = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_SMTP_CODE = re.compile(r"(?<!\d)(5\d\d|4\d\d)[ \-](?=[#A-Za-z<\d])")
_BRACKETED = re.compile(r"<([^\s<>@]{1,200}@[^\s<>]{1,200})>")
_AT_LINE = re.compile(
    r"^[ \t]*(?:(?:to|recipient|rcpt|user|final-recipient|unknown user|宛先|収件人|收件人)[^\n:：]{0,20}[:：]\s*)?<?([^\s<>@:;,]{1,200}@[A-Za-z0-9.\-]{1,200}[A-Za-z0-9])>?[:.]?(?:[ \t]|$)",
    re.MULTILINE | re.IGNORECASE,
)
_ORIGINAL_ID = re.compile(
    r"^[ \t]{0,20}>?[ \t]{0,20}message-id:[ \t]{0,20}(?:\r?\n[ \t]{1,20})?(<[^<>\s]{1,500}>)", re.MULTILINE | re.IGNORECASE
)
_ADDRESS = re.compile(r"[^\s<>;,\"]{1,200}@[^\s<>;,\"]{1,200}")
_ORIGINAL_FOLLOWS = re.compile(
    r"^(?:-{3,} ?(?:this is a copy|original message|below this line|returned message|the header of the original|message header follows|included is a copy).*"
    r"|received: from .*|return-path: .*)$",
    re.MULTILINE | re.IGNORECASE,
)


def looks_like_bounce(from_addr: str, return_path: str | None, subject: str, text: str, fields: Fields) -> bool:
    """A returned mail that is not a proper report. Needs two signs, so that a person named postmaster is heard."""
    if "x-failed-recipients" in fields:
        return True
    local = from_addr.partition("@")[0].lower()
    daemon = local in _DAEMONS or local.startswith(("mailer-daemon", "microsoftexchange"))
    null_sender = return_path == ""
    if not daemon and not null_sender:
        return False
    worded = bool(_SUBJECT.search(subject[:300]))
    if daemon:
        return worded or (null_sender and local != "postmaster") or bool(_TEXT_START.search(text[:1500]))
    return worded and bool(_TEXT_START.search(text[:1500]) or _STATUS_NUMBER.search(text[:5000]))


def read_report(content: Content, text: str, fields: Fields) -> tuple[DeliveryStatus, ...]:
    """The recipients of the report parts, or else what the text tells."""
    problems = content.tree.problems
    original = _original_id(content, text)
    found: list[DeliveryStatus] = []
    for part in content.reports:
        body = transfer_decode(content.tree.raw, part, problems)[:_MAX_REPORT].decode("ascii", "surrogateescape")
        if part.type == "message/feedback-report":
            found.extend(_feedback(body, original, problems))
        elif part.type != "message/disposition-notification":
            found.extend(_recipients(body, original, problems))
        if len(found) >= _MAX_RECIPIENTS:
            break
    if found:
        return tuple(found[:_MAX_RECIPIENTS])
    return (_from_text(text, original, fields),)


def _groups(body: str) -> list[Fields]:
    groups: list[dict[str, list[str]]] = []
    for piece in re.split(r"\r?\n[ \t]*(?:\r?\n[ \t]*)+", body.strip())[: _MAX_RECIPIENTS + 1]:
        fields = read_fields(piece)[0]
        # Some servers forget the empty line between two recipients.
        several = fields.get("final-recipient", [])
        if len(several) > 1:
            groups.extend({name: values[n : n + 1] or values[:1] for name, values in fields.items()} for n in range(len(several)))
        else:
            groups.append(fields)
    return groups


def _recipients(body: str, original: str, problems: set[str]):
    per_message: Fields = {}
    for fields in _groups(body):
        if "final-recipient" not in fields and "original-recipient" not in fields and "action" not in fields:
            per_message.update(fields)
            continue
        recipient = _typed(fields, "final-recipient") or _typed(fields, "original-recipient")
        status = _STATUS_NUMBER.search(_first(fields, "status"))
        yield DeliveryStatus(
            recipient=recipient.strip("<>").strip(),
            action=_first(fields, "action").split(" ")[0].lower(),
            status=status[1] if status else "",
            diagnostic=decode_text(_typed(fields, "diagnostic-code"), problems)[:2000],
            original_message_id=original,
            remote_server=_typed(fields, "remote-mta")[:300],
        )


def _feedback(body: str, original: str, problems: set[str]):
    for fields in _groups(body)[:1]:
        recipient = _ADDRESS.search(_first(fields, "original-rcpt-to") or _first(fields, "removal-recipient"))
        yield DeliveryStatus(
            recipient=recipient.group() if recipient else "",
            action="complaint",
            status="",
            diagnostic=decode_text(_first(fields, "feedback-type"), problems)[:200],
            original_message_id=original,
        )


def _first(fields: Fields, name: str) -> str:
    return unfold(fields[name][0]) if fields.get(name) else ""


def _typed(fields: Fields, name: str) -> str:
    """The value behind `rfc822;`, `smtp;` or `dns;`."""
    value = _first(fields, name)
    kind, semicolon, rest = value.partition(";")
    return rest.strip() if semicolon and " " not in kind.strip() else value


def _original_id(content: Content, text: str) -> str:
    for part in content.embedded:
        block = _head_of(part, content)
        fields = read_fields(block)[0]
        if fields.get("message-id"):
            return message_id(fields["message-id"][0])
    for part in content.reports:
        body = content.tree.raw[part.start : min(part.end, part.start + _MAX_REPORT)].decode("ascii", "replace")
        match = _ORIGINAL_ID.search(body)
        if match:
            return match[1]
    match = _ORIGINAL_ID.search(text)
    return match[1] if match else ""


def _head_of(part: Part, content: Content) -> str:
    data = transfer_decode(content.tree.raw, part, set())[:_MAX_REPORT].lstrip(b"\r\n")
    head = data.partition(b"\r\n\r\n")[0].partition(b"\n\n")[0]
    return head.decode("ascii", "surrogateescape")


def _from_text(text: str, original: str, fields: Fields) -> DeliveryStatus:
    """Recipient, code and reason out of the words of qmail, Exim, old sendmail, carriers and providers."""
    follows = _ORIGINAL_FOLLOWS.search(text)
    told = text[: follows.start()] if follows else text[:20_000]
    recipient = ""
    failed = _first(fields, "x-failed-recipients")
    if failed:
        recipient = failed.split(",")[0].strip().strip("<>")
    for pattern in (_BRACKETED, _AT_LINE, _ADDRESS):
        match = None if recipient else pattern.search(told)
        if match:
            recipient = (match[1] if pattern is not _ADDRESS else match.group()).strip(".:'\"()")
    status = _STATUS_NUMBER.search(told)
    code = _SMTP_CODE.search(told)
    number = status[1] if status else {"5": "5.0.0", "4": "4.0.0"}.get(code[1][0], "") if code else ""
    delayed = number.startswith("4") or bool(
        re.search(r"delay|will be retried|not yet been delivered|verzögert|遅延", told[:2000], re.IGNORECASE)
    )
    return DeliveryStatus(
        recipient=recipient,
        action="delayed" if delayed else "failed",
        status=number,
        diagnostic=_reason(told, code or status),
        original_message_id=original,
    )


def _reason(told: str, match: re.Match[str] | None) -> str:
    if match is None:
        return " ".join(told.split())[:500]
    begin = told.rfind("\n", 0, match.start()) + 1
    end = told.find("\n", match.end())
    return " ".join(told[begin : end if end > 0 else None].split())[:500]
