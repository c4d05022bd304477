"""The pages about the API: how it describes itself, for programs and for people."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from .description import description
from .guide import chapters
from .models import TOKEN_SCOPES
from .problems import PROBLEM_TYPES


@require_GET
def openapi(request: HttpRequest) -> JsonResponse:
    return JsonResponse(description())


@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    context = {"chapters": chapters(description()), "scopes": TOKEN_SCOPES.items()}
    return render(request, "api/docs.html", context)


@require_GET
def problems(request: HttpRequest) -> HttpResponse:
    return render(request, "api/problems.html", {"kinds": PROBLEM_TYPES.items()})
