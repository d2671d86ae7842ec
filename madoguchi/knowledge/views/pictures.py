"""Pictures of articles: for everybody where a public text shows them, else only for those who may see the knowledge base."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from madoguchi.foundation.errors import NotFound
from madoguchi.staff.access import public
from madoguchi.staff.permissions import Permission

from ..models import Picture
from ..queries import public_translations
from .help import kept


@public
def picture(request: HttpRequest, token: str, name: str) -> HttpResponse:
    """The bytes, with the type that they are. Raises NotFound, also where a picture exists that the visitor may not see."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    row = Picture.objects.filter(token=token).first()
    if row is None or row.name != name:
        raise NotFound
    shown = public_translations().filter(article=row.article_id, body__contains=token).exists()
    user = request.user
    if not shown and not (user.is_authenticated and user.may(Permission.KNOWLEDGE_VIEW)):
        raise NotFound
    response = HttpResponse(bytes(row.data), content_type=row.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = "inline"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    if not shown:
        response["Cache-Control"] = "private, no-store"
        return response
    return kept(request, response)
