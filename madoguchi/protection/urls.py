"""Addresses of protection."""

from django.urls import path

from .views import appeals, care, cases, company, desk, lists, original

app_name = "protection"
urlpatterns = [
    path("", lists.home, name="home"),
    path("measures/", lists.measures, name="measures"),
    path("measures/<int:pk>/lift/", lists.lift, name="lift"),
    path("measures/<int:pk>/review/", lists.review, name="review"),
    path("messages/<int:message_id>/original", original.original, name="original"),
    path("messages/<int:message_id>/judge", desk.judge, name="judge"),
    path("tickets/<int:ticket_id>/panel", desk.panel, name="panel"),
    path("tickets/<int:ticket_id>/ask", desk.ask, name="ask"),
    path("tickets/<int:ticket_id>/come/<int:request_id>", desk.come, name="come"),
    path("tickets/<int:ticket_id>/protect", desk.protect, name="protect"),
    path("tickets/<int:ticket_id>/step/<slug:step>", desk.step, name="step"),
    path("tickets/<int:ticket_id>/case", cases.open_file, name="open_case"),
    path("tickets/<int:ticket_id>/statement", cases.statement, name="statement"),
    path("care/", care.own, name="care"),
    path("care/shield", care.prefer, name="prefer"),
    path("care/<int:pk>/done", care.done, name="care_done"),
    path("care/ask", care.ask, name="ask_desk"),
    path("care/answer", care.back, name="back"),
    path("care/<int:pk>/more", care.more, name="more"),
    path("desk/", care.consultations, name="consultations"),
    path("desk/<int:pk>/answer", care.answer, name="answer"),
    path("cases/<int:pk>/care/", care.plan, name="plan_care"),
    path("manual/", company.manual, name="manual"),
    path("report/", company.report, name="report"),
    path("policy/<slug:language>/", company.policy, name="policy"),
    path("settings/", company.choices, name="settings"),
    path("settings/words/", company.wordings, name="wordings"),
    path("settings/words/<slug:step>/", company.wording, name="wording"),
    path("cases/", cases.index, name="cases"),
    path("cases/<int:pk>/", cases.case, name="case"),
    path("cases/<int:pk>/change/", cases.change, name="case_change"),
    path("cases/<int:pk>/entry/", cases.entry, name="case_entry"),
    path("cases/<int:pk>/add/", cases.add, name="case_add"),
    path("cases/<int:pk>/close/", cases.close, name="case_close"),
    path("cases/<int:pk>/package/", cases.package, name="case_package"),
    path("appeals/<int:pk>/decide/", appeals.decide, name="decide"),
    path("appeals/<str:token>", appeals.appeal, name="appeal"),
]
