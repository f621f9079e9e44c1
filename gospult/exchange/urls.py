from django.urls import path

from . import views

app_name = "exchange"
urlpatterns = [path("<slug:network>/", views.hook, name="hook")]
