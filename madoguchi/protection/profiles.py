"""Legal profiles: what the law of a place allows or asks for. Pure values; the company chooses one and may be stricter.

japan: the employer duty in force since 2026-10-01 (Labor Measures Comprehensive Promotion Act, Art. 33) and the Tokyo ordinance of
2024. eu: AI Act Art. 5(1)(f) (no emotion inference about employees), GDPR Art. 22 (no solely automated decision with such effects)
and, in Germany, § 87(1) no. 6 BetrVG. neutral: the stricter of both where they differ in nothing but custom.
"""

from dataclasses import dataclass
from datetime import timedelta

from .ladder import MACHINE_STEPS, Step


@dataclass(frozen=True)
class Profile:
    """machine_may: steps that a supervisor can leave to a machine at all. load_for_desk: whether the consultation desk may see one
    person's load, or only the person. keep_cases: how long a closed case is kept before it is erased.
    """

    code: str
    machine_may: tuple[Step, ...]
    longest_restriction: timedelta
    keep_cases: timedelta
    load_for_desk: bool


PROFILES = {
    "japan": Profile("japan", MACHINE_STEPS, timedelta(days=365), timedelta(days=5 * 365), load_for_desk=True),
    "eu": Profile("eu", (Step.ASK,), timedelta(days=180), timedelta(days=3 * 365), load_for_desk=False),
    "neutral": Profile("neutral", (Step.ASK, Step.FIRST_WARNING), timedelta(days=180), timedelta(days=3 * 365), load_for_desk=True),
}  # fmt: skip
