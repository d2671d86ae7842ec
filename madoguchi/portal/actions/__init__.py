"""What customers do on our pages."""

from .entering import ask_for_link, end_session, prune, redeem
from .requests import close, reopen, write
from .writing import send_form

__all__ = ["ask_for_link", "close", "end_session", "prune", "redeem", "reopen", "send_form", "write"]
