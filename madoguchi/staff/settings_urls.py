"""Addresses of the settings screens about our people."""

from django.urls import path

from .views import groups, people, tokens

app_name = "staff"
urlpatterns = [
    path("agents/", people.agents, name="agents"),
    path("agents/invite/", people.invite, name="invite"),
    path("agents/<int:pk>/", people.agent, name="agent"),
    path("agents/<int:pk>/deactivate/", people.deactivate, name="deactivate"),
    path("agents/<int:pk>/reactivate/", people.reactivate, name="reactivate"),
    path("agents/<int:pk>/sign-out/", people.sign_out, name="sign_out"),
    path("invitations/<int:pk>/again/", people.invite_again, name="invite_again"),
    path("invitations/<int:pk>/withdraw/", people.withdraw_invitation, name="withdraw_invitation"),
    path("teams/", groups.teams, name="teams"),
    path("teams/new/", groups.team, name="new_team"),
    path("teams/<int:pk>/", groups.team, name="team"),
    path("teams/<int:pk>/delete/", groups.delete_team, name="delete_team"),
    path("skills/", groups.skills, name="skills"),
    path("skills/new/", groups.skill, name="new_skill"),
    path("skills/<int:pk>/", groups.skill, name="skill"),
    path("skills/<int:pk>/delete/", groups.delete_skill, name="delete_skill"),
    path("roles/", groups.roles, name="roles"),
    path("roles/new/", groups.role, name="new_role"),
    path("roles/<int:pk>/", groups.role, name="role"),
    path("roles/<int:pk>/delete/", groups.delete_role, name="delete_role"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/new/", tokens.create_token, name="new_token"),
    path("tokens/<int:pk>/revoke/", tokens.revoke_token, name="revoke_token"),
]
