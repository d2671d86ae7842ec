"""Articles and signed-in agents, as the tests of knowledge and of the console have them."""

from tests.console.conftest import sign_in
from tests.knowledge.conftest import write

__all__ = ["sign_in", "write"]
