from django.urls import path

from .views import card, hook, pilot, progress, public, queues

app_name = "exchange"
urlpatterns = [
    path("hook/<slug:network>/", hook.hook, name="hook"),
    path("hook/<slug:network>/<str:door>/", hook.hook, name="door"),
    path("connect/<str:key>/", public.connect, name="connect"),
    path("networks/", progress.progress, name="progress"),
    path("networks/links/", progress.links, name="links"),
    path("networks/pilot/", pilot.pilot, name="pilot"),
    path("networks/pilot/choose/", pilot.choose, name="pilot_choose"),
    path("networks/pilot/end/", pilot.end, name="pilot_end"),
    path("networks/pilot/leave/<int:pk>/", pilot.leave, name="pilot_leave"),
    path("networks/queues/", queues.queues, name="queues"),
    path("networks/queues/sweep/<int:pk>/stop/", queues.stop, name="sweep_stop"),
    path("networks/queues/sweep/<int:pk>/resume/", queues.resume, name="sweep_resume"),
    path("networks/page/<int:pk>/", card.card, name="card"),
    path("networks/page/<int:pk>/link/", card.link, name="card_link"),
    path("networks/page/<int:pk>/revoke/", card.revoke, name="card_revoke"),
    path("networks/page/<int:pk>/mode/", card.mode, name="card_mode"),
    path("networks/page/<int:pk>/observe/", card.observe, name="card_observe"),
    path("networks/page/<int:pk>/look/", card.look, name="card_look"),
    path("networks/page/<int:pk>/disconnect/", card.disconnect, name="card_disconnect"),
]
