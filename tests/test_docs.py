"""The docs are true: every setting, command and permission stands in them, and every link leads somewhere."""

import re
from pathlib import Path

import pytest

from madoguchi.config.cli import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
DOCS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


def test_every_setting_is_documented():
    used = set()
    for path in (ROOT / "madoguchi").rglob("*.py"):
        used |= set(re.findall(r"\b(?:MADOGUCHI_[A-Z0-9_]+|DATABASE_URL)\b", path.read_text(encoding="utf-8")))
    documented = (ROOT / "docs/operators/settings.md").read_text(encoding="utf-8")
    assert sorted(name for name in used if f"`{name}`" not in documented) == []


def test_every_documented_setting_exists():
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "madoguchi").rglob("*.py"))
    documented = re.findall(r"`(MADOGUCHI_[A-Z0-9_]+)`", (ROOT / "docs/operators/settings.md").read_text(encoding="utf-8"))
    assert [name for name in documented if name not in source] == []


def test_every_command_is_documented():
    everything = "".join(path.read_text(encoding="utf-8") for path in DOCS)
    assert [name for name in COMMANDS if f"madoguchi {name}" not in everything and name != "run"] == []


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (path.parent / target).exists(), target
