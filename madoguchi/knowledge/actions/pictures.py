"""Pictures of articles."""

import secrets

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit, clock
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Invalid, NotFound
from madoguchi.tickets.filetypes import safe_name, sniff

from ..models import Article, Picture

KINDS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp", "image/avif": "avif"}
MAX_PICTURE = 5 * 2**20
MAX_PICTURES = 200


@transaction.atomic
def add_picture(*, by: Actor, article_id: int, name: str, data: bytes, token: str = "") -> Picture:
    """Keep a picture; its kind is told by its bytes, not by its name. `token`: the one that it had where it comes from.

    Raises Invalid, NotFound.
    """
    article = Article.objects.filter(pk=article_id).first()
    if article is None:
        raise NotFound
    kind = sniff(data, name)
    if kind not in KINDS:
        raise Invalid(_("This is no picture that browsers show. Take a PNG, JPEG, GIF, WebP or AVIF."))
    if len(data) > MAX_PICTURE:
        raise Invalid(_("The picture is too large. It may have at most 5 MB."))
    if article.pictures.count() >= MAX_PICTURES:
        raise Invalid(_("The article has too many pictures already."))
    row = Picture.objects.create(
        article=article, token=token or secrets.token_hex(16), name=safe_name(name)[-200:], content_type=kind, data=data, size=len(data),
        uploaded_by_id=by.agent_id, created_at=clock.now(),
    )  # fmt: skip
    audit.record("knowledge.add_picture", by=by, subject=f"article:{article.pk}", detail={"name": row.name, "size": row.size})
    return row
