"""The normal form of an address, a number or a name on a channel, so that one person is found however it was written."""

import re

KINDS = ("mail", "phone", "line", "whatsapp", "x", "telegram", "wechat", "other")
LONGEST = 320
_MAIL = re.compile(r"^[^\s@<>,;\"]{1,64}@[^\s@<>,;\"]{1,255}$")


def normal_form(kind: str, value: str, *, region: str = "JP") -> str:
    """The value as it is kept. `region`: the country of a telephone number without a prefix. ValueError when it cannot be one."""
    value = value.strip()
    if kind not in KINDS or not value or len(value) > LONGEST or "\0" in value:
        raise ValueError(kind)
    if kind == "mail":
        if not _MAIL.match(value):
            raise ValueError(value)
        return value.lower()
    if kind in {"phone", "whatsapp"}:
        import phonenumbers  # noqa: PLC0415  half a megabyte of rules, needed when a number is written down

        try:
            number = phonenumbers.parse(value, region)
        except phonenumbers.NumberParseException as error:
            raise ValueError(value) from error
        if not phonenumbers.is_possible_number(number):
            raise ValueError(value)
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return value
