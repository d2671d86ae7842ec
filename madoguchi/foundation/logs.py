"""Logs as one JSON object a line, with the request's id; values that look like secrets never get in."""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("request_id", default="")

_PLAIN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
_SECRET_WORDS = ("password", "secret", "token", "authorization", "cookie", "key")


class JsonFormatter(logging.Formatter):
    """Standard fields first, then whatever the caller gave in `extra`; `*secret*`-named extras are replaced."""

    def format(self, record: logging.LogRecord) -> str:
        body: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id.get():
            body["request_id"] = request_id.get()
        for name, value in vars(record).items():
            if name not in _PLAIN and not name.startswith("_"):
                body[name] = "[hidden]" if any(word in name.lower() for word in _SECRET_WORDS) else value
        if record.exc_info:
            body["error"] = self.formatException(record.exc_info)
        return json.dumps(body, ensure_ascii=False, default=str)
