"""What the index of meanings does when articles change."""

from madoguchi.foundation import jobs
from madoguchi.foundation.models import Event


def article_changed(_event: Event) -> None:
    """One run takes in everything that changed, so a folder of articles asks for one."""
    jobs.enqueue("knowledge.index", key="knowledge.index", lock="knowledge.index")
