"""Room on the disk that holds MADOGUCHI_HOME, and whether a failure means that there is none left."""

import shutil

from django.conf import settings

FULL, LOW = 1 << 20, 500 << 20  # bytes free: nothing useful fits any more; time to do something about it


def free() -> int:
    """Bytes that can still be written under MADOGUCHI_HOME."""
    return shutil.disk_usage(settings.HOME).free


def is_full(error: BaseException) -> bool:
    """Whether the database (SQLite's or PostgreSQL's words) or the system says that nothing more can be written.

    SQLite calls it an I/O error when a full disk keeps it from opening its files.
    """
    text = str(error)
    if "disk is full" in text or "No space left on device" in text:
        return True
    return "disk I/O error" in text and free() < FULL
