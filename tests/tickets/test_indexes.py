"""Statements that every ticket page runs must walk an index, however many tickets there are."""

import pytest
from django.db import connection

from madoguchi.tickets.models import Attachment, Ticket
from madoguchi.tickets.reading import RELATED


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads small tables whole; it proves the same condition by itself")
def test_partial_indexes_are_used(db):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {RELATED}", [1, 1, 1])
        plan = " ".join(row[-1] for row in cursor.fetchall())
    assert "ticket_merged" in plan
    assert "SCAN tickets" not in plan
    assert "ticket_merged" in Ticket.objects.filter(merged_into=1).explain()
    assert "attachment_upload" in Attachment.objects.filter(ticket=1).explain()
