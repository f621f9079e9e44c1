from django.urls import path

from . import views

app_name = "accounts"
urlpatterns = [path("in/<str:key>/", views.enter, name="enter")]
