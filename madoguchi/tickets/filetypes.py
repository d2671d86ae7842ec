"""What a file is, by its first bytes; the sender's word for it is not trusted. Pure."""

import re
import unicodedata

UNKNOWN = "application/octet-stream"
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"OggS", "application/ogg"),
    (8, b"WAVE", "audio/wav"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
)
_ZIPPED = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
_OLD_OFFICE = {"doc": "application/msword", "xls": "application/vnd.ms-excel", "ppt": "application/vnd.ms-powerpoint"}
_TEXTS = {"csv": "text/csv", "json": "application/json", "md": "text/markdown", "ics": "text/calendar"}
PREVIEWABLE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "application/pdf", "text/plain"})
"""What a browser shows by itself and cannot run: pictures, PDF in its own sandbox, plain text."""

_NAME_LENGTH = 200
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u202a-\u202e\u2066-\u2069]+')


def sniff(data: bytes, name: str = "") -> str:
    """The content type. A name's ending only tells kinds of containers and of text apart; HTML and SVG are never more than plain text."""
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if data[:4] == b"PK\x03\x04":
        return _ZIPPED.get(ending, "application/zip")
    for offset, magic, kind in _MAGIC:
        if data[offset : offset + len(magic)] == magic:
            return _OLD_OFFICE.get(ending, kind) if kind == "application/x-ole-storage" else kind
    if b"\0" in data[:4096]:
        return UNKNOWN
    try:
        data[:4096].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < 4096 - 4:  # else only the last character was cut in two
            return UNKNOWN
    return _TEXTS.get(ending, "text/plain")


def safe_name(name: str) -> str:
    """A file name without folders, control characters and tricks with writing direction; never empty, its ending kept."""
    name = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])).strip(" .")
    if len(name) > _NAME_LENGTH:
        stem, dot, ending = name.rpartition(".")
        ending = ending[:20] if dot else ""
        name = (stem or name)[: _NAME_LENGTH - len(ending) - 1] + dot + ending
    return name or "file"
