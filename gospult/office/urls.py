from django.urls import path

from .views import my, settings

app_name = "office"
urlpatterns = [
    path("", my.home, name="home"),
    path("settings/", settings.settings, name="settings"),
    path("my/", my.my, name="my"),
    path("my/<str:number>/", my.case, name="my_case"),
    path("my/<str:number>/answer/", my.answer, name="my_answer"),
    path("my/<str:number>/undo/", my.undo, name="my_undo"),
]
