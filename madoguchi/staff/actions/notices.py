"""Telling agents something: shown in the page, mailed in the digest."""

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
