from django.urls import path

from . import views
from .api import addresses, tell_no_address

urlpatterns = [
    path("openapi.json", views.openapi, name="api_description"),
    path("docs/", views.docs, name="api_docs"),
    path("problems/", views.problems, name="api_problems"),
    path("v1/", ((addresses(), "api", "api"))),
    path("<path:rest>", tell_no_address),
]
