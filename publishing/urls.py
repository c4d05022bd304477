from django.urls import path

from .bulk import views as bulk_views
from .comments import views as comment_views
from .deliveries import views as delivery_views
from .media import views as picture_views
from .planning import list_views as draft_views
from .planning import sharing
from .posts import edit_views, views
from .tables import views as table_views

app_name = "posts"
urlpatterns = [
    path("posts/", views.posts, name="list"),
    path("posts/new/", sharing.begin, name="compose"),
    path("posts/lengths/", views.lengths, name="lengths"),
    path("posts/pictures/", picture_views.pictures, name="pictures"),
    path("pictures/<uuid:media_id>/", picture_views.picture, name="picture"),
    path("posts/tables/", table_views.tables, name="tables"),
    path("posts/table.csv", table_views.table_file, name="table_file"),
    path("posts/acts/", bulk_views.ask_for_act, name="acts"),
    path("posts/acts/<uuid:act_id>/", bulk_views.show_act, name="act"),
    path("posts/acts/<uuid:act_id>/runs/", bulk_views.run_act, name="run_act"),
    path("posts/acts/<uuid:act_id>/returns/", bulk_views.undo_act, name="undo_act"),
    path("posts/<uuid:public_id>/", views.post, name="post"),
    path("posts/<uuid:public_id>/edit/", edit_views.edit, name="edit"),
    path("posts/<uuid:public_id>/tags/", views.tag_post, name="tag"),
    path("posts/<uuid:public_id>/cancellations/", views.cancel_post, name="cancel"),
    path("posts/<uuid:public_id>/drafts/", draft_views.take_post_back, name="take_back"),
    path("posts/<uuid:public_id>/returns/", views.return_post, name="return"),
    path("status/<uuid:job_id>", delivery_views.status, name="status"),
    path(
        "deliveries/<uuid:job_id>/cancellations/",
        delivery_views.cancel_delivery,
        name="cancel_delivery",
    ),
    path("deliveries/<uuid:job_id>/retries/", delivery_views.retry_delivery, name="retry"),
    path(
        "deliveries/<uuid:job_id>/resends/", delivery_views.send_delivery_again, name="send_again"
    ),
    path(
        "deliveries/<uuid:job_id>/confirmations/", delivery_views.confirm_delivery, name="confirm"
    ),
    path(
        "deliveries/<uuid:job_id>/comment/retries/",
        comment_views.retry_comment,
        name="retry_comment",
    ),
    path(
        "deliveries/<uuid:job_id>/comment/drops/",
        comment_views.drop_comment,
        name="drop_comment",
    ),
    path(
        "deliveries/<uuid:job_id>/comment/permissions/",
        comment_views.allow_comments,
        name="allow_comments",
    ),
    path("deliveries/<uuid:job_id>/drops/", delivery_views.drop_delivery, name="drop"),
]
