"""Posts from a file and into one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from publishing.models import PostingTime
from publishing.posts.browsing import PostFilter
from publishing.posts.views import zone_of
from social.models import Channel

from .making import Made, make_drafts, schedule
from .reading import MOST_FILE_ROWS, BadTable, Table, known_columns, read_file, read_table
from .rows import TableRows
from .writing import table_of


@login_required
@require_http_methods(["GET", "POST"])
def tables(request: HttpRequest) -> HttpResponse:
    """Where a file is chosen, then what its rows would become, then that."""
    if request.method == "GET":
        return show_start(request)
    try:
        table = sent_table(request)
    except BadTable as error:
        messages.error(request, str(error))
        return show_start(request, 400)
    rows = TableRows(request.user, zone_of(request), table)
    if "make" in request.POST:
        return make(request, rows)
    return render(request, "publishing/table.html", context_of(rows))


def sent_table(request: HttpRequest) -> Table:
    """The file, or what the page of its rows carries on. Raises BadTable."""
    if file := request.FILES.get("file"):
        return read_file(file)
    if "table" in request.POST:
        return read_table(request.POST["table"])
    raise BadTable(gettext("Choose a file first."))


def show_start(request: HttpRequest, status: int = 200) -> HttpResponse:
    context = {
        "columns": known_columns(),
        "channels": Channel.objects.of(request.user),
        "most": MOST_FILE_ROWS,
    }
    return render(request, "publishing/tables.html", context, status=status)


def context_of(rows: TableRows) -> dict[str, Any]:
    ready = [row for row in rows.rows if row.is_ready]
    return {
        "table": rows.table,
        "rows": rows.rows,
        "ready": len(ready),
        "known": sum(row.is_known for row in rows.rows),
        "timeless": sum(row.is_timeless for row in ready),
        "has_posting_times": PostingTime.objects.of(rows.user).switched_on().exists(),
        "zone": rows.zone,
    }


def make(request: HttpRequest, rows: TableRows) -> HttpResponse:
    known = sum(row.is_known for row in rows.rows)
    is_draft = request.POST["make"] == "drafts"
    made = make_drafts(rows) if is_draft else schedule(rows)
    say_made(request, made, is_draft)
    if known:
        sentence = ngettext(
            "{count} row was made into a post or a draft before: nothing new was made of it.",
            "{count} rows were made into posts or drafts before: nothing new was made of them.",
            known,
        )
        messages.info(request, sentence.format(count=known))
    return redirect("drafts:list") if is_draft else redirect("/posts/?state=queued")


def say_made(request: HttpRequest, made: Made, is_draft: bool) -> None:
    if made.count and is_draft:
        sentence = ngettext("{count} draft is made.", "{count} drafts are made.", made.count)
    else:
        sentence = ngettext("{count} post is queued.", "{count} posts are queued.", made.count)
    if made.count:
        messages.success(request, sentence.format(count=made.count))
    for number, why in made.refused[:5]:
        told = gettext("Row {number}: {why}").format(number=number, why=why)
        messages.error(request, told)


@login_required
@require_GET
def table_file(request: HttpRequest) -> StreamingHttpResponse:
    """What the list has, all of it."""
    wanted = PostFilter.of_query(request.GET)
    pieces = table_of(request.user, wanted)
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    day = timezone.localdate().isoformat()
    response.headers["Content-Disposition"] = f'attachment; filename="posts-{day}.csv"'
    return response
