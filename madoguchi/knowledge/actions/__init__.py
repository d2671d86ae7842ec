"""Writes of knowledge."""

from .articles import remove_article, save_article, save_category
from .listening import give_feedback
from .meaning import index_articles
from .pictures import add_picture
from .publishing import expire, publish, return_to_draft, run_timed, schedule, submit, unpublish
from .texts import restore_version, save_questions, save_text

__all__ = [
    "add_picture",
    "expire",
    "give_feedback",
    "index_articles",
    "publish",
    "remove_article",
    "restore_version",
    "return_to_draft",
    "run_timed",
    "save_article",
    "save_category",
    "save_questions",
    "save_text",
    "schedule",
    "submit",
    "unpublish",
]
