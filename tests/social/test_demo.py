"""The demo person: connected by a job, or told in one sentence that there is none."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.contrib.auth import get_user_model

from social.demo import USERNAME
from social.models import Channel
from social.networks import NETWORKS

COMING, NONE = "Connecting the demo person", "This server offers no demo person"


@pytest.fixture
def press(client, settings, db):
    """Press the button on the front page; the page that the person sees then."""
    settings.DEBUG = True

    def pressed():
        return client.post("/demo/", follow=True).content.decode()

    return pressed


@pytest.fixture
def foreign(settings):
    """Somebody else's make-believe networks: no door for tests, and it answers `answer`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            status, body = server.answer
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.answer = (404, b"<html>not here</html>")
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.X_API_URL = settings.FACEBOOK_GRAPH_URL = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    server.server_close()


def test_it_works(press, client, sandbox, run_jobs):
    assert COMING in press()
    run_jobs()
    page = client.get("/channels/").content.decode()
    assert COMING not in page and NONE not in page
    channels = Channel.objects.of(get_user_model().objects.get(username=USERNAME))
    assert {channel.network_name for channel in channels} == set(NETWORKS)


@pytest.mark.parametrize(
    "answer",
    [(404, b"<html>"), (501, b""), (200, b"<html>"), (200, b"{}"), (200, b"[]"), (200, b"7")],
)
def test_where_there_is_none_the_page_says_so(answer, foreign, press, client, run_jobs):
    foreign.answer = answer
    assert COMING in press()
    run_jobs()  # and the job does not fail
    page = client.get("/channels/").content.decode()
    assert NONE in page and COMING not in page
    assert "Connect X" in page  # what to do instead


def test_where_nobody_answers_the_page_says_so(settings, press, client, run_jobs):
    settings.X_API_URL = "http://127.0.0.1:9"
    press()
    run_jobs()
    assert NONE in client.get("/channels/").content.decode()


def test_pressed_again_it_is_tried_again(settings, foreign, sandbox, press, client, run_jobs):
    press()
    run_jobs()
    settings.X_API_URL = f"{sandbox.url}/x-api"
    settings.FACEBOOK_GRAPH_URL = f"{sandbox.url}/fb-graph"
    assert COMING in press()
    run_jobs()
    assert NONE not in client.get("/channels/").content.decode()


def test_nobody_else_is_told_of_a_demo_person(foreign, press, client_for, alice, run_jobs):
    press()
    run_jobs()
    assert NONE not in client_for(alice).get("/channels/").content.decode()
