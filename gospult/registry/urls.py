from django.urls import path

from .views import absences, cards, imports, lists

app_name = "registry"
urlpatterns = [
    path("", lists.pages, name="pages"),
    path("bodies/", lists.bodies, name="bodies"),
    path("absences/", absences.absences, name="absences"),
    path("absences/<int:pk>/end/", absences.end, name="absence_end"),
    path("export/", lists.export, name="export"),
    path("import/", imports.imports, name="imports"),
    path("import/<int:pk>/", imports.one, name="import"),
    path("import/<int:pk>/apply/", imports.apply, name="import_apply"),
    path("import/<int:pk>/undo/", imports.undo, name="import_undo"),
    path("page/<int:pk>/", cards.page, name="page"),
    path("page/<int:pk>/move/", cards.move, name="page_move"),
    path("page/<int:pk>/handle/", cards.handle, name="page_handle"),
    path("page/<int:pk>/steward/", cards.appoint, name="page_appoint"),
    path("page/<int:pk>/steward/<int:steward>/dismiss/", cards.dismiss, name="page_dismiss"),
    path("body/<int:pk>/", cards.body, name="body"),
    path("body/<int:pk>/exempt/", cards.exempt, name="body_exempt"),
    path("body/<int:pk>/oblige/", cards.oblige, name="body_oblige"),
]
