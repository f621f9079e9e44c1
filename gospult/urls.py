"""The URL map: login, then the rooms."""

from allauth.account import views as account
from django.urls import include, path

urlpatterns = [
    # Only these views of allauth: nobody signs up by himself, people are entered by an administrator.
    path("account/login/", account.login, name="account_login"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/again/", account.reauthenticate, name="account_reauthenticate"),
    path("", include("gospult.accounts.urls")),
    path("", include("gospult.exchange.urls")),
    path("alerts/", include("gospult.alerts.urls")),
    path("pages/", include("gospult.registry.urls")),
    path("scores/", include("gospult.scores.urls")),
    path("audience/", include("gospult.audience.urls")),
    path("", include("gospult.directory.urls")),
    path("status/", include("gospult.services.urls")),
    path("", include("gospult.reports.urls")),
    path("", include("gospult.office.urls")),
    path("", include("gospult.desk.urls")),
]
