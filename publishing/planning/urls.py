from django.urls import path

from . import list_views, views

app_name = "drafts"
urlpatterns = [
    path("", list_views.drafts, name="list"),
    path("<uuid:draft_id>/", views.draft, name="draft"),
    path("<uuid:draft_id>/discards/", list_views.discard, name="discard"),
    path("<uuid:draft_id>/restorations/", list_views.restore, name="restore"),
    path("<uuid:draft_id>/versions/", list_views.versions, name="versions"),
    path(
        "<uuid:draft_id>/versions/<int:number>/restorations/",
        list_views.restore_from,
        name="restore_version",
    ),
]
