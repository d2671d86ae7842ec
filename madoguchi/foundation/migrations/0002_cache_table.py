"""The table of the shared cache (rate limits of the sign-in pages)."""

from django.core.management import call_command
from django.db import migrations


def create(apps, schema_editor):  # noqa: ANN001, ANN201, ARG001
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("foundation", "0001_initial")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
