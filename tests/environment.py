"""Loaded before Django's settings: tests live in a folder of their own, quiet, with cheap waits."""

import os
import tempfile

os.environ["MADOGUCHI_HOME"] = tempfile.mkdtemp(prefix="madoguchi-test-")
os.environ.setdefault("MADOGUCHI_LOG_LEVEL", "CRITICAL")
os.environ.setdefault("MADOGUCHI_READING_MODEL", "rules")  # tests of the trained reader load it themselves
