"""`madoguchi kb import` and `export`: a round trip changes nothing, and a wrong file stops everything."""

import filecmp
import json
import shutil
from pathlib import Path

import pytest

from madoguchi.config.cli import main
from madoguchi.foundation import search
from madoguchi.foundation.models import Event
from madoguchi.foundation.search_query import query_terms
from madoguchi.knowledge.models import Article, Category, ExampleQuestion, Translation, Version

pytestmark = pytest.mark.django_db
HOSHIZORA = Path(__file__).parents[2] / "madoguchi/console/demo/articles"


@pytest.fixture
def folder(tmp_path):
    """The demo company's articles, to be changed."""
    return Path(shutil.copytree(HOSHIZORA, tmp_path / "kb"))


def counts(capsys) -> dict[str, int]:
    return json.loads(capsys.readouterr().out)


def take(folder, capsys) -> dict[str, int]:
    assert main(["kb", "import", str(folder), "--json"]) == 0
    return counts(capsys)


def refused(folder, capsys) -> str:
    assert main(["kb", "import", str(folder)]) == 2
    assert not Article.objects.exists()
    assert not Category.objects.exists()
    told = capsys.readouterr().err
    assert "nothing was imported" in told
    assert "Traceback" not in told
    return told


def test_everything_comes_in_and_goes_out_byte_for_byte(tmp_path, capsys):
    assert take(HOSHIZORA, capsys) == {"files": 150, "articles": 30, "new": 150, "changed": 0, "unchanged": 0}
    assert Article.objects.filter(audience="internal").count() == 6
    assert set(Translation.objects.values_list("language", flat=True)) == {"ja", "en", "zh-hans", "zh-hant", "de"}
    assert main(["kb", "export", str(tmp_path / "out"), "--json"]) == 0
    assert counts(capsys) == {"files": 150}
    for path in HOSHIZORA.rglob("*.md"):
        assert filecmp.cmp(path, tmp_path / "out" / path.relative_to(HOSHIZORA), shallow=False), path


def test_again_changes_nothing(tmp_path, capsys):
    take(HOSHIZORA, capsys)
    main(["kb", "export", str(tmp_path / "out")])
    capsys.readouterr()
    before = list(Translation.objects.order_by("pk").values()), list(Article.objects.order_by("pk").values()), Event.objects.count()
    assert take(tmp_path / "out", capsys) == {"files": 150, "articles": 0, "new": 0, "changed": 0, "unchanged": 150}
    assert before == (
        list(Translation.objects.order_by("pk").values()),
        list(Article.objects.order_by("pk").values()),
        Event.objects.count(),
    )
    assert Version.objects.count() == 150


def test_all_that_an_article_can_have_survives(tmp_path, capsys, cast):
    page = tmp_path / "kb/zh-Hant/no.md"
    page.parent.mkdir(parents=True)
    page.write_text(
        '---\ntitle: "「退貨」: \\"快速\\" \\\\ # 100% \U0001f600"\nslug: "2026"\nlang: zh-Hant\ncategory: "no"\naudience: partner\n'
        'tags: ["a: b", "c"]\nupdated: 2026-10-08\nsummary: "短い: 要約"\nstate: scheduled\noriginal: zh-Hant\nreview: 2027-01-31\n'
        'owner: "hana@hoshizora.example"\npublish: 2027-01-01T09:30:00Z\nexpires: 2028-01-01\nquestions:\n  - "怎麼退貨？"\n  - "a: b # c"\n'
        "---\n\n---\n\n## 表\n\n| a | b |\n|---|---|\n",
        encoding="utf-8",
    )
    take(tmp_path / "kb", capsys)
    assert list(ExampleQuestion.objects.values_list("language", "text")) == [("zh-hant", "怎麼退貨？"), ("zh-hant", "a: b # c")]
    article = Article.objects.get()
    assert (article.slug, article.category.key, article.language, article.owner) == ("2026", "no", "zh-hant", cast.hana)
    main(["kb", "export", str(tmp_path / "out")])
    capsys.readouterr()
    assert take(tmp_path / "out", capsys)["unchanged"] == 1


def test_what_differs_is_changed_and_keeps_its_history(folder, capsys):
    take(folder, capsys)
    page = folder / "de/05-returns.md"
    page.write_text(
        page.read_text(encoding="utf-8").replace("questions:\n", 'questions:\n  - "Wie lange kann ich zurückgeben?"\n', 1) + "\nNeu.\n"
    )
    assert take(folder, capsys) == {"files": 150, "articles": 0, "new": 0, "changed": 1, "unchanged": 149}
    text = Translation.objects.get(article__slug="returns", language="de")
    assert text.body.endswith("Neu.")
    assert [version.number for version in text.versions.all()] == [2, 1]
    assert text.pk in search.search_ids("articles", query_terms("zurückgeben"), limit=50)


@pytest.mark.parametrize(
    ("old", "new", "line", "why"),
    [
        ("category: delivery\n", "category: delivery\ncolour: red\n", 6, "unknown key 'colour'"),
        ("audience: public", "audience: everybody", 6, "must be one of public, partner, internal"),
        ("audience: public\n", "", 1, "audience is missing"),
        ("updated: 2026-10-08", "updated: yesterday", 8, "must be a date"),
        ("tags: [", "tags: [[", 8, "no YAML"),
        ("slug: track-order", "slug: Track order!", 3, "small letters"),
        ("slug: track-order", "slug: cancel-order", 3, "has the slug 'cancel-order' too"),
        ("lang: de", "lang: ja", 4, "the folder is the one of 'de'"),
        ("category: delivery", "category: &x delivery\nsummary: *x", 6, "references"),
        ("category: delivery", "category: !!python/object:os.system x", 5, "no YAML"),
        ("audience: public", "audience: internal", 6, "audience is 'internal', but ja/01-track-order.md says 'public'"),
        ('tags: ["Send', 'owner: "nobody@hoshizora.example"\ntags: ["Send', 7, "no agent has the address"),
        ("---\ntitle", "title", 1, "must begin with front matter"),
    ],
)
def test_a_wrong_file_is_told_with_its_line_and_nothing_comes_in(folder, capsys, cast, old, new, line, why):
    page = folder / "de/01-track-order.md"
    text = page.read_text(encoding="utf-8")
    assert old in text
    page.write_text(text.replace(old, new, 1), encoding="utf-8")
    told = refused(folder, capsys)
    assert f":{line}: " in told
    assert why in told


def test_files_that_are_no_text(folder, capsys):
    (folder / "en/01-track-order.md").write_bytes(b"---\ntitle: a\n\xff\n---\n")
    (folder / "en/02-delivery-times-fees.md").write_bytes(b"x" * 1_000_001)
    (folder / "ja/03-redelivery-time-slot.md").write_text("---\ntitle: x\n", encoding="utf-8")
    (folder / "ja/04-cancel-order.md").write_text("", encoding="utf-8")
    told = refused(folder, capsys)
    assert "en/01-track-order.md:3: the text is not UTF-8" in told
    assert "en/02-delivery-times-fees.md:1: the file is larger" in told
    assert "does not end" in told
    assert told.count("\n") == 5


def test_a_folder_that_is_none(tmp_path, capsys):
    assert main(["kb", "import", str(tmp_path / "nowhere")]) == 2
    assert "is no folder" in capsys.readouterr().err
    assert main(["kb", "import", str(tmp_path)]) == 2
    assert "no folder of a language" in capsys.readouterr().err
    (tmp_path / "kept.txt").write_text("mine")
    assert main(["kb", "export", str(tmp_path)]) == 2
    assert "not empty" in capsys.readouterr().err
