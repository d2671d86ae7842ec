"""Facts that surveys announce."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SurveyAnswered:
    ticket_id: int
    team_id: int | None
    survey_id: int
    score: int
