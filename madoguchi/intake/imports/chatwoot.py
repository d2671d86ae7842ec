"""Chatwoot: conversations of an account by last activity, messages backwards in pages of twenty."""

from collections.abc import Iterator

from .foreign import ForeignCustomer, ForeignFile, ForeignMessage, ForeignTicket, moment
from .web import Web

STATUS = {"open": "open", "pending": "new", "snoozed": "waiting_customer", "resolved": "solved"}
PRIORITY = {"low": 1, "medium": 2, "high": 3, "urgent": 4}
CHANNEL = {
    "Channel::Email": "mail",
    "Channel::WebWidget": "webchat",
    "Channel::Api": "api",
    "Channel::Whatsapp": "whatsapp",
    "Channel::Line": "line",
}
INCOMING, OUTGOING, ACTIVITY = 0, 1, 2


class Chatwoot:
    name = "chatwoot"

    def __init__(self, web: Web, account: str) -> None:
        self.web, self.root = web, f"/api/v1/accounts/{account}"
        self._cursor = ""

    def tickets(self, since: str) -> Iterator[ForeignTicket]:
        page, newest, oldest_wanted = 1, float(since or 0), float(since or 0)
        while rows := self.web.get(f"{self.root}/conversations", status="all", sort_by="last_activity_at_desc", page=page)["data"][
            "payload"
        ]:
            for row in rows:
                touched = float(row.get("last_activity_at") or row.get("timestamp") or 0)
                newest = max(newest, touched)
                if touched >= oldest_wanted:
                    yield self._ticket(row, touched)
            if oldest_wanted and touched < oldest_wanted:
                break
            page += 1
        self._cursor = str(newest)

    def cursor(self) -> str:
        return self._cursor

    def messages(self, ticket: ForeignTicket) -> list[ForeignMessage]:
        found: dict[int, ForeignMessage] = {}
        before: dict[str, int] = {}
        while rows := self.web.get(f"{self.root}/conversations/{ticket.id}/messages", **before)["payload"]:
            fresh = [row for row in rows if row["id"] not in found]
            found |= {row["id"]: self._message(row, ticket) for row in fresh}
            if not fresh:
                break
            before = {"before": min(row["id"] for row in rows)}
        kept = [found[number] for number in sorted(found)]
        return [message for message in kept if message.direction]

    def _ticket(self, row: dict, touched: float) -> ForeignTicket:
        meta = row.get("meta") or {}
        person, agent, team = meta.get("sender") or {}, meta.get("assignee") or {}, meta.get("team") or {}
        extra = row.get("additional_attributes") or {}
        return ForeignTicket(
            id=str(row["id"]), version=f"{touched}:{row.get('status')}:{','.join(row.get('labels') or ())}:{agent.get('id', '')}",
            subject=extra.get("mail_subject") or "", status=STATUS.get(row.get("status", ""), "open"),
            priority=PRIORITY.get(row.get("priority") or "", 2), channel=CHANNEL.get(meta.get("channel", ""), "webchat"),
            tags=tuple(row.get("labels") or ()),
            customer=ForeignCustomer(
                id=str(person.get("id")), name=person.get("name") or "", mail=person.get("email") or "",
                phone=person.get("phone_number") or "",
                company=(person.get("additional_attributes") or {}).get("company_name") or "",
            ),
            assignee_mail=agent.get("email") or "", team=team.get("name") or "",
            created_at=moment(row.get("created_at") or touched), updated_at=moment(touched),
        )  # fmt: skip

    def _message(self, row: dict, ticket: ForeignTicket) -> ForeignMessage:
        sender, kind = row.get("sender") or {}, row.get("message_type")
        direction = "" if kind == ACTIVITY else "note" if row.get("private") else "in" if kind == INCOMING else "out"
        return ForeignMessage(
            id=str(row["id"]), direction=direction, created_at=moment(row["created_at"]), text=row.get("content") or "",
            author_name=sender.get("name") or ticket.customer.name, author_mail=sender.get("email") or "",
            message_id=row.get("source_id") or "" if ticket.channel == "mail" else "",
            files=tuple(
                ForeignFile(f.get("data_url", "").rsplit("/", 1)[-1], f.get("content_type") or "", f.get("file_size") or 0, f["data_url"])
                for f in row.get("attachments") or ()
                if f.get("data_url")
            ),
        )  # fmt: skip
