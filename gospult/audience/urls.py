from django.urls import path

from . import views

app_name = "audience"
urlpatterns = [
    path("", views.show, name="show"),
    path("pages/", views.pages, name="pages"),
    path("choose/", views.choose, name="choose"),
    path("selections/save/", views.save, name="save"),
    path("selections/<int:pk>/drop/", views.drop, name="drop"),
    path("build/", views.build, name="build"),
]
