from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0010_message_choices"),
    ]

    operations = [
        migrations.AddField(
            model_name="customfield",
            name="for_customers",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
