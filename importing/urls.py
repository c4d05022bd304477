from django.urls import path

from .insights import views as insights_views
from .reading import views as reading_views

app_name = "importing"
urlpatterns = [
    path("numbers/", insights_views.numbers, name="numbers"),
    path("imports/", reading_views.imports, name="imports"),
    path("imports/items/", reading_views.items, name="items"),
    path("imports/timelines/", reading_views.begin, name="begin"),
    path("imports/<uuid:timeline_id>/runs/", reading_views.import_now, name="import_now"),
    path("imports/<uuid:timeline_id>/permissions/", reading_views.allow, name="allow"),
    path("imports/<uuid:timeline_id>/pauses/", reading_views.pause, name="pause"),
    path("imports/<uuid:timeline_id>/resumptions/", reading_views.resume, name="resume"),
    path("suggestions/", insights_views.suggestions, name="suggestions"),
    path("suggestions/another/", insights_views.another, name="another"),
    path("suggestions/<uuid:suggestion_id>/uses/", insights_views.use, name="use"),
    path("suggestions/<uuid:suggestion_id>/dismissals/", insights_views.dismiss, name="dismiss"),
]
