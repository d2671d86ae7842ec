"""Who a visitor is: what the site signed is believed, everything else is not."""

import base64
import hashlib
import hmac
import json

import pytest

from madoguchi.foundation import clock, crypto
from madoguchi.tickets.models import Ticket
from madoguchi.webchat import actions, identity
from madoguchi.webchat.models import Conversation


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def jwt(secret, claims, header=None):
    body = f"{part(header or {'alg': 'HS256', 'typ': 'JWT'})}.{part(claims)}"
    mac = hmac.new(secret.encode(), body.encode(), hashlib.sha256).digest()
    return f"{body}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def soon(seconds=600):
    return int(clock.now().timestamp()) + seconds


def test_a_good_token_says_who_it_is():
    person = identity.from_token(
        "secret", jwt("secret", {"exp": soon(), "email": "Ruth@Customer.example", "name": "Ruth"}), now=clock.now()
    )
    assert person == identity.Person(mail="ruth@customer.example", name="Ruth")


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (lambda: jwt("other", {"exp": soon(), "mail": "a@b.example"}), "signature"),
        (lambda: jwt("secret", {"exp": soon(-600), "mail": "a@b.example"}), "expired"),
        (lambda: jwt("secret", {"mail": "a@b.example"}), "malformed"),
        (lambda: jwt("secret", {"exp": soon(10**7), "mail": "a@b.example"}), "malformed"),
        (lambda: jwt("secret", {"exp": soon(), "nbf": soon(), "mail": "a@b.example"}), "expired"),
        (lambda: jwt("secret", {"exp": soon()}), "malformed"),
        (lambda: jwt("secret", {"exp": True, "mail": "a@b.example"}), "malformed"),
        (lambda: jwt("secret", {"exp": soon(), "mail": "a@b.example"}, {"alg": "none"}), "malformed"),
        (lambda: jwt("secret", {"exp": soon(), "mail": "a@b.example"}, {"alg": "RS256"}), "malformed"),
        (lambda: f"{part({'alg': 'none'})}.{part({'exp': soon(), 'mail': 'a@b.example'})}.", "malformed"),
        (lambda: "a.b.c", "malformed"),
        (lambda: "x" * 9000, "malformed"),
    ],
)
def test_a_bad_token_says_nothing(token, code):
    with pytest.raises(identity.Forged, match=code):
        identity.from_token("secret", token(), now=clock.now())


def test_a_signed_address():
    good = hmac.new(b"secret", b"ruth@customer.example", hashlib.sha256).hexdigest()
    assert identity.from_address("secret", "Ruth@customer.example ", good).mail == "ruth@customer.example"
    for wrong in ("", "0" * 64, good[:-1], good + "0"):
        with pytest.raises(identity.Forged):
            identity.from_address("secret", "ruth@customer.example", wrong)


@pytest.mark.django_db
def test_the_site_vouches_and_the_ticket_is_the_customers(visitor, cast):
    secret = crypto.decrypt(visitor.widget.secret)
    visitor.say(user_token=jwt(secret, {"exp": soon(), "mail": "ruth@customer.example", "name": "Ruth Castellan"}))
    assert Ticket.objects.get().customer == cast.ruth
    assert Conversation.objects.get().verified
    assert visitor.heard()["state"]["verified"]


@pytest.mark.django_db
def test_a_forged_identity_is_a_stranger_and_the_agent_sees_it(visitor, cast, client):
    assert visitor.say(user_token=jwt("guess", {"exp": soon(), "mail": "ruth@customer.example"})).status_code == 201
    ticket = Ticket.objects.get()
    assert ticket.customer != cast.ruth
    assert not Conversation.objects.get().verified
    client.force_login(cast.hana)
    assert b"sign-in data" in client.get(f"/tickets/{ticket.pk}/chat").content


@pytest.mark.django_db
def test_signing_in_during_the_chat_makes_it_theirs(visitor, cast):
    visitor.say("Hello")
    secret = crypto.decrypt(visitor.widget.secret)
    good = hmac.new(secret.encode(), b"ruth@customer.example", hashlib.sha256).hexdigest()
    visitor.say("Now I am signed in", user_mail="ruth@customer.example", user_hash=good)
    assert Ticket.objects.get().customer == cast.ruth


@pytest.mark.django_db
def test_a_new_secret_ends_what_the_old_one_signed(visitor, cast):
    from madoguchi.foundation.actor import agent_actor

    old = crypto.decrypt(visitor.widget.secret)
    actions.rotate_secret(widget=visitor.widget, by=agent_actor(cast.admin))
    visitor.say(user_token=jwt(old, {"exp": soon(), "mail": "ruth@customer.example"}))
    assert Ticket.objects.get().customer != cast.ruth
