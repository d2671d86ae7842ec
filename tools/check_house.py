"""Rules of the house that no other linter checks. Prints each offence as file:line: what; exits 1 when there is one.

1. A file has at most 500 lines and a function at most 60 (CONTRIBUTING.md says what to do then).
2. Rows are written only in actions, models, handlers, jobs, the foundation and migrations.
3. Only foundation/clock.py asks for the time.
4. No unfinished marks and no paths of somebody's machine in what is shipped.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES, FUNCTION_LINES = 500, 60
WRITES = {"save", "create", "bulk_create", "bulk_update", "update_or_create", "get_or_create", "delete"}
WRITERS = re.compile(r"/(actions(/\w+)?|models|handlers|jobs|seed|demo/\w+|demo|migrations/\w+)\.py$|/foundation/|/config/")
NOT_ROWS = {"session", "cache", "os", "shutil", "path", "file", "form", "response", "storage"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b|/(work|root|home/\w+)/")
SHIPPED = ("*.py", "*.js", "*.css", "*.html", "*.md", "Makefile", "*.toml")


def offences_in(path: Path) -> Iterator[tuple[int, str]]:
    source = path.read_text(encoding="utf-8")
    lines = source.count("\n")
    if lines > FILE_LINES:
        yield 1, f"{lines} lines; split it before {FILE_LINES}"
    name = path.as_posix()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield node.lineno, f"{node.name} has {length} lines; at most {FUNCTION_LINES}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and "/madoguchi/" in name:
            yield from _call_offences(node, node.func, name)


def _call_offences(node: ast.Call, called: ast.Attribute, name: str) -> Iterator[tuple[int, str]]:
    holder = ast.unparse(called.value)
    if called.attr in WRITES and "objects" in holder and not WRITERS.search(name):
        yield node.lineno, f"{holder}.{called.attr}() outside actions"
    if (
        called.attr in {"now", "utcnow"}
        and holder in {"timezone", "datetime", "datetime.datetime"}
        and not name.endswith("foundation/clock.py")
    ):
        yield node.lineno, "ask foundation.clock for the time"


def main() -> int:
    listed = subprocess.run(["git", "ls-files", *SHIPPED], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    bad = 0
    for name in listed.splitlines():
        path = ROOT / name
        if "/vendor/" in name or "/migrations/" in name or not path.exists():
            continue
        found = list(offences_in(path)) if path.suffix == ".py" else []
        if path != Path(__file__):
            text = path.read_text(encoding="utf-8", errors="replace")
            found += [(n, "unfinished mark or a machine's path") for n, line in enumerate(text.split("\n"), 1) if UNFINISHED.search(line)]
        for line, what in found:
            sys.stdout.write(f"{name}:{line}: {what}\n")
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
