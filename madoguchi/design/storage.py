"""Static files with their content's hash in the name, compressed once, cached for a year."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Static(CompressedManifestStaticFilesStorage):
    manifest_strict = False  # before `collectstatic` (tests, checks) plain names are used
