from django.urls import path

from . import queue_views, times_views

app_name = "queue"
urlpatterns = [
    path("", queue_views.queue, name="queue"),
    path("times/", times_views.posting_times, name="times"),
    path("posts/<uuid:public_id>/first/", queue_views.put_first, name="put_first"),
    path("posts/<uuid:public_id>/places/", queue_views.move_to_place, name="move_to_place"),
    path("orders/", queue_views.reorder, name="reorder"),
    path("shuffles/", queue_views.shuffle, name="shuffle"),
    path("gaps/", queue_views.close_gaps, name="close_gaps"),
    path("returns/", queue_views.undo, name="undo"),
]
