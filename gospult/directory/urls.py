from django.urls import path

from .views import catalogue, opendata, remarks

app_name = "directory"
urlpatterns = [
    path("catalogue/", catalogue.catalogue, name="catalogue"),
    path("catalogue/places/", catalogue.places, name="places"),
    path("catalogue/remarks/", remarks.remarks, name="remarks"),
    path("catalogue/<int:pk>/", catalogue.card, name="card"),
    path("catalogue/<int:pk>/card.jsonld", catalogue.structured, name="structured"),
    path("catalogue/<int:pk>/remark", catalogue.remark, name="remark"),
    path("catalogue/<int:pk>/poster.pdf", catalogue.poster, name="poster"),
    path("official/", catalogue.official, name="official"),
    path("official/check.json", catalogue.official_json, name="official_json"),
    path("opendata/", opendata.about, name="opendata"),
    path("opendata/passport.json", opendata.passport, name="passport"),
    path("opendata/pages.csv", opendata.as_csv, name="open_csv"),
    path("opendata/pages.json", opendata.as_json, name="open_json"),
    path("opendata/pages.signed.json", opendata.signed, name="open_signed"),
    path("sitemap.xml", catalogue.sitemap, name="sitemap"),
    path("robots.txt", catalogue.robots, name="robots"),
]
