from django.urls import path

from .insights import views
from .reading import views as import_views

app_name = "importing"
urlpatterns = [
    path("numbers/", views.numbers, name="numbers"),
    path("imports/", import_views.imports, name="imports"),
    path("imports/items/", import_views.items, name="items"),
    path("imports/timelines/", import_views.begin, name="begin"),
    path("imports/<uuid:timeline_id>/runs/", import_views.import_now, name="import_now"),
    path("imports/<uuid:timeline_id>/permissions/", import_views.allow, name="allow"),
    path("imports/<uuid:timeline_id>/pauses/", import_views.pause, name="pause"),
    path("imports/<uuid:timeline_id>/resumptions/", import_views.resume, name="resume"),
    path("suggestions/", views.suggestions, name="suggestions"),
    path("suggestions/another/", views.another, name="another"),
    path("suggestions/<uuid:suggestion_id>/uses/", views.use, name="use"),
    path("suggestions/<uuid:suggestion_id>/dismissals/", views.dismiss, name="dismiss"),
]
