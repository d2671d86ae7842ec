"""`madoguchi kb import DIR | export DIR`: the knowledge base from and to a folder of Markdown files.

`madoguchi kb index` brings the index that questions are answered from up to date; `kb judge FILE` says how good the answers are.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from madoguchi.foundation.actor import SYSTEM

from . import answering_process, judging
from .actions.folder import import_folder
from .files import WrongFile
from .folder import MOST_PROBLEMS, read_folder, write_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    ways = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    layout = "one folder a language (ja, en, zh-Hans, zh-Hant, de), one Markdown file an article"
    take = ways.add_parser("import", help=f"take over a folder: {layout}")
    give = ways.add_parser("export", help="write everything into a new or empty folder")
    for way in (take, give):
        way.add_argument("directory", type=Path, metavar="DIR")
        way.add_argument("--json", action="store_true", help="print the counts as one JSON object")
    judging.add_arguments(ways)
    answering_process.add_arguments(ways)


def run(options: argparse.Namespace) -> int:
    ways = {
        "import": import_articles, "export": export_articles, "index": judging.index, "judge": judging.judge,
        "answering": answering_process.run,
    }  # fmt: skip
    return ways[options.action](options)


def import_articles(options: argparse.Namespace) -> int:
    """All files are read before anything is changed; one that is wrong stops the import."""
    files, problems = read_folder(options.directory)
    if not problems:
        try:
            report = import_folder(by=SYSTEM, files=files)
        except WrongFile as problem:
            problems = [problem]
        else:
            _say(asdict(report), as_json=options.json)
            return 0
    for one in problems[:MOST_PROBLEMS]:
        sys.stderr.write(f"madoguchi: {one}\n")
    if len(problems) > MOST_PROBLEMS:
        sys.stderr.write(f"madoguchi: and {len(problems) - MOST_PROBLEMS} more\n")
    sys.stderr.write("madoguchi: nothing was imported; correct the files and run it again\n")
    return 2


def export_articles(options: argparse.Namespace) -> int:
    _say({"files": write_folder(options.directory)}, as_json=options.json)
    return 0


def _say(counts: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(counts) + "\n")
    else:
        sys.stdout.writelines(f"{name:10} {count}\n" for name, count in counts.items())
