"""Telling agents something: shown in the page, mailed in the digest."""

from datetime import datetime

from django.db import transaction

from madoguchi.foundation import clock

from ..models import Notice


def notify(*, agent_ids: list[int], kind: str, ticket_id: int | None = None, key: str = "", **params: object) -> None:
    """Tell agents something, once per `key` and agent when a key is given; shown in the page and mailed in the digest."""
    now = clock.now()
    Notice.objects.bulk_create(
        [
            Notice(
                agent_id=agent_id, kind=kind, ticket_id=ticket_id, params=params, created_at=now,
                key=f"{key}:{agent_id}" if key else None,
            )
            for agent_id in dict.fromkeys(agent_ids)
        ],
        ignore_conflicts=True,
    )  # fmt: skip


@transaction.atomic
def take_for_digest(*, agent_id: int, token: str, before: datetime, since: datetime) -> list[Notice]:
    """Take what the agent has neither read nor been mailed for the digest of attempt `token`, oldest first; nobody else gets it then."""
    waiting = Notice.objects.select_for_update().filter(
        agent_id=agent_id, read_at=None, mailed_at=None, digest="", created_at__lt=before, created_at__gte=since
    )
    found = list(waiting.order_by("id"))
    Notice.objects.filter(pk__in=[notice.pk for notice in found]).update(digest=token)
    return found


def digest_sent(*, token: str) -> None:
    """The digest left the house, or may have: its notices are not mailed again."""
    Notice.objects.filter(digest=token).update(mailed_at=clock.now(), digest="")


def digest_not_sent(*, token: str) -> None:
    """The mail server was given nothing: the notices wait for the next digest."""
    Notice.objects.filter(digest=token).update(digest="")
