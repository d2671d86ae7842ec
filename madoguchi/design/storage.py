"""Static files with their content's hash in the name, compressed once, cached for a year."""

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Static(CompressedManifestStaticFilesStorage):
    manifest_strict = False
    support_js_module_import_aggregation = True  # `import "./live.js"` finds the file under its hashed name

    def hashed_name(self, name: str, content: Any = None, filename: str | None = None) -> str:
        """Before `collectstatic` has run (tests, checks) the plain name serves."""
        try:
            return super().hashed_name(name, content, filename)
        except ValueError:
            return name
