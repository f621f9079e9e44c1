from django.urls import path

from .views import branch, my, pages, posts, pulse, remedies, settings

app_name = "office"
urlpatterns = [
    path("", my.home, name="home"),
    path("pulse/", pulse.pulse, name="pulse"),
    path("pulse/pages/<slug:fault>/", pulse.pages, name="pulse_pages"),
    path("settings/", settings.settings, name="settings"),
    path("my/", my.my, name="my"),
    path("my/posts/", posts.listed, name="posts"),
    path("my/posts/new/", posts.new, name="post_new"),
    path("my/posts/<int:pk>/", posts.post, name="post"),
    path("my/posts/<int:pk>/edit/", posts.edit, name="post_edit"),
    path("my/posts/<int:pk>/publish/", posts.publish, name="post_publish"),
    path("my/posts/<int:pk>/withdraw/", posts.withdraw, name="post_withdraw"),
    path("my/posts/<int:pk>/settle/<int:out>/", posts.settle, name="post_settle"),
    path("my/posts/photo/<int:pk>/", posts.photo, name="post_photo"),
    path("my/week/<int:pk>/", posts.week, name="week"),
    path("my/<str:number>/", my.case, name="my_case"),
    path("my/<str:number>/answer/", my.answer, name="my_answer"),
    path("my/<str:number>/undo/", my.undo, name="my_undo"),
    path("pages/findings/", pages.findings, name="findings"),
    path("pages/findings/<int:pk>/", pages.decide, name="finding_decide"),
    path("pages/<int:pk>/card/", pages.card, name="page_card"),
    path("pages/<int:pk>/confirm/", pages.confirm, name="page_confirm"),
    path("branch/", branch.branch, name="branch"),
    path("branch/pages/", branch.pages, name="branch_pages"),
    path("branch/owing/", branch.owing, name="branch_owing"),
    path("branch/rows/<slug:figure>/", branch.rows, name="branch_rows"),
    path("branch/<int:pk>/", branch.body, name="branch_body"),
    path("branch/<int:pk>/task/", remedies.assign, name="task_set"),
    path("tasks/", remedies.tasks, name="tasks"),
    path("tasks/<int:pk>/done/", remedies.done, name="task_done"),
    path("tasks/<int:pk>/cancel/", remedies.cancel, name="task_cancel"),
    path("tasks/<int:pk>/return/", remedies.back, name="task_return"),
]
