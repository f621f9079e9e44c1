from django.urls import path

from .views import card, hook, progress, public

app_name = "exchange"
urlpatterns = [
    path("hook/<slug:network>/", hook.hook, name="hook"),
    path("hook/<slug:network>/<str:door>/", hook.hook, name="door"),
    path("connect/<str:key>/", public.connect, name="connect"),
    path("networks/", progress.progress, name="progress"),
    path("networks/links/", progress.links, name="links"),
    path("networks/pilot/", progress.pilot, name="pilot"),
    path("networks/pilot/choose/", progress.choose_pilot, name="pilot_choose"),
    path("networks/pilot/end/", progress.end_pilot, name="pilot_end"),
    path("networks/queues/", progress.queues, name="queues"),
    path("networks/page/<int:pk>/", card.card, name="card"),
    path("networks/page/<int:pk>/link/", card.link, name="card_link"),
    path("networks/page/<int:pk>/revoke/", card.revoke, name="card_revoke"),
    path("networks/page/<int:pk>/mode/", card.mode, name="card_mode"),
    path("networks/page/<int:pk>/observe/", card.observe, name="card_observe"),
    path("networks/page/<int:pk>/look/", card.look, name="card_look"),
    path("networks/page/<int:pk>/disconnect/", card.disconnect, name="card_disconnect"),
]
