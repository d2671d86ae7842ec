"""Which trained reader is in use, and the switch between versions. It is loaded by the first message that a worker reads.

Versions are the files in `weights/` and in `MADOGUCHI_HOME/models/readers/`. In use is the one that `madoguchi model use` named, else what
MADOGUCHI_READING_MODEL names, else the one that `weights/CURRENT` names. `rules`: no trained reader.
"""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from madoguchi.foundation.embedding.embedder import FastE5, NoEmbedder
from madoguchi.foundation.errors import Invalid, Unavailable

from .readers.reading import Model

if TYPE_CHECKING:
    from .readers.heads import TrainedReader

SHIPPED = Path(__file__).parent / "weights"
RULES = "rules"

_loaded: dict[str, "TrainedReader"] = {}
_loading = threading.Lock()


def _own() -> Path:
    return Path(settings.HOME) / "models" / "readers"


def _chosen() -> Path:
    return Path(settings.HOME) / "models" / "reader-in-use.txt"


def versions() -> dict[str, Path]:
    """Every version that can be used, with its file."""
    return {path.stem: path for folder in (SHIPPED, _own()) for path in sorted(folder.glob("*.npz"))}


def version_in_use() -> str:
    if _chosen().exists():
        return _chosen().read_text().strip()
    if settings.READING_MODEL:
        return str(settings.READING_MODEL)
    current = SHIPPED / "CURRENT"
    return current.read_text().strip() if current.exists() else RULES


def use(version: str) -> None:
    """Read with this version from now on (running workers notice with their next message). Raises Invalid."""
    if version != RULES and version not in versions():
        raise Invalid(f"There is no version {version}. There are: {', '.join([RULES, *versions()])}")
    _chosen().parent.mkdir(parents=True, exist_ok=True)
    part = _chosen().with_suffix(".part")
    part.write_text(version + "\n")
    part.replace(_chosen())


def use_shipped() -> None:
    """Take back every `use`."""
    _chosen().unlink(missing_ok=True)


def model_in_use() -> Model | None:
    """The trained reader; None when only the rules read. Raises Unavailable when the chosen one cannot be loaded."""
    version = version_in_use()
    if version == RULES:
        return None
    with _loading:
        if version not in _loaded:
            _loaded.clear()
            _loaded[version] = load(version)
        return _loaded[version]


def load(version: str) -> "TrainedReader":
    from .readers import heads  # noqa: PLC0415  numpy: only processes that read pay for it

    path = versions().get(version)
    if path is None:
        raise Unavailable(f"The reading model {version} is not there. Choose another: madoguchi model use VERSION")
    try:
        weights = heads.load(path)
        return heads.TrainedReader(weights, encoder())
    except (OSError, ValueError, KeyError, NoEmbedder) as error:
        raise Unavailable(f"The reading model {version} cannot be used: {error}") from error


def encoder() -> FastE5:
    return FastE5(Path(settings.HOME) / "models")
