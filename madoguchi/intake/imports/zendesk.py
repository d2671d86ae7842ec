"""Zendesk: the incremental cursor export gives changed tickets; comments come per ticket."""

from collections.abc import Iterator

from .foreign import ForeignCustomer, ForeignFile, ForeignMessage, ForeignTicket, moment
from .web import Web

STATUS = {
    "new": "new", "open": "open", "pending": "waiting_customer", "hold": "waiting_others", "solved": "solved", "closed": "closed",
}  # fmt: skip
PRIORITY = {"low": 1, "normal": 2, "high": 3, "urgent": 4}
KIND = {"question": "question", "incident": "incident", "problem": "incident", "task": "request"}
CHANNEL = {"email": "mail", "chat": "webchat", "web": "form", "api": "api", "voice": "phone"}


class Zendesk:
    name = "zendesk"

    def __init__(self, web: Web) -> None:
        self.web = web
        self._people: dict[int, dict] = {}
        self._groups: dict[int, str] = {}
        self._cursor = ""

    def tickets(self, since: str) -> Iterator[ForeignTicket]:
        position = {"cursor": since} if since else {"start_time": 0}
        while True:
            page = self.web.get("/api/v2/incremental/tickets/cursor.json", include="users,groups", **position)
            self._people |= {person["id"]: person for person in page.get("users", [])}
            self._groups |= {group["id"]: group["name"] for group in page.get("groups", [])}
            yield from (self._ticket(row) for row in page["tickets"] if row.get("status") != "deleted")
            self._cursor = page.get("after_cursor") or self._cursor
            if page.get("end_of_stream", True):
                return
            position = {"cursor": page["after_cursor"]}

    def cursor(self) -> str:
        return self._cursor

    def messages(self, ticket: ForeignTicket) -> list[ForeignMessage]:
        found, path, params = [], f"/api/v2/tickets/{ticket.id}/comments.json", {"page[size]": 100, "include": "users"}
        while True:
            page = self.web.get(path, **params)
            self._people |= {person["id"]: person for person in page.get("users", [])}
            found += [self._message(row, ticket) for row in page["comments"]]
            meta = page.get("meta") or {}
            if not meta.get("has_more"):
                return found
            params = {"page[size]": 100, "include": "users", "page[after]": meta["after_cursor"]}

    def _person(self, number: int | None) -> dict:
        if number is None:
            return {}
        if number not in self._people:
            self._people[number] = self.web.get(f"/api/v2/users/{number}.json").get("user", {})
        return self._people[number]

    def _ticket(self, row: dict) -> ForeignTicket:
        person = self._person(row.get("requester_id"))
        via = (row.get("via") or {}).get("channel", "email")
        return ForeignTicket(
            id=str(row["id"]), version=str(row["updated_at"]), subject=row.get("subject") or row.get("raw_subject") or "",
            status=STATUS.get(row.get("status", ""), "open"), priority=PRIORITY.get(row.get("priority") or "", 2),
            kind=KIND.get(row.get("type") or "", ""), channel=CHANNEL.get(via, "mail"), tags=tuple(row.get("tags") or ()),
            customer=ForeignCustomer(
                id=str(row.get("requester_id") or row["id"]), name=person.get("name") or "", mail=person.get("email") or "",
                phone=person.get("phone") or "", language=person.get("locale") or "", time_zone=person.get("iana_time_zone") or "",
            ),
            assignee_mail=self._person(row.get("assignee_id")).get("email") or "", team=self._groups.get(row.get("group_id") or 0, ""),
            created_at=moment(row["created_at"]), updated_at=moment(row["updated_at"]),
        )  # fmt: skip

    def _message(self, row: dict, ticket: ForeignTicket) -> ForeignMessage:
        author = self._person(row.get("author_id"))
        theirs = str(row.get("author_id")) == ticket.customer.id or author.get("role") == "end-user"
        return ForeignMessage(
            id=str(row["id"]), direction="note" if not row.get("public", True) else "in" if theirs else "out",
            created_at=moment(row["created_at"]), text=row.get("plain_body") or row.get("body") or "", html=row.get("html_body") or "",
            author_name=author.get("name") or "", author_mail=author.get("email") or "",
            files=tuple(
                ForeignFile(f["file_name"], f.get("content_type") or "", f.get("size") or 0, f["content_url"])
                for f in row.get("attachments") or ()
            ),
        )  # fmt: skip
