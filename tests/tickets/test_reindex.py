"""`madoguchi reindex`."""

import pytest

from madoguchi.config import cli
from madoguchi.foundation import search
from madoguchi.tickets.search import search_tickets

pytestmark = pytest.mark.django_db


def test_builds_everything_again(cast, capsys):
    cast.ticket(subject="返品", text="gyroscope")
    search.clear("messages")
    assert search_tickets(cast.admin, "gyroscope").hits == []
    assert cli.main(["reindex"]) == 0
    assert capsys.readouterr().out == "2 customers\n0 articles\n1 messages\n"
    assert len(search_tickets(cast.admin, "gyroscope").hits) == 1


def test_does_nothing_without_need(cast, capsys):
    assert cli.main(["reindex", "--if-needed"]) == 0
    assert capsys.readouterr().out == ""
    search.set_current(current=False)
    assert cli.main(["reindex", "--if-needed"]) == 0
    assert "2 customers" in capsys.readouterr().out
    assert search.is_current()
