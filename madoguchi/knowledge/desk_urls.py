"""Addresses of the editor's pages."""

from django.urls import path

from .views import editor

urlpatterns = [
    path("", editor.index, name="knowledge"),
    path("new", editor.new, name="knowledge_new"),
    path("preview", editor.preview, name="knowledge_preview"),
    path("topics/", editor.topics, name="knowledge_topics"),
    path("topics/new", editor.topic, name="knowledge_new_topic"),
    path("topics/<int:pk>", editor.topic, name="knowledge_topic"),
    path("<int:article_id>", editor.article, name="knowledge_article"),
    path("<int:article_id>/facts", editor.facts, name="knowledge_facts"),
    path("<int:article_id>/remove", editor.remove, name="knowledge_remove"),
    path("<int:article_id>/pictures", editor.picture, name="knowledge_picture"),
    path("<int:article_id>/<slug:language>/", editor.text, name="knowledge_text"),
    path("<int:article_id>/<slug:language>/submit", editor.submit, name="knowledge_submit"),
    path("<int:article_id>/<slug:language>/decide", editor.decide, name="knowledge_decide"),
    path("<int:article_id>/<slug:language>/versions", editor.versions, name="knowledge_versions"),
    path("<int:article_id>/<slug:language>/restore", editor.restore, name="knowledge_restore"),
]
