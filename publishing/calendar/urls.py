from django.urls import path, re_path

from . import moving_views, views

app_name = "calendar"
urlpatterns = [
    path("calendar/", views.latest, name="latest"),
    path("calendar/agenda/", views.agenda, name="agenda"),
    re_path(r"^calendar/(?P<name>[0-9]{4}-[0-9]{2})/$", views.month, name="month"),
    re_path(r"^calendar/(?P<name>[0-9]{4}-W[0-9]{2})/$", views.week, name="week"),
    path("posts/<uuid:public_id>/times/", moving_views.post_times, name="post_times"),
    path("drafts/<uuid:draft_id>/times/", moving_views.draft_times, name="draft_times"),
]
