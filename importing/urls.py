from django.urls import path

from . import views

app_name = "importing"
urlpatterns = [
    path("numbers/", views.numbers, name="numbers"),
    path("suggestions/", views.suggestions, name="suggestions"),
    path("suggestions/another/", views.another, name="another"),
    path("suggestions/<uuid:suggestion_id>/uses/", views.use, name="use"),
    path("suggestions/<uuid:suggestion_id>/dismissals/", views.dismiss, name="dismiss"),
]
