from django.urls import path, re_path

from . import feed_views, moving_views, views

app_name = "calendar"
urlpatterns = [
    path("calendar/", views.latest, name="latest"),
    path("calendar/agenda/", views.agenda, name="agenda"),
    re_path(r"^calendar/(?P<name>[0-9]{4}-[0-9]{2})/$", views.month, name="month"),
    re_path(r"^calendar/(?P<name>[0-9]{4}-W[0-9]{2})/$", views.week, name="week"),
    path("calendar/feed/", feed_views.feed, name="feed"),
    path("calendar/feed/revocations/", feed_views.revoke, name="revoke_feed"),
    re_path(r"^calendar/(?P<token>[-\w]{20,64})[.]ics$", feed_views.file, name="file"),
    path("posts/<uuid:public_id>/times/", moving_views.post_times, name="post_times"),
    path("drafts/<uuid:draft_id>/times/", moving_views.draft_times, name="draft_times"),
]
