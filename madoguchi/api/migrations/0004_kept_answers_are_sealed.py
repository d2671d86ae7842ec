"""Remembered answers become ciphertext. Those of the last day are dropped: a repeated write finds its key free."""

from django.db import migrations, models


def forget(apps, schema_editor):  # noqa: ANN001, ANN201
    apps.get_model("api", "IdempotentAnswer").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("api", "0003_tests_and_log_by_state")]
    operations = [
        migrations.RunPython(forget, migrations.RunPython.noop),
        migrations.RemoveField("idempotentanswer", "body"),
        migrations.AddField("idempotentanswer", "body", models.TextField(blank=True)),
    ]
