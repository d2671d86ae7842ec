"""The help centre: public articles for everybody in their language, and never anything else."""

import re
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from madoguchi.foundation import clock
from madoguchi.foundation.actor import SYSTEM
from madoguchi.knowledge import actions, reading
from madoguchi.knowledge.actions.folder import import_folder
from madoguchi.knowledge.folder import read_folder
from madoguchi.knowledge.models import Article, Feedback, Translation
from tests.test_doors import routes

pytestmark = pytest.mark.django_db
HOSHIZORA = Path(__file__).parents[2] / "madoguchi/console/demo/articles"
LANGUAGES = ("ja", "en", "zh-hans", "zh-hant", "de")
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32


@pytest.fixture
def hoshizora(cast):
    import_folder(by=SYSTEM, files=read_folder(HOSHIZORA)[0])


def titles(page) -> list[str]:
    return re.findall(r'class="hc-hit"[^>]*><b>([^<]*)</b>', page.content.decode())


def test_the_front_door_asks_the_browser(client, cast):
    answer = client.get("/help/", headers={"Accept-Language": "zh-TW,zh;q=0.9"})
    assert answer["Location"] == "/help/zh-hant/"
    assert "Accept-Language" in answer["Vary"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_public_article_opens_in_every_language(client, hoshizora, language):
    home = client.get(f"/help/{language}/").content.decode()
    topics = set(re.findall(rf'href="(/help/{language}/topics/[\w-]+)"', home))
    assert len(topics) == 10
    seen = set()
    for topic in topics:
        seen |= set(re.findall(rf'href="(/help/{language}/articles/[\w-]+)"', client.get(topic).content.decode()))
    assert len(seen) == 24
    for address in seen:
        answer = client.get(address)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert answer["Content-Language"].lower() == language
        assert page.count("<h1") == 1
        assert page.count('rel="alternate"') == 6
        assert f'<link rel="canonical" href="http://localhost:8000{address}">' in page
        assert len(answer.content) < 40_000


@pytest.mark.parametrize(
    ("language", "typed", "slug"),
    [
        ("ja", "返品", "returns"),
        ("ja", "返品したいのですが、どうすればいいですか", "returns"),
        ("ja", "ヘンピン", None),
        ("zh-hans", "退款", "refund-timing"),
        ("zh-hant", "退款", "refund-timing"),
        ("zh-hant", "退款什么时候到", "refund-timing"),
        ("de", "Rücksendung", "exchange"),
        ("de", "ruecksendung", "exchange"),
        ("de", "Versandkosten", "delivery-times-fees"),
        ("de", "Kosten", "delivery-times-fees"),
        ("en", "refund", "refund-timing"),
        ("en", "gift car", "gift-cards-coupons"),
    ],
)
def test_search_finds_in_the_readers_language_first(client, hoshizora, language, typed, slug):
    page = client.get(f"/help/{language}/search", {"q": typed}).content.decode()
    hits = re.findall(r'href="/help/([\w-]+)/articles/([\w-]+)" lang=', page)
    assert slug is None or (language, slug) in hits[:3]
    if slug:
        assert "<mark>" in page


def test_compounds_are_found_by_their_parts(client, write):
    write("parcel", de=("Pakete", "Die Paketrücksendung ist kostenlos."))
    assert titles(client.get("/help/de/search", {"q": "Rücksendung", "part": "1"})) == ["Pakete"]


def test_another_language_where_ones_own_has_nothing(client, write):
    write("tea", ja=("お茶", "玉露の淹れ方"))
    page = client.get("/help/de/search", {"q": "玉露"})
    assert titles(page) == ["お茶"]
    assert 'lang="ja"' in page.content.decode()
    assert client.get("/help/de/articles/tea")["Location"] == "/help/ja/articles/tea"


HIDDEN = "Zzgeheim"


@pytest.fixture
def hidden(write, cast):
    """One article of every kind that no visitor may see, all saying the same word, and a public one beside them."""
    by = {"by": SYSTEM, "language": "en"}
    write("in-house", en=(HIDDEN, HIDDEN), audience="internal", category="handbook")
    write("partners", en=(HIDDEN, HIDDEN), audience="partner", category="handbook")
    write("draft", en=(HIDDEN, HIDDEN), publish=False)
    actions.submit(article_id=write("review", en=(HIDDEN, HIDDEN), publish=False).pk, **by)
    actions.schedule(article_id=write("later", en=(HIDDEN, HIDDEN), publish=False).pk, at=clock.now() + timedelta(hours=1), **by)
    over = write("over", en=(HIDDEN, HIDDEN))
    Translation.objects.filter(article=over).update(expires_at=clock.now() - timedelta(seconds=1))
    back = write("taken-back", en=(HIDDEN, HIDDEN))
    actions.unpublish(article_id=back.pk, **by)
    both = write("both", en=("Open to all", "Nothing secret"))
    actions.save_text(article_id=both.pk, title=HIDDEN, body=HIDDEN, **by)
    write("half", en=("Half", "English is public"))
    actions.save_text(by=SYSTEM, article_id=Article.objects.get(slug="half").pk, language="ja", title=HIDDEN, body=HIDDEN)
    for article in Article.objects.all():
        actions.save_questions(by=SYSTEM, article_id=article.pk, language="en", texts=[f"What about {HIDDEN}?"])
    return {"in-house", "partners", "draft", "review", "later", "over", "taken-back"}


def test_nothing_hidden_is_told_by_any_route(client, hidden):
    picture = actions.add_picture(by=SYSTEM, article_id=Article.objects.get(slug="in-house").pk, name="secret.png", data=PNG)
    body = f"![x](/help/pictures/{picture.token}/secret.png) {HIDDEN}"
    actions.save_text(by=SYSTEM, article_id=picture.article_id, language="en", title=HIDDEN, body=body)
    actions.publish(by=SYSTEM, article_id=picture.article_id, language="en")
    public = [route for route in routes() if route.startswith("help/") or route == "robots.txt"]
    assert len(public) == 13
    values = {"language": LANGUAGES, "slug": sorted(Article.objects.values_list("slug", flat=True)), "key": ["handbook", "returns"]}
    values |= {"token": [picture.token], "name": ["secret.png"], "brand_id": ["1"]}
    looked = 0
    for route in public:
        for address in _addresses(route, values):
            for data in (
                {},
                {"q": HIDDEN},
                {"q": HIDDEN[:4], "part": "1"},
                {"q": "What about"},
                {"q": HIDDEN, "audience": "internal", "state": "draft"},
            ):
                for method in ("get", "post", "head"):
                    answer = getattr(client, method)(address, data | {"helpful": "yes"})
                    told = answer.content.decode()
                    if route.endswith("/search"):  # which says again what was asked, and that alone is taken out
                        told = re.sub("<h1>[^<]*</h1>", "", told).replace(f'value="{HIDDEN}"', "")
                    assert HIDDEN not in told, address
                    assert not any(f"articles/{slug}" in told for slug in hidden if f"articles/{slug}" not in address), address
                    looked += 1
            if any(f"/articles/{slug}" in address for slug in hidden) or "pictures" in address:
                assert client.get(address).status_code in {404, 405}, address
    assert looked > 500
    assert not Feedback.objects.filter(article__slug__in=hidden).exists()


def _addresses(route, values):
    names = re.findall(r"<\w+:(\w+)>", route)
    found = ["/" + route]
    for name in names:
        found = [re.sub(rf"<\w+:{name}>", value, address) for address in found for value in values[name]]
    return found


def test_a_newer_text_waits_until_it_is_published(client, hidden):
    assert "Open to all" in client.get("/help/en/articles/both").content.decode()
    actions.publish(by=SYSTEM, article_id=Article.objects.get(slug="both").pk, language="en")
    assert HIDDEN in client.get("/help/en/articles/both").content.decode()


def test_pages_are_kept_and_checked_by_their_etag(client, write):
    write("a", en=("Title", "Text"))
    first = client.get("/help/en/articles/a")
    assert "public" in first["Cache-Control"]
    assert "madoguchi_session" not in first.cookies
    again = client.get("/help/en/articles/a", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    actions.save_text(by=SYSTEM, article_id=Article.objects.get().pk, language="en", title="Title", body="Another")
    actions.publish(by=SYSTEM, article_id=Article.objects.get().pk, language="en")
    assert client.get("/help/en/articles/a", headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_the_page_is_the_same_for_a_signed_in_agent(client, cast, write):
    write("a", ja=("題", "本文"))
    stranger = client.get("/help/ja/articles/a").content
    client.force_login(cast.hana)
    assert client.get("/help/ja/articles/a").content == stranger


def test_sitemap_and_robots(client, hoshizora):
    answer = client.get("/help/sitemap.xml")
    root = ET.fromstring(answer.content)  # noqa: S314  ours
    spaces = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    places = [one.text for one in root.findall("s:url/s:loc", spaces)]
    assert len(places) == 24 * 5 + 5
    assert len(root.findall("s:url/x:link", spaces)) == 5 * len(places)
    assert not any("harassment" in place for place in places)
    assert f"Sitemap: {places[0].split('/help/')[0]}/help/sitemap.xml" in client.get("/robots.txt").content.decode()


def test_what_readers_say_is_kept(client, write):
    article = write("a", en=("Title", "Text"))
    answer = client.post("/help/en/articles/a/feedback", {"helpful": "no", "reason": "unclear", "comment": "Which\nform?\0"})
    assert answer["Location"].endswith("thanks=1#feedback")
    assert Feedback.objects.values_list("article", "language", "helpful", "reason", "comment").get() == (
        article.pk, "en", False, "unclear", "Which form?",
    )  # fmt: skip
    assert client.post("/help/en/articles/a/feedback", {"helpful": "maybe"}).status_code == 404
    assert client.post("/help/en/articles/a/feedback", {"helpful": "no", "reason": "x" * 50}).status_code == 422
    assert client.post("/help/ja/articles/a/feedback", {"helpful": "yes"}).status_code == 404
    for _ in range(40):
        client.post("/help/en/articles/a/feedback", {"helpful": "yes"})
    assert Feedback.objects.count() <= 20


def test_addresses_that_are_none(client, cast):
    for address in ("/help/fr/", "/help/en/articles/none", "/help/en/topics/none", "/help/xx/search?q=a", "/help/pictures/x/y.png"):
        assert client.get(address).status_code == 404, address
    assert "This page is not here" in client.get("/help/en/articles/none").content.decode()
    assert client.get("/help/en/search", {"q": "a\0" * 3000}).status_code == 200
    assert client.get("/help/en/search", {"q": '"(*-^'}).status_code == 200


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("![p](https://evil.example/p.png)", "<p>p</p>"),
        ("![p](/help/pictures/abc/p.png)", '<img src="/help/pictures/abc/p.png" alt="p" loading="lazy">'),
        ("# One\n\n## Two", '<h2 id="part-1">One</h2>\n<h3>Two</h3>'),
        ("> [!WARNING]\n> Hot", '<blockquote class="callout callout--warning">\n<p>Hot</p>'),
        ('<p onclick="x" style="y">z</p>', "&lt;p onclick"),
    ],
)
def test_markdown_is_safe(written, shown):
    html = str(reading.page(written).html)
    assert shown in html
    assert "<script" not in html
    assert "evil.example" not in re.sub(r">[^<]*<", "><", html)
