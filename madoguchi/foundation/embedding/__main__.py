"""`python -m madoguchi.foundation.embedding FOLDER BITS [LAYER ...]`: makes a graph in a process of its own, whose memory goes with it."""

import sys
from pathlib import Path

from .e5_wheel import prepared_graph


def main(arguments: list[str]) -> int:
    folder, bits, *layers = arguments
    prepared_graph(Path(folder), int(bits), tuple(map(int, layers)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
