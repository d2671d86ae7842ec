"""The API does what its description says, for whatever a program may send."""

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, settings

from madoguchi.foundation.actor import SYSTEM
from madoguchi.staff import actions as staff

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler())


@pytest.fixture
def head(cast, settings):
    """What every call carries: an administrator's token."""
    settings.API_CALLS_PER_MINUTE = 1_000_000
    cast.ticket()
    return {"Authorization": "Bearer " + staff.create_token(agent=cast.admin, name="test", by=SYSTEM)}


@schema.parametrize()
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_operation(case, head):
    case.call_and_validate(headers=head)
