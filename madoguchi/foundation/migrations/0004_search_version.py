"""With which version of the search terms the indexes were built; new ones are empty, so with the present one."""

from django.db import migrations


def create(apps, schema_editor):  # noqa: ANN001, ANN201, ARG001
    from madoguchi.foundation.text import TERMS_VERSION

    schema_editor.execute("CREATE TABLE search_version (terms integer NOT NULL)")
    schema_editor.execute("INSERT INTO search_version (terms) VALUES (%s)", [TERMS_VERSION])


class Migration(migrations.Migration):
    dependencies = [("foundation", "0003_search")]
    operations = [migrations.RunPython(create, lambda apps, schema_editor: schema_editor.execute("DROP TABLE search_version"))]
