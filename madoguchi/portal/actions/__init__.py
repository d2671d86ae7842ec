"""What customers do on our pages."""

from .entering import ask_for_link, end_session, prune, redeem
from .privacy import ask_for_erasure, decide_erasure, save_choices, withdraw_erasure
from .requests import close, reopen, write
from .writing import send_form

__all__ = [
    "ask_for_erasure", "ask_for_link", "close", "decide_erasure", "end_session", "prune", "redeem", "reopen", "save_choices", "send_form",
    "withdraw_erasure", "write",
]  # fmt: skip
