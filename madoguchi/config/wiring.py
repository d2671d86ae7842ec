"""Event -> handlers: the whole list. Handlers run as jobs, in no promised order, once per event and handler."""

WIRING: dict[str, list[str]] = {}
