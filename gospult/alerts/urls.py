from django.urls import path

from .views import channels, shown

app_name = "alerts"
urlpatterns = [
    path("", shown.alerts, name="alerts"),
    path("read/", shown.read, name="read"),
    path("<int:pk>/", shown.opened, name="open"),
    path("settings/", channels.settings, name="settings"),
    path("settings/habit/", channels.habit, name="habit"),
    path("settings/connect/", channels.connect, name="connect"),
    path("settings/mail/", channels.confirm, name="confirm"),
    path("settings/<int:pk>/first/", channels.first, name="first"),
    path("settings/<int:pk>/remove/", channels.remove, name="remove"),
]
