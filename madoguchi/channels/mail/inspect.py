"""What the parser sees in one file, as plain JSON values: `madoguchi mail inspect`."""

from typing import Any

from madoguchi.channels.mail.parse import Address, parse


def inspect(raw: bytes, *, own_addresses: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The contract of the command. A file without header fields is taken as a plain body."""
    mail = parse(raw, own_addresses=own_addresses)
    return {
        "subject": mail.subject,
        "from": address_text((mail.from_name, mail.from_addr)),
        "to": [address_text(address) for address in mail.to],
        "cc": [address_text(address) for address in mail.cc],
        "date": mail.date.isoformat() if mail.date else None,
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to,
        "references": list(mail.references),
        "kind": mail.kind,
        "text": mail.text,
        "reply_text": mail.reply_text,
        "quoted_text": mail.quoted_text,
        "signature": mail.signature,
        "attachments": [{"name": a.name, "type": a.type, "size": a.size} for a in mail.attachments],
        "charset": mail.charset,
        "problems": list(mail.problems),
    }


def address_text(address: Address) -> str:
    """`Name <address>`, or the one of the two that there is."""
    name, addr = address
    return f"{name} <{addr}>" if name and addr else addr or name
