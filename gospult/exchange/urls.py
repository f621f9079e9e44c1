from django.urls import path

from . import views

app_name = "exchange"
urlpatterns = [
    path("hook/<slug:network>/", views.hook, name="hook"),
    path("hook/<slug:network>/<str:door>/", views.hook, name="door"),
]
