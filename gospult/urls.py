"""The URL map: login, then the rooms."""

from importlib.util import find_spec

from allauth.account import views as account
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

# Only these views of allauth: nobody signs up by himself, people are entered by an administrator.
urlpatterns: list[URLPattern | URLResolver] = [
    path("account/login/", account.login, name="account_login"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/again/", account.reauthenticate, name="account_reauthenticate"),
]
ROOMS = {"hook/": "gospult.exchange", "pages/": "gospult.registry", "status/": "gospult.services", "": "gospult.desk"}
urlpatterns += [
    path(prefix, include(f"{room}.urls")) for prefix, room in ROOMS.items() if room in settings.INSTALLED_APPS and find_spec(f"{room}.urls")
]
