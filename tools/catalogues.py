"""The gettext catalogues: `update` writes new texts into them, `check` fails when one is missing, stale or broken.

Texts are taken from Python by Babel and from templates through Django's own templatize, so no system gettext is needed.
"""

import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "madoguchi"
LOCALES = ("ja", "zh_Hans", "zh_Hant", "de")
KEYWORDS: dict = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3), "npgettext_lazy": ((1, "c"), 2, 3),
}  # fmt: skip
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def texts() -> Iterator[tuple[str, object, str | None]]:
    """(place, msgid or (singular, plural), context) of everything that is shown to people."""
    from django.conf import settings  # noqa: PLC0415
    from django.utils.translation.template import templatize  # noqa: PLC0415

    if not settings.configured:
        settings.configure(USE_I18N=True)
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix == ".py":
            method, source = "python", path.read_bytes()
        elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
            method, source = "javascript", templatize(path.read_text(encoding="utf-8")).encode()
        else:
            continue
        for _line, msgid, _comments, context in extract(method, io.BytesIO(source), KEYWORDS):
            yield path.relative_to(ROOT).as_posix(), msgid, context


def template() -> Catalog:
    catalogue = Catalog(project="Madoguchi", charset="utf-8")
    for place, msgid, context in texts():
        if msgid:
            catalogue.add(msgid, locations=[(place, 0)], context=context)
    return catalogue


def path_of(locale: str) -> Path:
    return PACKAGE / "locale" / locale / "LC_MESSAGES" / "django.po"


def load(locale: str) -> Catalog:
    path = path_of(locale)
    if not path.exists():
        return _headed(Catalog(locale=locale, charset="utf-8"))
    with path.open("rb") as file:
        return _headed(read_po(file, locale=locale))


def _headed(catalogue: Catalog) -> Catalog:
    """A plain header without dates and addresses, so that only translations change the file."""
    catalogue.header_comment = "# Madoguchi. Distributed under the Apache License 2.0."
    catalogue.project, catalogue.version, catalogue.fuzzy = "Madoguchi", "1", False
    catalogue.msgid_bugs_address = catalogue.last_translator = ""
    catalogue.language_team = str(catalogue.locale)
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 11, 20, tzinfo=UTC)
    return catalogue


def update() -> int:
    source = template()
    for locale in LOCALES:
        catalogue = load(locale)
        catalogue.update(source, no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        path_of(locale).parent.mkdir(parents=True, exist_ok=True)
        with path_of(locale).open("wb") as file:
            write_po(file, catalogue, sort_output=True, include_lineno=False, width=120, ignore_obsolete=True)
        sys.stdout.write(f"{locale}: {sum(1 for m in catalogue if m.id and not _complete(m))} to translate of {len(catalogue)}\n")
    return 0


def _complete(message: Message) -> bool:
    parts = message.string if isinstance(message.string, list | tuple) else [message.string]
    return bool(parts) and all(parts)


def problems() -> list[str]:
    """Everything that keeps a catalogue from being complete, one line each."""
    source, found = template(), []
    for locale in LOCALES:
        catalogue = load(locale)
        for message in source:
            if not message.id:
                continue
            mine = catalogue.get(message.id if isinstance(message.id, str) else message.id[0], context=message.context)
            label = f"{locale}: {message.id!r}"
            if mine is None or not _complete(mine):
                found.append(f"{label} is not translated ({message.locations[0][0]})")
            elif mine.fuzzy:
                found.append(f"{label} is fuzzy")
            else:
                found += [f"{label}: {what}" for what in _broken(message, mine)]
    return found


def _broken(source: Message, mine: Message) -> Iterator[str]:
    ids = [source.id] if isinstance(source.id, str) else list(source.id)
    wanted = set().union(*(PLACEHOLDER.findall(text) for text in ids))
    for text in [mine.string] if isinstance(mine.string, str) else mine.string:
        have = set(PLACEHOLDER.findall(text))
        if have - wanted:
            yield f"unknown placeholder {sorted(have - wanted)}"
        if isinstance(source.id, str) and wanted - have:
            yield f"missing placeholder {sorted(wanted - have)}"


def check() -> int:
    found = problems()
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit({"update": update, "check": check}[sys.argv[1]]())
