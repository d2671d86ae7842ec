"""Statements that every ticket page runs must walk an index, however many tickets there are."""

import pytest
from django.db import connection

from madoguchi.tickets.models import Attachment, Ticket
from madoguchi.tickets.reading import RELATED


@pytest.fixture
def explain(db):
    """The plan of a statement. PostgreSQL is kept from reading its few rows whole, so that it shows which index it can use."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")

        def explain(sql, params):
            word = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
            cursor.execute(f"{word} {sql}", params)
            return " ".join(row[-1] for row in cursor.fetchall())

        yield explain


def test_partial_indexes_are_used(explain):
    plan = explain(RELATED, [1, 1, 1])
    assert "ticket_merged" in plan
    assert "SCAN tickets" not in plan
    assert "Seq Scan" not in plan
    assert "ticket_merged" in explain(*Ticket.objects.filter(merged_into=1).query.sql_with_params())
    assert "attachment_upload" in explain(*Attachment.objects.filter(ticket=1).query.sql_with_params())
