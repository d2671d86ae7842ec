"""Questions that people put to any company and that help centres do not answer: jobs, shares, gossip, recipes, haggling.

A question that lies nearer to these than to any article is not answered. Articles win where they really answer such a question, because
their own words and examples lie nearer still. They also tell what questions of a language have in common, whatever they are about.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from madoguchi.foundation.embedding.embedder import Embedder

LANGUAGES = ("ja", "en", "zh-hans", "zh-hant", "de")
_FOLDER = Path(__file__).parent / "beyond"


@cache
def questions() -> tuple[tuple[str, str], ...]:
    """(language, question)."""
    found: list[tuple[str, str]] = []
    for language in LANGUAGES:
        lines = (_FOLDER / f"{language}.txt").read_text(encoding="utf-8").splitlines()
        found.extend((language, line) for line in lines if line.strip())
    return tuple(found)


def vectors(embedder: Embedder, folder: Path) -> Any:
    """One row a question, embedded once and then kept in `folder`."""
    import numpy as np  # noqa: PLC0415

    digest = hashlib.sha256("\n".join([embedder.name, *(text for _, text in questions())]).encode()).hexdigest()
    path = folder / f"beyond-{digest[:16]}.npy"
    try:
        kept = np.load(path, allow_pickle=False)
        if kept.shape[0] == len(questions()):
            return kept.astype(np.float32)
    except (OSError, ValueError):
        pass
    made = embedder.questions([text for _, text in questions()])
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.stem}.{id(made)}.part.npy")
    np.save(part, made.astype(np.float16))
    part.replace(path)
    return made
