"""How a customer is called on the desk."""

import unicodedata


def is_cjk(text: str) -> bool:
    return any(unicodedata.east_asian_width(char) in {"W", "F"} for char in text[:3])


def name_of(name: str, language: str = "") -> str:
    """As the customer writes it; a Japanese name takes 様, as staff would say it."""
    if language == "ja" and is_cjk(name) and not name.endswith(("様", "御中")):
        return f"{name} 様"
    return name
