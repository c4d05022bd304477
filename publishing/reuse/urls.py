from django.urls import path

from . import views

app_name = "reuse"
urlpatterns = [
    path("snippets/", views.snippets, name="snippets"),
    path("snippets/<uuid:snippet_id>/", views.snippet, name="snippet"),
    path("snippets/<uuid:snippet_id>/deletions/", views.delete_snippet, name="delete_snippet"),
    path("tags/", views.tags, name="tags"),
    path("tags/<uuid:tag_id>/", views.tag, name="tag"),
    path("tags/<uuid:tag_id>/deletions/", views.delete_tag, name="delete_tag"),
    path("tags/<uuid:tag_id>/returns/", views.return_tag, name="return_tag"),
    path("snippets/<uuid:snippet_id>/returns/", views.return_snippet, name="return_snippet"),
    path("channel-groups/", views.channel_groups, name="channel_groups"),
    path("channel-groups/<uuid:group_id>/", views.channel_group, name="channel_group"),
    path(
        "channel-groups/<uuid:group_id>/deletions/",
        views.delete_channel_group,
        name="delete_channel_group",
    ),
]
