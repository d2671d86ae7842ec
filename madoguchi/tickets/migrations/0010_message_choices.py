from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0009_created_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="choices",
            field=models.JSONField(blank=True, db_default=[], default=list),
        ),
    ]
