"""The search indexes; they are no models, because both databases keep them in their own way."""

from django.db import migrations

SHELVES = ("messages", "customers")


def create(apps, schema_editor):  # noqa: ANN001, ANN201, ARG001
    from madoguchi.foundation import search

    sqlite = schema_editor.connection.vendor == "sqlite"
    for shelf in SHELVES:
        for statement in (search.create_fts_tables if sqlite else search.create_tsvector_tables)(f"search_{shelf}"):
            schema_editor.execute(statement)
    schema_editor.execute(
        "CREATE TABLE search_words (word text PRIMARY KEY) WITHOUT ROWID" if sqlite
        else 'CREATE TABLE search_words (word text COLLATE "C" PRIMARY KEY)'
    )


def drop(apps, schema_editor):  # noqa: ANN001, ANN201, ARG001
    schema_editor.execute("DROP TABLE search_words")
    for shelf in SHELVES:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP FUNCTION search_{shelf}_hits")
        schema_editor.execute(f"DROP TABLE IF EXISTS search_{shelf}_source")
        schema_editor.execute(f"DROP TABLE search_{shelf}")


class Migration(migrations.Migration):
    dependencies = [("foundation", "0002_cache_table")]
    operations = [migrations.RunPython(create, drop)]
