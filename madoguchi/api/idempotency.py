"""Every write may carry an Idempotency-Key: the same request with the same key is done once and answered the same."""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Status

from madoguchi.foundation import crypto
from madoguchi.foundation.errors import Conflict, Invalid

from .actions import forget_answer, keep_answer, promise_answer
from .models import IdempotentAnswer

KEY_LENGTH = 200
Written = tuple[int, dict[str, Any]]


def once(view: Callable[..., Written]) -> Callable[..., Status[dict[str, Any]]]:
    """Wrap a writing operation that returns (status, plain JSON). The key's row and the write are one transaction."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> Status[dict[str, Any]]:
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            with transaction.atomic():
                return Status(*view(request, *args, **kwargs))
        if len(key) > KEY_LENGTH or not key.isprintable():
            raise Invalid(_("An Idempotency-Key has at most {n} printable characters.").format(n=KEY_LENGTH))
        digest = hashlib.sha256(b"\n".join([(request.method or "").encode(), request.get_full_path().encode(), request.body])).hexdigest()
        try:
            with transaction.atomic():
                row = promise_answer(token=request.token, key=key, digest=digest)  # type: ignore[attr-defined]
                status, body = view(request, *args, **kwargs)
                keep_answer(row, status=status, body=body)
                return Status(status, body)
        except IntegrityError:
            return Status(*_repeated(request, key, digest))

    return answered


def _repeated(request: HttpRequest, key: str, digest: str) -> Written:
    row = IdempotentAnswer.objects.filter(token=request.token, key=key).first()  # type: ignore[attr-defined]
    if row is None:
        raise Conflict
    if row.request_digest != digest:
        raise Invalid(_("This Idempotency-Key was used for another request. Choose a new one."))
    if not row.status:
        forget_answer(row)
        raise Conflict
    return row.status, json.loads(crypto.decrypt(row.body))
