"""The API does what its description says, for whatever a program may send."""

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, settings

from madoguchi.api import actions as webhooks
from madoguchi.foundation.actor import SYSTEM
from madoguchi.knowledge import actions as knowledge
from madoguchi.staff import actions as staff

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
IDS: dict[str, int] = {}
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler())


@pytest.fixture
def head(cast, settings):
    """What every call carries: an administrator's token."""
    settings.API_CALLS_PER_MINUTE = 1_000_000
    endpoint, _secret = webhooks.add_endpoint(url="https://hook.example.com/", events=[], agent=None, by=SYSTEM)
    delivery = webhooks.write_test(endpoint_id=endpoint.pk, by=SYSTEM)
    topic = knowledge.save_category(by=SYSTEM, key="help", names={})
    article = knowledge.save_article(by=SYSTEM, slug="help", category_id=topic.pk, audience="public", language="en")
    knowledge.save_text(by=SYSTEM, article_id=article.pk, language="en", title="Help", body="Text")
    knowledge.publish(by=SYSTEM, article_id=article.pk, language="en")
    IDS.update(article_id=article.pk)
    IDS.update(ticket_id=cast.ticket().pk, customer_id=cast.ruth.pk, endpoint_id=endpoint.pk, delivery_id=delivery.pk)
    return {"Authorization": "Bearer " + staff.create_token(agent=cast.admin, name="test", by=SYSTEM)}


@schema.parametrize()
@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_operation(case, head):
    for name, value in case.path_parameters.items():
        if isinstance(value, int) and value > 0 and value % 2:  # half of the numbers lead to something that exists
            case.path_parameters[name] = IDS[name]
    case.call_and_validate(headers=head)
