"""The yardstick of intake: the same server puts the same bytes into one bare row, with nothing else around."""

from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, HttpResponse

BARE = "/bench/bare"  # one row, one commit
NOTHING = "/bench/nothing"  # no database at all: what the client itself can reach
TABLE = "CREATE TABLE IF NOT EXISTS bench_bare (id bigserial PRIMARY KEY, body text NOT NULL, at timestamptz NOT NULL DEFAULT now())"


def first_in_line(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A middleware that answers the bench's own two addresses and passes everything else on."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path == BARE:
            return _insert(request)
        return _ok() if request.path == NOTHING else get_response(request)

    return middleware


def _insert(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_bare (body) VALUES (%s)", [request.body.decode()])
    return _ok()


def _ok() -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain", headers={"Content-Length": "2"})
