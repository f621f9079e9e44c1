from django.urls import path

from . import views

app_name = "reports"
urlpatterns = [
    path("reports/", views.report, name="report"),
    path("reports/press/", views.press, name="press"),
    path("reports/file/", views.export, name="export"),
    path("reports/rows/<slug:code>/", views.rows, name="rows"),
]
