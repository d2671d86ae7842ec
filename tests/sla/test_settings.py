"""The settings screens of policies, business hours and routing: through the browser's door."""

import re
from datetime import date

import pytest

from madoguchi.foundation.actor import SYSTEM
from madoguchi.routing.models import RoutingRule
from madoguchi.sla import actions
from madoguchi.sla.models import Policy
from madoguchi.workplace.models import Calendar

pytestmark = pytest.mark.django_db

PAGES = [
    "/settings/sla/policies/", "/settings/sla/policies/new/", "/settings/sla/hours/", "/settings/sla/hours/new/",
    "/settings/routing/", "/settings/routing/new/",
]  # fmt: skip


@pytest.fixture
def desk(cast, client):
    client.force_login(cast.supervisor)
    return cast


def filled(client, address: str) -> dict[str, object]:
    """What the form at an address would send if nobody touched it."""
    form = client.get(address).context["form"]
    data: dict[str, object] = {}
    for bound in form:
        value = bound.value()
        if value not in (None, False, ""):
            data[bound.html_name] = value
    if hasattr(form, "steps"):
        for bound in [*form.steps.management_form, *(field for step in form.steps for field in step)]:
            if bound.value() not in (None, ""):
                data[bound.html_name] = bound.value()
    return data


@pytest.mark.parametrize("address", PAGES)
def test_only_who_may_manage_sees_them(cast, client, address):
    assert client.get(address).status_code == 302
    client.force_login(cast.hana)
    assert client.get(address).status_code == 403
    client.force_login(cast.supervisor)
    assert client.get(address).status_code == 200


def test_a_policy_is_made_and_changed(desk, client):
    new = filled(client, "/settings/sla/policies/new/") | {
        "name": "Gold", "if_kind": ["complaint"], "if_customer_tags": "gold, vip", "target_first_reply_all": "4:00",
        "target_first_reply_4": "30 min", "target_resolution_all": "16", "steps-0-moment": "breach", "steps-0-action": "notify_lead",
        "steps-0-after": "0:30",
    }  # fmt: skip
    assert client.post("/settings/sla/policies/new/", new).status_code == 302
    policy = Policy.objects.get()
    assert policy.conditions == {"kind": ["complaint"], "customer_tags": ["gold", "vip"]}
    assert {(t.metric, t.priority): t.minutes for t in policy.targets.all()} == {
        ("first_reply", None): 240, ("first_reply", 4): 30, ("resolution", None): 960,
    }  # fmt: skip
    step = policy.steps.get()
    assert (step.moment, step.action, step.after_minutes) == ("breach", "notify_lead", 30)

    address = f"/settings/sla/policies/{policy.pk}/"
    page = client.get(address).content.decode()
    assert 'value="4:00"' in page
    assert "If a message arrived now" in page
    changed = filled(client, address) | {"name": "Gold plus", "target_next_reply_all": "2:00"}
    assert client.post(address, changed).status_code == 302
    policy.refresh_from_db()
    assert (policy.name, policy.targets.count(), policy.steps.get().pk) == ("Gold plus", 4, step.pk)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"target_first_reply_all": "soon"}, "Write a length of working time"),
        ({"target_first_reply_all": ""}, "Set at least one target"),
        ({"warn_percent": "0"}, "greater than or equal to 1"),
        ({"name": "Standard"}, "Another policy has this name"),
        ({"steps-0-moment": "breach", "steps-0-action": "notify_role"}, "Choose who is told"),
        ({"steps-0-moment": "breach", "steps-0-action": "notify_lead", "steps-0-after": "later"}, "Write a length of working time"),
        ({"steps-0-moment": "dawn", "steps-0-action": "notify_lead"}, "Select a valid choice"),
    ],
)
def test_a_policy_that_makes_no_sense_is_told_so(desk, client, wrong, told):
    actions.ensure_default_policy()
    good = filled(client, "/settings/sla/policies/new/") | {"name": "Gold", "target_first_reply_all": "4:00"}
    page = client.post("/settings/sla/policies/new/", good | wrong)
    assert page.status_code == 422
    assert told in page.content.decode()
    assert Policy.objects.count() == 1


def test_policies_change_places_and_go(desk, client):
    first = actions.save_policy(by=SYSTEM, name="First", targets={("first_reply", None): 60})
    second = actions.save_policy(by=SYSTEM, name="Second", targets={("first_reply", None): 60})
    page = client.get("/settings/sla/policies/").content.decode()
    assert page.index("First") < page.index("Second")
    assert client.get(f"/settings/sla/policies/{second.pk}/move/0/").status_code == 405
    client.post(f"/settings/sla/policies/{second.pk}/move/0/")
    assert list(Policy.objects.all()) == [second, first]
    assert "Delete the policy First" in client.get(f"/settings/sla/policies/{first.pk}/delete/").content.decode()
    client.post(f"/settings/sla/policies/{first.pk}/delete/")
    assert list(Policy.objects.all()) == [second]


def test_business_hours_are_made_and_changed(desk, client):
    address = "/settings/sla/hours/new/"
    new = filled(client, address) | {
        "name": "Osaka", "time_zone": "Asia/Tokyo", "country": "JP", "day_4": "9:00–12:00、13:00–20:00", "day_5": "22–6",
        "special_days": "2026-12-31 9:00-12:00 New Year's Eve\n2027-01-04 Stocktaking",
    }  # fmt: skip
    assert client.post(address, new).status_code == 302
    calendar = Calendar.objects.get(name="Osaka")
    assert list(calendar.shifts.filter(weekday__gte=4).values_list("weekday", "start", "end")) == [
        (4, 540, 720),
        (4, 780, 1200),
        (5, 1320, 1800),
    ]
    assert list(calendar.special_days.values_list("date", "hours")) == [(date(2026, 12, 31), [[540, 720]]), (date(2027, 1, 4), [])]
    version = calendar.version_id
    again = f"/settings/sla/hours/{calendar.pk}/"
    page = client.get(again).content.decode()
    assert "13:00–20:00" in page
    assert "22:00–6:00" in page
    assert client.post(again, filled(client, again)).status_code == 302
    calendar.refresh_from_db()
    assert calendar.version_id == version, "what is sent back untouched changes nothing"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"day_0": "nine to five"}, "Write each shift as"),
        ({"special_days": "2026-13-40 Nothing"}, "2026-13-40 Nothing"),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice"),
        ({"country": "QQ"}, "Select a valid choice"),
        ({f"day_{day}": "" for day in range(7)}, "Add at least one shift"),
    ],
)
def test_business_hours_that_make_no_sense_are_told_so(desk, client, wrong, told):
    address = "/settings/sla/hours/new/"
    page = client.post(address, filled(client, address) | {"name": "Osaka"} | wrong)
    assert page.status_code == 422
    assert told in page.content.decode()


def test_the_default_business_hours_stay(desk, client):
    calendar = Calendar.objects.get(is_default=True)
    page = client.post(f"/settings/sla/hours/{calendar.pk}/delete/")
    assert page.status_code == 409
    assert Calendar.objects.filter(pk=calendar.pk).exists()


def test_a_routing_rule_is_made_and_changed(desk, client):
    address = "/settings/routing/new/"
    new = filled(client, address) | {"name": "Complaints", "if_kind": ["complaint"], "team": desk.repairs.pk, "method": "least_loaded"}
    assert client.post(address, new).status_code == 302
    rule = RoutingRule.objects.get()
    assert (rule.team, rule.method, rule.conditions) == (desk.repairs, "least_loaded", {"kind": ["complaint"]})
    again = f"/settings/routing/{rule.pk}/"
    assert client.post(again, filled(client, again) | {"alarm_minutes": "30"}).status_code == 302
    rule.refresh_from_db()
    assert (rule.alarm_minutes, rule.conditions) == (30, {"kind": ["complaint"]})
    refused = client.post(again, filled(client, again) | {"method": "manual", "team": ""})
    assert refused.status_code == 422
    assert "Choose the team that gets the tickets" in refused.content.decode()
    assert client.post(f"/settings/routing/{rule.pk}/delete/").status_code == 302
    assert not RoutingRule.objects.exists()


def test_what_admins_type_is_shown_as_text(desk, client):
    nasty = "<script>alert(1)</script>\"'>"
    policy = actions.save_policy(by=SYSTEM, name=nasty, targets={("first_reply", None): 60}, conditions={"tags": [nasty]})
    for address in ("/settings/sla/policies/", f"/settings/sla/policies/{policy.pk}/", f"/settings/sla/policies/{policy.pk}/delete/"):
        assert not re.search(r"<script>alert", client.get(address).content.decode())


def test_the_queue_page_is_for_everybody_who_sees_tickets(cast, client):
    client.force_login(cast.hana)
    page = client.get("/waiting/")
    assert page.status_code == 200
    assert "Nothing waits here" in page.content.decode()
