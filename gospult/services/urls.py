from django.urls import path

from . import views

app_name = "services"
urlpatterns = [path("", views.status, name="status"), path("mark", views.mark, name="mark")]
