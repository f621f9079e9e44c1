from django.urls import path

from . import views

app_name = "scores"
urlpatterns = [
    path("", views.table, name="table"),
    path("pages/", views.pages, name="pages"),
    path("bodies/", views.bodies, name="bodies"),
    path("territory/<int:pk>/", views.territory, name="municipality"),
    path("body/<int:pk>/", views.body, name="body"),
    path("page/<int:pk>/", views.page, name="page"),
    path("methods/", views.methods, name="methods"),
    path("methods/<slug:code>/", views.method, name="method"),
    path("methods/<slug:code>/sheet/", views.sheet, name="sheet"),
    path("export/<slug:subject>/", views.export, name="export"),
]
