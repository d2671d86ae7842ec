"""Roles that installations begin with may protect: agents ask and warn, supervisors decide."""

from django.db import migrations

ADDED = {
    "Supervisor": ["protection.warn", "protection.decide", "manage.protection"],
    "Agent": ["protection.warn"],
}


def allow(apps, schema_editor):  # noqa: ANN001, ANN201, ARG001
    for role in apps.get_model("staff", "Role").objects.filter(is_builtin=True, name__in=ADDED):
        role.permissions = [*role.permissions, *(name for name in ADDED[role.name] if name not in role.permissions)]
        role.save(update_fields=["permissions"])


def forbid(apps, schema_editor):  # noqa: ANN001, ANN201, ARG001
    for role in apps.get_model("staff", "Role").objects.all():
        role.permissions = [name for name in role.permissions if not name.startswith("protection.") and name != "manage.protection"]
        role.save(update_fields=["permissions"])


class Migration(migrations.Migration):
    dependencies = [("staff", "0004_knowledge_permissions")]
    operations = [migrations.RunPython(allow, forbid)]
