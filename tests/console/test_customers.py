"""Customers' pages through their door."""

from madoguchi.customers.models import Customer, CustomerNote


def test_the_list_and_the_search_lead_to_the_customer(cast, sign_in):
    client = sign_in(cast.hana)
    assert "藤代 千夏" in client.get("/customers/").content.decode()
    assert client.get("/customers/?q=nobody").status_code == 200
    cast.ticket(team=cast.orders, subject="Missing parcel")
    page = client.get(f"/customers/{cast.ruth.pk}").content.decode()
    assert "Missing parcel" in page
    assert "ruth@customer.example" in page


def test_what_was_said_in_hidden_tickets_is_not_in_the_timeline(cast, sign_in):
    cast.ticket(team=cast.repairs, subject="Secret repair", text="hidden words")
    page = sign_in(cast.hana).get(f"/customers/{cast.ruth.pk}").content.decode()
    assert "hidden words" not in page
    assert "Secret repair" not in page


def test_a_customer_is_made_and_changed(cast, sign_in):
    client = sign_in(cast.hana)
    made = client.post("/customers/new", {"name": "Ida Berg", "mail": "ida@customer.example", "language": "de", "tags": "gold, VIP"})
    assert made.status_code == 302
    ida = Customer.objects.get(name="Ida Berg")
    assert ida.tags == ["gold", "VIP"]
    client.post(f"/customers/{ida.pk}/edit", {"name": "Ida Berger", "reading": "", "language": "de", "tags": ""})
    ida.refresh_from_db()
    assert (ida.name, ida.tags) == ("Ida Berger", [])


def test_an_address_that_is_taken_is_refused_at_the_form(cast, sign_in):
    response = sign_in(cast.hana).post("/customers/new", {"name": "Other", "mail": "ruth@customer.example"})
    assert response.status_code == 422
    assert "belongs to another customer" in response.content.decode()


def test_notes_and_identities(cast, sign_in):
    client = sign_in(cast.hana)
    client.post(f"/customers/{cast.ruth.pk}/note", {"text": "Prefers mail"})
    assert "Prefers mail" in client.get(f"/customers/{cast.ruth.pk}").content.decode()
    client.post(f"/customers/{cast.ruth.pk}/note", {"remove": CustomerNote.objects.get().pk})
    assert not CustomerNote.objects.exists()
    client.post(f"/customers/{cast.ruth.pk}/identity", {"do": "add", "value": "ruth2@customer.example"})
    second = cast.ruth.identities.get(value="ruth2@customer.example")
    client.post(f"/customers/{cast.ruth.pk}/identity", {"do": "remove", "identity": second.pk})
    assert cast.ruth.identities.count() == 1


def test_customers_are_merged_and_taken_apart(cast, sign_in):
    client = sign_in(cast.admin)
    client.post(f"/customers/{cast.ruth.pk}/merge", {"other": cast.chinatsu.pk})
    cast.chinatsu.refresh_from_db()
    assert cast.chinatsu.merged_into_id == cast.ruth.pk
    client.post(f"/customers/{cast.chinatsu.pk}/merge", {"undo": "yes"})
    cast.chinatsu.refresh_from_db()
    assert cast.chinatsu.merged_into_id is None


def test_an_observer_changes_no_customer(cast, sign_in):
    client = sign_in(cast.observer)
    assert client.get(f"/customers/{cast.ruth.pk}").status_code == 200
    assert client.post(f"/customers/{cast.ruth.pk}/note", {"text": "x"}).status_code == 403
    assert client.post(f"/customers/{cast.ruth.pk}/merge", {"other": cast.chinatsu.pk}).status_code == 403
