"""A desk whose API is called has it loaded before the first call; others never load it."""

import pytest

from madoguchi.api.door import known_parameters
from madoguchi.config import serve
from madoguchi.foundation.actor import SYSTEM
from madoguchi.staff import actions as staff


@pytest.mark.django_db(transaction=True)  # it lets go of the connection
def test_the_api_is_loaded_where_somebody_has_a_token(cast):
    known_parameters.cache_clear()
    serve._warm_api()
    assert known_parameters.cache_info().currsize == 0
    staff.create_token(agent=cast.admin, name="test", by=SYSTEM)
    serve._warm_api()
    assert known_parameters.cache_info().currsize == 1
