from django.urls import path
from django.views.generic import RedirectView

from .views import answering, case, files, presence, queue, saved

app_name = "desk"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="desk:queue"), name="home"),
    path("desk/", queue.queue, name="queue"),
    path("desk/fresh", queue.fresh, name="fresh"),
    path("desk/keys", queue.keys, name="keys"),
    path("desk/bulk", queue.bulk, name="bulk"),
    path("desk/export", queue.export, name="export"),
    path("desk/conditions", queue.conditions, name="conditions"),
    path("desk/views", saved.views, name="views"),
    path("desk/views/save", saved.save, name="view_save"),
    path("desk/views/<int:pk>/rename", saved.rename, name="view_rename"),
    path("desk/views/<int:pk>/move", saved.move, name="view_move"),
    path("desk/views/<int:pk>/remove", saved.remove, name="view_remove"),
    path("desk/media/<int:pk>", files.media, name="media"),
    path("desk/report/<int:pk>", files.report, name="report"),
    path("photo/<str:key>", files.report_photo, name="report_photo"),
    path("desk/<str:number>", case.case, name="case"),
    path("desk/<str:number>/choose/<str:what>", case.choose, name="choose"),
    path("desk/<str:number>/topic", case.topic, name="topic"),
    path("desk/<str:number>/body", case.body, name="body"),
    path("desk/<str:number>/place", case.place, name="place"),
    path("desk/<str:number>/kind", case.kind, name="kind"),
    path("desk/<str:number>/merge", case.merge, name="merge"),
    path("desk/<str:number>/unmerge", case.unmerge, name="unmerge"),
    path("desk/<str:number>/split", case.split, name="split"),
    path("desk/<str:number>/bounce", case.bounce, name="bounce"),
    path("desk/<str:number>/close", case.close, name="close"),
    path("desk/<str:number>/reopen", case.reopen, name="reopen"),
    path("desk/<str:number>/draft", answering.draft, name="draft"),
    path("desk/<str:number>/answer", answering.answer, name="answer"),
    path("desk/<str:number>/decide", answering.decide, name="decide"),
    path("desk/<str:number>/withdraw", answering.withdraw, name="withdraw"),
    path("desk/<str:number>/retry", answering.retry, name="retry"),
    path("desk/<str:number>/presence", presence.presence, name="presence"),
    path("desk/<str:number>/take-over", presence.take_over, name="take_over"),
    path("desk/<str:number>/by-hand", answering.by_hand, name="by_hand"),
    path("desk/<str:number>/photo/<int:pk>/remove", files.detach, name="detach"),
]
