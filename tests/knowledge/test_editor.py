"""The editor's pages, through the door: writing, review, approval, dates, versions, pictures."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from madoguchi.foundation import clock
from madoguchi.foundation.actor import SYSTEM
from madoguchi.foundation.models import AuditEntry, Event
from madoguchi.knowledge import actions, jobs
from madoguchi.knowledge.difference import difference
from madoguchi.knowledge.models import Article, Category, ExampleQuestion, Translation, Version
from madoguchi.staff.models import Agent, Role

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32


@pytest.fixture
def writer(cast):
    """Kenji may write but not approve."""
    role = Role.objects.create(name="Writer", scope="teams", permissions=["ticket.view", "knowledge.view", "knowledge.edit"])
    Agent.objects.filter(pk=cast.kenji.pk).update(role=role)
    return Agent.objects.get(pk=cast.kenji.pk)


def text(**fields):
    return {
        "title": "Return an item",
        "summary": "",
        "tags": "return, refund、返品",
        "body": "Within **30** days.",
        "questions": "",
        "note": "",
        "seen": "0",
    } | fields


def test_from_the_first_word_to_the_help_centre(client, cast, writer):
    Category.objects.create(key="returns")
    client.force_login(writer)
    answer = client.post(
        "/knowledge/new", {"slug": "return", "category": Category.objects.get().pk, "audience": "public", "language": "en"}
    )
    article = Article.objects.get()
    assert answer["Location"] == f"/knowledge/{article.pk}/en/"
    page = f"/knowledge/{article.pk}"
    assert client.post(f"{page}/en/", text(questions="Can I send it back?\nHow long?\n")).status_code == 302
    row = Translation.objects.get()
    assert (row.state, row.tags, row.versions.count()) == ("draft", ["return", "refund", "返品"], 1)
    assert list(ExampleQuestion.objects.values_list("text", flat=True)) == ["Can I send it back?", "How long?"]
    assert client.get("/help/en/articles/return").status_code == 404
    client.post(f"{page}/en/submit")
    assert client.post(f"{page}/en/decide", {"do": "publish"}).status_code == 403
    client.force_login(cast.supervisor)
    assert "In review" in client.get(page).content.decode()
    client.post(f"{page}/en/decide", {"do": "publish"})
    assert "Within <strong>30</strong> days." in client.get("/help/en/articles/return").content.decode()
    client.force_login(writer)
    client.post(f"{page}/en/", text(body="Within **14** days.", seen="1"))
    assert "30" in client.get("/help/en/articles/return").content.decode()
    shown = client.get(page).content.decode()
    assert "and a newer text:" in shown
    assert "<strong>14</strong>" in shown
    history = client.get(f"{page}/en/versions").content.decode()
    assert "<del>30</del>" in history
    assert "<ins>14</ins>" in history
    client.force_login(cast.supervisor)
    client.post(f"{page}/en/decide", {"do": "publish"})
    assert "<strong>14</strong>" in client.get("/help/en/articles/return").content.decode()
    client.post(f"{page}/en/restore", {"number": "1"})
    row.refresh_from_db()
    assert (row.state, row.next_state, row.next_version.body) == ("published", "draft", "Within **30** days.")
    acts = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"knowledge.save_article", "knowledge.save_text", "knowledge.submit", "knowledge.publish"} <= acts
    assert Event.objects.filter(name="knowledge.TranslationChanged").count() == 2


def test_nobody_overwrites_what_somebody_else_saved(client, cast, write):
    article = write("a", en=("Title", "First"))
    client.force_login(cast.supervisor)
    client.post(f"/knowledge/{article.pk}/en/", text(body="Second", seen="1"))
    late = client.post(f"/knowledge/{article.pk}/en/", text(body="Mine", seen="1"))
    assert late.status_code == 422
    assert "Somebody saved another version" in late.content.decode()
    assert "Mine" in late.content.decode()
    assert Version.objects.order_by("-number").first().body == "Second"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": " "}, "Write a title"),
        ({"body": "\n"}, "field is required"),
        ({"title": "x" * 201}, "200"),
        ({"tags": ",".join(map(str, range(40)))}, "30 tags"),
    ],
)
def test_a_text_that_cannot_be_kept_is_told_at_its_field(client, cast, write, fields, field):
    article = write("a", en=("Title", "First"))
    client.force_login(cast.supervisor)
    answer = client.post(f"/knowledge/{article.pk}/ja/", text(**fields))
    assert answer.status_code == 422
    assert Translation.objects.count() == 1


def test_dates_publish_and_end_by_themselves(client, cast, write):
    article = write("a", en=("Title", "Text"), publish=False)
    client.force_login(cast.supervisor)
    now = clock.now()
    at = (now + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    client.post(f"/knowledge/{article.pk}/en/decide", {"do": "schedule", "at": at})
    row = Translation.objects.get()
    assert row.state == "scheduled"
    jobs.keep_dates()
    assert client.get("/help/en/articles/a").status_code == 404
    with clock.frozen(now + timedelta(days=1, minutes=1)):
        jobs.keep_dates()
        assert client.get("/help/en/articles/a").status_code == 200
        actions.expire(by=SYSTEM, article_id=article.pk, language="en", at=now + timedelta(days=3))
    with clock.frozen(now + timedelta(days=3, minutes=1)):
        assert client.get("/help/en/articles/a").status_code == 404
        jobs.keep_dates()
        row.refresh_from_db()
        assert row.state == "expired"
        jobs.keep_dates()
        client.post(f"/knowledge/{article.pk}/en/decide", {"do": "publish"})
        assert client.get("/help/en/articles/a").status_code == 200
    past = client.post(f"/knowledge/{article.pk}/en/decide", {"do": "expire", "at": "2020-01-01T10:00"})
    assert past.status_code == 422
    assert client.post(f"/knowledge/{article.pk}/en/decide", {"do": "schedule", "at": "soon"}).status_code == 422


def test_a_scheduled_newer_text_replaces_the_old_one_when_it_is_due(cast, write):
    article = write("a", en=("Title", "Old"))
    actions.save_text(by=SYSTEM, article_id=article.pk, language="en", title="Title", body="New")
    at = clock.now() + timedelta(hours=1)
    actions.schedule(by=SYSTEM, article_id=article.pk, language="en", at=at)
    row = Translation.objects.get()
    assert (row.state, row.body, row.in_hand) == ("published", "Old", "scheduled")
    with clock.frozen(at + timedelta(minutes=1)):
        jobs.keep_dates()
    row.refresh_from_db()
    assert (row.state, row.body, row.next_state) == ("published", "New", "")


def test_only_approvers_open_an_article_to_the_public(client, cast, writer, write):
    article = write("a", en=("Title", "Text"), audience="internal")
    fields = {"slug": "a", "category": article.category_id, "audience": "public", "language": "en"}
    client.force_login(writer)
    assert client.post(f"/knowledge/{article.pk}/facts", fields).status_code == 422
    assert client.get("/help/en/articles/a").status_code == 404
    client.force_login(cast.supervisor)
    assert client.post(f"/knowledge/{article.pk}/facts", fields | {"owner": cast.hana.pk, "review_on": "2026-01-01"}).status_code == 302
    assert client.get("/help/en/articles/a").status_code == 200
    article.refresh_from_db()
    assert article.owner == cast.hana


def test_the_list_is_narrowed(client, cast, write):
    first = write("alpha", en=("Alpha", "refund in ten days"), de=("Alpha DE", "Erstattung"))
    write("beta", ja=("ベータ", "返品"), audience="internal", publish=False)
    Translation.objects.filter(article=first, language="de").update(revised_at=clock.now() - timedelta(days=3))
    Article.objects.filter(pk=first.pk).update(review_on=clock.now().date())
    client.force_login(cast.hana)

    def slugs(query):
        page = client.get(f"/knowledge/?{query}").content.decode()
        return {
            slug
            for slug, title in (("alpha", ">Alpha<"), ("beta", ">ベータ<"))
            if title in page or (slug == "alpha" and ">Alpha DE<" in page)
        }

    assert slugs("") == {"alpha", "beta"}
    assert slugs("q=refund") == {"alpha"}
    assert slugs("q=返品") == {"beta"}
    assert slugs("language=de") == {"alpha"}
    assert slugs("language=de&state=missing") == {"beta"}
    assert slugs("state=draft") == {"beta"}
    assert slugs("audience=internal") == {"beta"}
    assert slugs("due=1") == {"alpha"}
    assert slugs("older=1") == {"alpha"}
    assert slugs("older=1&language=en") == set()
    assert slugs("q=nothing-at-all") == set()
    assert slugs("page=99999") == set()
    page = client.get("/knowledge/?page=²").content.decode()
    assert "New article" not in page  # an agent reads only


def test_a_picture_is_what_its_bytes_are(client, cast, write):
    article = write("a", en=("Title", "Text"))
    client.force_login(cast.supervisor)
    for name, data in (
        ("x.png", b"<svg onload=alert(1)>"),
        ("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("x.png", b"%PDF-1.4"),
        ("a.gif", b""),
    ):
        answer = client.post(f"/knowledge/{article.pk}/pictures", {"file": SimpleUploadedFile(name, data)})
        assert answer.status_code == 422, name
    answer = client.post(f"/knowledge/{article.pk}/pictures", {"file": SimpleUploadedFile('../a "b".png', PNG, "text/html")})
    shown = answer.json()
    served = client.get(shown["url"])
    assert (served["Content-Type"], served["X-Content-Type-Options"], served["Cache-Control"]) == (
        "image/png",
        "nosniff",
        "private, no-store",
    )
    client.logout()
    assert client.get(shown["url"]).status_code == 404
    actions.save_text(by=SYSTEM, article_id=article.pk, language="en", title="Title", body=f"Look:\n\n{shown['markdown']}")
    assert client.get(shown["url"]).status_code == 404
    actions.publish(by=SYSTEM, article_id=article.pk, language="en")
    assert client.get(shown["url"]).content == PNG
    assert f'src="{shown["url"]}"' in client.get("/help/en/articles/a").content.decode()


def test_topics_have_names_in_every_language(client, cast, write):
    write("a", ja=("題", "本文"), category="misc")
    client.force_login(cast.supervisor)
    topic = Category.objects.get()
    names = {"name_ja": "その他", "name_en": "", "name_de": "Sonstiges"}
    assert client.post(f"/knowledge/topics/{topic.pk}", {"key": "misc", "position": "1"} | names).status_code == 302
    assert "その他" in client.get("/help/ja/").content.decode()
    assert client.post("/knowledge/topics/new", {"key": "misc", "position": "2"}).status_code == 422


def test_removing_takes_everything_along(client, cast, write):
    article = write("a", en=("Title", "Zebra"))
    client.force_login(cast.supervisor)
    client.post(f"/knowledge/{article.pk}/remove")
    assert not Article.objects.exists()
    assert "Title" not in client.get("/help/en/search", {"q": "Zebra"}).content.decode()


def test_the_difference_marks_words_and_characters():
    lines = difference("Same\n返品は30日以内です。\nEnd", "Same\n返品は14日以内です。\nEnd")
    assert [line.kind for line in lines] == ["same", "removed", "added", "same"]
    assert lines[1].segments == [("返品は", False), ("30", True), ("日以内です。", False)]
    assert lines[2].segments == [("返品は", False), ("14", True), ("日以内です。", False)]
    assert difference("a", "a") == []
    many = difference("\n".join(map(str, range(100))), "\n".join(map(str, [*range(50), "x", *range(50, 100)])))
    assert [line.kind for line in many] == ["gap", "same", "added", "same"]
