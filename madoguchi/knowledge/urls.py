"""Addresses of the help centre."""

from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from .views import help as pages
from .views import pictures

urlpatterns = [
    path("robots.txt", pages.robots, name="robots"),
    path("help/", pages.front, name="help_front"),
    path("help/sitemap.xml", pages.sitemap, name="help_sitemap"),
    path("help/pictures/<str:token>/<str:name>", pictures.picture, name="help_picture"),
    path("help/<slug:language>/", pages.home, name="help"),
    path("help/<slug:language>/search", pages.search, name="help_search"),
    path("help/<slug:language>/topics/<slug:key>", pages.category, name="help_category"),
    path("help/<slug:language>/articles/<slug:slug>", pages.article, name="help_article"),
    path("help/<slug:language>/articles/<slug:slug>/feedback", csrf_exempt(pages.feedback), name="help_feedback"),
]
