from django.urls import path

from . import views

app_name = "office"
urlpatterns = [path("settings/", views.settings, name="settings")]
