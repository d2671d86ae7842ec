"""Reply text, quoted text and signature of one message."""

from madoguchi.channels.mail.html_text import QUOTE_MARK


def split(text: str) -> tuple[str, str, str]:
    """(reply, quoted, signature)."""
    return text.replace(QUOTE_MARK, ""), "", ""
