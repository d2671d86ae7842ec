"""`make bench`: everything that is measured, printed beside this machine's floor. Loads one thing at a time.

    python -m bench [--parts intake,pages,live,chat] [--sizes 1000,100000] [--mails 2000] [--database-url postgresql://...]

Without --database-url SQLite is measured; with it, that PostgreSQL server too (databases named bench_* are made and dropped there).
"""

import argparse

from . import chat, intake, live, pages
from .database import fresh_database
from .pages import say

PARTS = ("intake", "pages", "live", "chat")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--sizes", default="1000,100000")
    parser.add_argument("--mails", type=int, default=2000)
    parser.add_argument("--widgets", type=int, default=1000)
    parser.add_argument("--rate", type=int, default=50, help="chat messages a second")
    parser.add_argument("--seconds", type=float, default=20.0, help="of chatting, before and again around the kill")
    parser.add_argument("--database-url", default="")
    options = parser.parse_args()
    parts = options.parts.split(",")
    for server_url in [""] + ([options.database_url] if options.database_url else []):
        say(f"--- {'PostgreSQL' if server_url else 'SQLite'}")
        if "intake" in parts:
            with fresh_database(server_url) as url:
                intake.measure(options.mails, url)
        if "pages" in parts:
            for size in options.sizes.split(","):
                with fresh_database(server_url) as url:
                    pages.measure(int(size), url)
        if "live" in parts:
            with fresh_database(server_url) as url:
                live.measure(url)
        if "chat" in parts:
            with fresh_database(server_url) as url:
                chat.measure(url, chat.Options(options.widgets, options.rate, options.seconds))


main()
