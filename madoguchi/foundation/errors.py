"""The short, closed list of things that can go wrong because of a person or the outside world.

Each error carries a text for the reader (translated), a machine code and an HTTP status. Doors render them
(`foundation.middleware` for pages, `api` as problem+json, the command line as one line with exit status 2).
"""

from django.utils.translation import gettext_lazy as _

from . import disk


class MadoguchiError(Exception):
    """Base of all expected errors; `message` is for the reader and says what to do."""

    code = "error"
    status = 500
    default = _("Something went wrong. Try again in a minute.")

    def __init__(self, message: object = None, *, fields: dict[str, object] | None = None) -> None:
        self.message = message or self.default
        self.fields = fields or {}
        super().__init__(str(self.message))


class Invalid(MadoguchiError):
    code, status = "invalid", 422
    default = _("Check the marked fields and send the form again.")


class NotAllowed(MadoguchiError):
    code, status = "not_allowed", 403
    default = _("Your role does not allow this. Ask an administrator for the permission.")


class NotFound(MadoguchiError):
    code, status = "not_found", 404
    default = _("This does not exist, or you may not see it.")


class Conflict(MadoguchiError):
    code, status = "conflict", 409
    default = _("Somebody changed this at the same time. Reload it and try again.")


class TooMany(MadoguchiError):
    code, status = "too_many", 429
    default = _("Too many attempts. Wait a little and try again.")

    def __init__(self, message: object = None, *, retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Upstream(MadoguchiError):
    """An outside service said no. `permanent` tells whether trying again can help."""

    code, status = "upstream", 502
    default = _("The other system did not accept this.")

    def __init__(self, message: object = None, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


class Unavailable(MadoguchiError):
    code, status = "unavailable", 503
    default = _("The service is not available at the moment. Nothing was lost; try again in a minute.")


def unavailable(error: BaseException) -> Unavailable:
    """What to tell people about a failure of the database."""
    if disk.is_full(error):
        return Unavailable(
            _("The server’s disk is full, so nothing can be saved at the moment. Nothing was lost. Ask an administrator to free space.")
        )
    return Unavailable()
