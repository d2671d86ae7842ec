"""`{% load protection %}`: what the pages of protection ask about their reader."""

from django import template

from madoguchi.staff.models import Agent

register = template.Library()


@register.filter
def may(agent: Agent, permission: str) -> bool:
    return agent.may(permission)
