"""The three scales: their scores, which are low, and how they are summed up. Pure."""

from collections.abc import Mapping

SCORES: dict[str, tuple[int, int]] = {"csat": (1, 5), "ces": (1, 7), "nps": (0, 10)}
LOW = {"csat": 2, "ces": 3, "nps": 6}  # this score and those below ask for a call
GOOD = {"csat": 4, "ces": 5, "nps": 9}  # this score and those above count as good (NPS: promoters)


def scores(kind: str) -> range:
    low, high = SCORES[kind]
    return range(low, high + 1)


def is_low(kind: str, score: int) -> bool:
    return score <= LOW[kind]


def mean(counts: Mapping[int, int]) -> float | None:
    """The average of scores, given how often each came; None without any."""
    total = sum(counts.values())
    return sum(score * count for score, count in counts.items()) / total if total else None


def share_good(kind: str, counts: Mapping[int, int]) -> float | None:
    """How many of all are good: 4 and 5 of CSAT, 5 to 7 of CES."""
    total = sum(counts.values())
    return sum(count for score, count in counts.items() if score >= GOOD[kind]) / total if total else None


def net_promoters(counts: Mapping[int, int]) -> int | None:
    """NPS: per cent of 9 and 10 less per cent of 0 to 6, from -100 to 100."""
    total = sum(counts.values())
    if not total:
        return None
    good = sum(count for score, count in counts.items() if score >= GOOD["nps"])
    bad = sum(count for score, count in counts.items() if score <= LOW["nps"])
    return round(100 * (good - bad) / total)
