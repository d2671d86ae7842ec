"""A shelf for articles."""

from django.db import migrations


def create(apps, schema_editor):  # noqa: ANN001, ANN201, ARG001
    from madoguchi.foundation import search

    sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in (search.create_fts_tables if sqlite else search.create_tsvector_tables)("search_articles"):
        schema_editor.execute(statement)


def drop(apps, schema_editor):  # noqa: ANN001, ANN201, ARG001
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION search_articles_hits")
    schema_editor.execute("DROP TABLE IF EXISTS search_articles_source")
    schema_editor.execute("DROP TABLE search_articles")


class Migration(migrations.Migration):
    dependencies = [("foundation", "0005_event_ancestry")]
    operations = [migrations.RunPython(create, drop)]
