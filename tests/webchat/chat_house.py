"""A house with a chat and an agent, for tests that serve and kill it."""

from tests.paths.house import keep

PASSWORD = "a long enough password"


def furnish():
    from django.contrib.auth.hashers import make_password

    from madoguchi.foundation import clock
    from madoguchi.foundation.actor import SYSTEM
    from madoguchi.staff import actions as staff
    from madoguchi.staff.models import Agent, Presence
    from madoguchi.webchat import actions
    from madoguchi.workplace import actions as workplace
    from madoguchi.workplace.models import Brand, Calendar

    workplace.set_up(name="Hoshizora", language="en", time_zone="Asia/Tokyo")
    Calendar.objects.filter(is_default=True).update(version=None)
    Agent.objects.create(
        email="hana@hoshizora.example", name="Hana Mori", password=make_password(PASSWORD), role=staff.ensure_roles()["Agent"],
        presence=Presence.AVAILABLE, presence_at=clock.now(),
    )  # fmt: skip
    widget = actions.ensure_widget(brand=Brand.objects.get(is_default=True))
    return actions.save_widget(widget=widget, by=SYSTEM, is_active=True).key


def report():
    from madoguchi.tickets.models import Message, Ticket

    texts = list(Message.objects.filter(direction="in").order_by("id").values_list("ticket_id", "text"))
    return {"tickets": Ticket.objects.count(), "texts": texts}


if __name__ == "__main__":
    keep({"furnish": furnish, "report": report})
