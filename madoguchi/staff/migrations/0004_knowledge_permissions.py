"""Roles that installations begin with may use the knowledge base: supervisors all of it, agents and observers read it."""

from django.db import migrations

ADDED = {
    "Supervisor": ["knowledge.view", "knowledge.edit", "knowledge.approve"],
    "Agent": ["knowledge.view"],
    "Observer": ["knowledge.view"],
}


def allow(apps, schema_editor):  # noqa: ANN001, ANN201, ARG001
    for role in apps.get_model("staff", "Role").objects.filter(is_builtin=True, name__in=ADDED):
        role.permissions = [*role.permissions, *(name for name in ADDED[role.name] if name not in role.permissions)]
        role.save(update_fields=["permissions"])


def forbid(apps, schema_editor):  # noqa: ANN001, ANN201, ARG001
    for role in apps.get_model("staff", "Role").objects.all():
        role.permissions = [name for name in role.permissions if not name.startswith("knowledge.")]
        role.save(update_fields=["permissions"])


class Migration(migrations.Migration):
    dependencies = [("staff", "0003_notice_digest")]
    operations = [migrations.RunPython(allow, forbid)]
