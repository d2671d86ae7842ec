"""Writes about roles. One rule above all: nobody can hand out more than they have."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict, Invalid, NotAllowed

from .. import permissions
from ..models import Agent, Role
from ..permissions import Permission, Scope

BUILTIN_ROLES = {
    "Administrator": (permissions.ADMINISTRATOR, Scope.ALL),
    "Supervisor": (permissions.SUPERVISOR, Scope.ALL),
    "Agent": (permissions.AGENT, Scope.TEAMS),
    "Observer": (permissions.OBSERVER, Scope.TEAMS),
}
_WIDTH = {Scope.OWN: 0, Scope.TEAMS: 1, Scope.ALL: 2}


def ensure_roles() -> dict[str, Role]:
    """The four roles that every installation begins with, by name."""
    return {
        name: Role.objects.get_or_create(name=name, defaults={"permissions": list(granted), "scope": scope, "is_builtin": True})[0]
        for name, (granted, scope) in BUILTIN_ROLES.items()
    }


def check_may_hand_out(role: Role, *, by: Actor) -> None:
    """Raises NotAllowed unless `by` has every permission of the role and sees at least as much."""
    _check_within(set(role.granted), role.scope, by=by)


def _check_within(granted: set[str], scope: str, *, by: Actor) -> None:
    if by.kind == "system":
        return
    giver = Agent.objects.select_related("role").filter(pk=by.agent_id or 0, is_active=True).first()
    if giver is None or giver.role is None:
        raise NotAllowed
    if granted - set(giver.role.granted) or _WIDTH[Scope(scope)] > _WIDTH[Scope(giver.role.scope)]:
        raise NotAllowed(_("You cannot hand out permissions that you do not have yourself"))


def _checked(name: str, granted: list[str], scope: str) -> tuple[str, list[str]]:
    name = name.strip()
    unknown = set(granted) - set(Permission.values)
    if not name or scope not in Scope.values or unknown:
        raise Invalid(fields={"name": _("Give the role a name")} if not name else {"permissions": _("Choose from the list")})
    return name, [permission for permission in Permission.values if permission in granted]  # the list's own order


@transaction.atomic
def create_role(*, name: str, granted: list[str], scope: str, require_mfa: bool, by: Actor) -> Role:
    """A new role. Raises Conflict when the name is taken, NotAllowed when it allows more than `by` may."""
    name, granted = _checked(name, granted, scope)
    _check_within(set(granted), scope, by=by)
    try:
        with transaction.atomic():
            role = Role.objects.create(name=name, permissions=granted, scope=scope, require_mfa=require_mfa)
    except IntegrityError as error:
        raise Conflict(_("A role with this name exists already"), fields={"name": _("A role with this name exists already")}) from error
    audit.record("role.create", by=by, subject=f"role:{role.pk}", detail=_content(role))
    return role


@transaction.atomic
def change_role(*, role: Role, name: str, granted: list[str], scope: str, require_mfa: bool, by: Actor) -> None:
    """Change a role. Built-in roles keep their name; the administrator's role always allows everything."""
    role = Role.objects.select_for_update().get(pk=role.pk)
    check_may_hand_out(role, by=by)
    before = _content(role)
    name, granted = _checked(role.name if role.is_builtin else name, granted, scope)
    if role.is_administrator:
        granted, scope = permissions.ADMINISTRATOR, Scope.ALL
    _check_within(set(granted), scope, by=by)
    role.name, role.permissions, role.scope, role.require_mfa = name, granted, scope, require_mfa
    try:
        with transaction.atomic():
            role.save()
    except IntegrityError as error:
        raise Conflict(_("A role with this name exists already"), fields={"name": _("A role with this name exists already")}) from error
    changed = audit.changes(before, _content(role))
    if changed:
        audit.record("role.change", by=by, subject=f"role:{role.pk}", detail=changed)


@transaction.atomic
def delete_role(*, role: Role, by: Actor) -> None:
    """Remove a role that nobody has. Raises Conflict for a built-in one or one in use."""
    if role.is_builtin:
        raise Conflict(_("Built-in roles cannot be deleted"))
    if role.agents.exists():
        raise Conflict(_("Agents still have this role. Give them another one first"))
    check_may_hand_out(role, by=by)
    audit.record("role.delete", by=by, subject=f"role:{role.pk}", detail=_content(role))
    role.delete()


def _content(role: Role) -> dict[str, object]:
    return {"name": role.name, "permissions": list(role.permissions), "scope": str(role.scope), "require_mfa": role.require_mfa}
