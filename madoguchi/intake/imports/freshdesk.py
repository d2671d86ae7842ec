"""Freshdesk: tickets by time of change (at most 300 pages a question, so the question moves along), conversations per ticket."""

from collections.abc import Iterator

from .foreign import ForeignCustomer, ForeignFile, ForeignMessage, ForeignTicket, moment
from .web import Web

STATUS = {2: "open", 3: "waiting_customer", 4: "solved", 5: "closed", 6: "waiting_customer", 7: "waiting_others"}
CHANNEL = {1: "mail", 2: "form", 3: "phone", 7: "webchat", 9: "form", 10: "mail"}
KIND = {"Question": "question", "Incident": "incident", "Problem": "incident", "Feature Request": "request"}
PER_PAGE, MAX_PAGES = 100, 300
BEGINNING = "1970-01-01T00:00:00Z"


class Freshdesk:
    name = "freshdesk"

    def __init__(self, web: Web) -> None:
        self.web = web
        self._agents: dict[int, dict] | None = None
        self._groups: dict[int, str] | None = None
        self._cursor = ""

    def tickets(self, since: str) -> Iterator[ForeignTicket]:
        since, seen = since or BEGINNING, set()
        while True:
            newest = since
            for page in range(1, MAX_PAGES + 1):
                rows = self.web.get(
                    "/api/v2/tickets", updated_since=since, order_by="updated_at", order_type="asc", per_page=PER_PAGE, page=page,
                    include="requester,description",
                )  # fmt: skip
                for row in rows:
                    newest = row["updated_at"]
                    if (row["id"], newest) not in seen:
                        seen.add((row["id"], newest))
                        yield self._ticket(row)
                if len(rows) < PER_PAGE:
                    self._cursor = newest
                    return
            since = newest

    def cursor(self) -> str:
        return self._cursor

    def messages(self, ticket: ForeignTicket) -> list[ForeignMessage]:
        first = self.web.get(f"/api/v2/tickets/{ticket.id}")
        found = [
            ForeignMessage(
                id=f"{ticket.id}-first", direction="in", created_at=ticket.created_at, text=first.get("description_text") or "",
                html=first.get("description") or "", author_name=ticket.customer.name, author_mail=ticket.customer.mail,
                files=_files(first),
            )
        ]  # fmt: skip
        page = 1
        while rows := self.web.get(f"/api/v2/tickets/{ticket.id}/conversations", per_page=PER_PAGE, page=page):
            found += [self._message(row, ticket) for row in rows]
            page += 1
            if len(rows) < PER_PAGE:
                break
        return found

    def _ticket(self, row: dict) -> ForeignTicket:
        person = row.get("requester") or {}
        stats = row.get("stats") or {}
        return ForeignTicket(
            id=str(row["id"]), version=str(row["updated_at"]), subject=row.get("subject") or "",
            status=STATUS.get(row.get("status") or 0, "open"),
            priority=row.get("priority") or 2, kind=KIND.get(row.get("type") or "", ""),
            channel=CHANNEL.get(row.get("source") or 0, "mail"),
            tags=tuple(row.get("tags") or ()),
            customer=ForeignCustomer(
                id=str(row.get("requester_id") or person.get("id")), name=person.get("name") or "", mail=person.get("email") or "",
                phone=person.get("phone") or person.get("mobile") or "",
            ),
            assignee_mail=self._agent(row.get("responder_id")).get("email", ""), team=self._group(row.get("group_id")),
            created_at=moment(row["created_at"]), updated_at=moment(row["updated_at"]),
            solved_at=moment(stats["resolved_at"]) if stats.get("resolved_at") else None,
        )  # fmt: skip

    def _message(self, row: dict, ticket: ForeignTicket) -> ForeignMessage:
        theirs = bool(row.get("incoming"))
        agent = {} if theirs else self._agent(row.get("user_id"))
        return ForeignMessage(
            id=str(row["id"]), direction="note" if row.get("private") else "in" if theirs else "out",
            created_at=moment(row["created_at"]), text=row.get("body_text") or "", html=row.get("body") or "",
            author_name=ticket.customer.name if theirs else agent.get("name", ""),
            author_mail=(row.get("from_email") or ticket.customer.mail) if theirs else agent.get("email", ""), files=_files(row),
        )  # fmt: skip

    def _agent(self, number: int | None) -> dict:
        if self._agents is None:
            rows = self.web.get("/api/v2/agents", per_page=PER_PAGE)
            self._agents = {row["id"]: row.get("contact") or {} for row in rows}
        return self._agents.get(number or 0, {})

    def _group(self, number: int | None) -> str:
        if self._groups is None:
            self._groups = {row["id"]: row["name"] for row in self.web.get("/api/v2/groups", per_page=PER_PAGE)}
        return self._groups.get(number or 0, "")


def _files(row: dict) -> tuple[ForeignFile, ...]:
    return tuple(
        ForeignFile(f["name"], f.get("content_type") or "", f.get("size") or 0, f["attachment_url"]) for f in row.get("attachments") or ()
    )
