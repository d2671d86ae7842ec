"""Every address of the product. Who may open it stands on each view (`staff.access.allow` or `public`)."""

from django.urls import URLResolver, include, path
from django.urls.resolvers import RoutePattern

handler400 = "madoguchi.design.views.bad_request"
handler403 = "madoguchi.design.views.forbidden"
handler404 = "madoguchi.design.views.not_found"
handler500 = "madoguchi.design.views.server_error"


class LoadedWhenCalled(URLResolver):
    """Routes that no page links to, loaded by the first call: the API's framework would double the time to the first page."""

    def _populate(self) -> None:
        """Looking for a page's address need not know them."""


urlpatterns = [
    path("", include("madoguchi.console.urls")),
    path("accounts/", include("madoguchi.staff.urls")),
    path("", include("madoguchi.sla.urls")),
    path("welcome/", include("madoguchi.console.welcome.urls")),
    path("settings/", include("madoguchi.console.administration.urls")),
    path("", include("madoguchi.routing.urls")),
    path("", include("madoguchi.promises.urls")),
    path("", include("madoguchi.followups.urls")),
    path("", include("madoguchi.surveys.urls")),
    path("", include("madoguchi.bot.urls")),
    path("protection/", include("madoguchi.protection.urls")),
    path("", include("madoguchi.knowledge.urls")),
    path("", include("madoguchi.portal.urls")),
    path("knowledge/", include("madoguchi.knowledge.desk_urls")),
    path("", include("madoguchi.webchat.urls")),
    path("settings/chat/", include("madoguchi.webchat.settings_urls")),
    path("settings/sla/", include("madoguchi.sla.settings_urls")),
    path("settings/routing/", include("madoguchi.routing.settings_urls")),
    path("settings/assistant/", include("madoguchi.bot.settings_urls")),
    path("settings/automation/", include("madoguchi.automation.settings_urls")),
    path("settings/mailboxes/", include("madoguchi.channels.settings_urls")),
    path("settings/tickets/", include("madoguchi.tickets.settings_urls")),
    path("settings/mail/", include("madoguchi.intake.settings_urls")),
    path("settings/staff/", include("madoguchi.staff.settings_urls")),
    path("settings/privacy/", include("madoguchi.portal.settings_urls")),
    path("settings/webhooks/", include("madoguchi.api.settings_urls")),
    LoadedWhenCalled(RoutePattern("api/v1/"), "madoguchi.api.urls", app_name="api", namespace="api"),
    path("", include("madoguchi.config.health")),
]
