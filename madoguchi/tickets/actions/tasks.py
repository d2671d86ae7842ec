"""Tasks inside a ticket: what has to be done, by whom, until when."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import clock
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Invalid, NotFound
from madoguchi.staff import actions as staff
from madoguchi.staff.models import Agent

from ..models import Task
from .changing import lock, note_in_history

TITLE_LENGTH = 300


@transaction.atomic
def add_task(*, ticket_id: int, title: str, by: Actor, assignee: Agent | None = None, due_at: datetime | None = None) -> Task:
    """Write down something to do; its assignee is told."""
    title = _title(title)
    ticket = lock(ticket_id)
    task = Task.objects.create(ticket=ticket, title=title, assignee=assignee, due_at=due_at, created_at=clock.now())
    note_in_history(ticket, by=by, field="task_added", new=title)
    _tell(task, by)
    return task


@transaction.atomic
def change_task(*, task_id: int, by: Actor, title: str, assignee: Agent | None, due_at: datetime | None) -> Task:
    """Reword, hand over or move a task. Raises NotFound when it is gone."""
    task = _locked(task_id)
    handed = assignee is not None and assignee.pk != task.assignee_id
    task.title, task.assignee, task.due_at = _title(title), assignee, due_at
    task.save(update_fields=["title", "assignee", "due_at"])
    if handed:
        _tell(task, by)
    return task


@transaction.atomic
def finish_task(*, task_id: int, by: Actor, done: bool = True) -> Task:
    """Tick a task off, or take it up again with `done` False."""
    task = _locked(task_id)
    if (task.done_at is not None) != done:
        task.done_at = clock.now() if done else None
        task.save(update_fields=["done_at"])
        note_in_history(task.ticket, by=by, field="task_done" if done else "task_reopened", new=task.title)
    return task


@transaction.atomic
def remove_task(*, task_id: int, by: Actor) -> None:
    task = _locked(task_id)
    note_in_history(task.ticket, by=by, field="task_removed", old=task.title)
    task.delete()


def _locked(task_id: int) -> Task:
    task = Task.objects.select_for_update(of=("self",)).select_related("ticket").filter(pk=task_id).first()
    if task is None:
        raise NotFound
    return task


def _title(title: str) -> str:
    title = " ".join(title.split())[:TITLE_LENGTH]
    if not title:
        raise Invalid(_("Write what has to be done."), fields={"title": _("Write what has to be done.")})
    return title


def _tell(task: Task, by: Actor) -> None:
    if task.assignee_id and task.assignee_id != by.agent_id:
        staff.notify(agent_ids=[task.assignee_id], kind="task", ticket_id=task.ticket_id, title=task.title, by=by.name)
