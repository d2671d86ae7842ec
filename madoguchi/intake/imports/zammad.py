"""Zammad: the ticket list in pages (names resolved by `expand`), articles per ticket. Unchanged tickets are told by `updated_at`."""

from collections.abc import Iterator

from .foreign import ForeignCustomer, ForeignFile, ForeignMessage, ForeignTicket, moment
from .web import Web

STATUS = {
    "new": "new", "open": "open", "pending reminder": "waiting_customer", "pending close": "waiting_customer", "closed": "solved",
    "merged": "closed",
}  # fmt: skip
PRIORITY = {"1 low": 1, "2 normal": 2, "3 high": 3}
CHANNEL = {"email": "mail", "phone": "phone", "chat": "webchat", "web": "form", "note": "mail", "sms": "sms"}
PER_PAGE = 100


class Zammad:
    name = "zammad"

    def __init__(self, web: Web) -> None:
        self.web = web
        self._people: dict[int, dict] = {}
        self._cursor = ""

    def tickets(self, since: str) -> Iterator[ForeignTicket]:
        page, newest = 1, since
        while rows := self.web.get("/api/v1/tickets", expand="true", page=page, per_page=PER_PAGE):
            for row in rows:
                newest = max(newest, row["updated_at"])
                if not since or row["updated_at"] >= since:
                    yield self._ticket(row)
            page += 1
        self._cursor = newest

    def cursor(self) -> str:
        return self._cursor

    def messages(self, ticket: ForeignTicket) -> list[ForeignMessage]:
        rows = self.web.get(f"/api/v1/ticket_articles/by_ticket/{ticket.id}", expand="true")
        return [self._message(row, ticket) for row in rows]

    def _person(self, number: int | None) -> dict:
        if not number or number == 1:  # number 1 is Zammad's "nobody"
            return {}
        if number not in self._people:
            self._people[number] = self.web.get(f"/api/v1/users/{number}", expand="true")
        return self._people[number]

    def _ticket(self, row: dict) -> ForeignTicket:
        person = self._person(row.get("customer_id"))
        name = " ".join(part for part in (person.get("firstname"), person.get("lastname")) if part and part != "-")
        return ForeignTicket(
            id=str(row["id"]), version=str(row["updated_at"]), subject=row.get("title") or "",
            status=STATUS.get(row.get("state", ""), "open"),
            priority=PRIORITY.get(row.get("priority", ""), 2), channel=CHANNEL.get(row.get("create_article_type", ""), "mail"),
            tags=tuple(row.get("tags") or ()),
            customer=ForeignCustomer(
                id=str(row.get("customer_id")), name=name, mail=person.get("email") or "", phone=person.get("phone") or "",
                company=person.get("organization") or "",
            ),
            assignee_mail=self._person(row.get("owner_id")).get("email") or "", team=row.get("group") or "",
            created_at=moment(row["created_at"]), updated_at=moment(row["updated_at"]),
            solved_at=moment(row["close_at"]) if row.get("close_at") else None,
        )  # fmt: skip

    def _message(self, row: dict, ticket: ForeignTicket) -> ForeignMessage:
        theirs = row.get("sender") == "Customer"
        body, is_html = row.get("body") or "", "html" in (row.get("content_type") or "")
        return ForeignMessage(
            id=str(row["id"]), direction="note" if row.get("internal") else "in" if theirs else "out",
            created_at=moment(row["created_at"]), text="" if is_html else body, html=body if is_html else "",
            author_name=row.get("from") or ticket.customer.name,
            author_mail=ticket.customer.mail if theirs else row.get("created_by") or "",
            message_id=row.get("message_id") or "",
            files=tuple(
                ForeignFile(
                    f["filename"], (f.get("preferences") or {}).get("Content-Type", ""), int(f.get("size") or 0),
                    f"/api/v1/ticket_attachment/{ticket.id}/{row['id']}/{f['id']}",
                )
                for f in row.get("attachments") or ()
            ),
        )  # fmt: skip
