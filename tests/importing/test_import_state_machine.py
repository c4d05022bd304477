"""Everything that can happen while a timeline is read, in any order: pages that fail, limits, marks
that are forgotten, posts and edits at its head, workers that die between pages, two workers at one
run. Afterwards all that the network shows is here, once, as it stands there.

`IMPORT_EXAMPLES=500` looks for longer.
"""

import os
import pkgutil
from contextlib import suppress
from datetime import timedelta
from unittest import mock

import pytest
from django.db.models import F
from django.test import override_settings
from django.utils import timezone
from django_q.models import OrmQ
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from importing.models import ImportRun, Timeline
from importing.reading.importer import Importer
from social.connections.connect import accept_grant
from social.connections.refresh import store_answer
from social.networks import NETWORKS
from social.networks.shapes import Grant, Place

from .factories import add_posts, timeline_of

EXAMPLES = int(os.environ.get("IMPORT_EXAMPLES", "6"))
SIZES = {"post": 5}
FAULTS = {
    "x": ["x.429.window", "x.503.before", "x.reset.before", "x.401.expired", "x.503.html"],
    "facebook": ["fb.2.before", "fb.17", "fb.html", "fb.reset.before"],
}
READS = r"/tweets$|/published_posts$"
PAGES = st.integers(0, 3)
ASKS = "importing.reading.reader.TimelineReader.page"


class Killed(BaseException):
    """As kill -9: nobody catches it, nothing is written any more."""


class Machine(RuleBasedStateMachine):
    sandbox = channel = None  # given by the test

    @initialize()
    def begin(self):
        self.sandbox.reset()
        Timeline.objects.all().delete()
        told = self.renew()
        self.account = told["user"]["username"] if self.network == "x" else self.channel.remote_id
        self.timeline = timeline_of(self.channel)
        self.count, self.old = 0, None

    @property
    def network(self):
        return self.channel.network_name

    def renew(self):
        """As connecting again does: the sandbox forgets its tokens with everything else."""
        return self.fresh_token(self.sandbox, self.channel)

    # ── what happens there ────────────────────────────────────────────────────────────────────
    @rule(many=st.integers(1, 12))
    def people_post(self, many):
        for _ in range(many):
            self.count += 1
            add_posts(self.sandbox, 1, self.network, self.account, f"Loaf {self.count} of many")

    @rule(which=st.integers(0, 10**6))
    def one_is_edited(self, which):
        rows = self.shown()
        if rows:
            self.count += 1
            row = sorted(rows, key=lambda row: row["created_unix"])[-1 - which % min(len(rows), 5)]
            change = {"edit": row["id"], "text": f"Edited, number {self.count}"}
            self.sandbox.call("POST", "/posts", json=change)

    @rule()
    def marks_are_forgotten(self):
        self.sandbox.change("forget_marks")

    @rule(which=st.integers(0, 10), skip=PAGES)
    def a_page_will_fail(self, which, skip):
        preset = FAULTS[self.network][which % len(FAULTS[self.network])]
        found = self.sandbox.call("GET", "/presets")["presets"]
        [known] = [it for it in found if it["preset"] == preset]
        match = {"network": self.network, "method": "GET", "path_regex": READS}
        fault = {"match": match, "action": known["action"], "skip": skip}
        self.sandbox.call("POST", "/faults", json=fault)

    # ── what happens here ─────────────────────────────────────────────────────────────────────
    @rule()
    def an_import(self):
        self.work(ImportRun.objects.start(self.timeline))

    @rule(pages=PAGES, at=st.sampled_from(["page", "save_position", "link"]))
    def a_worker_dies(self, pages, at):
        """Before a page is asked for, while it is written down, or after that."""
        self.old = ImportRun.objects.start(self.timeline)
        with killing(at, pages), suppress(Killed):
            self.work(self.old)
        ImportRun.objects.running().update(worker="elsewhere:1")

    @rule()
    def its_lease_runs_out(self):
        ImportRun.objects.running().update(lease_until=timezone.now() - timedelta(seconds=1))
        ImportRun.objects.wake_forgotten()

    @rule(pages=PAGES)
    def another_worker_comes_between_two_pages(self, pages):
        """Its lease ran out, but it was only slow: what it still writes does not count."""
        run, seen = ImportRun.objects.start(self.timeline), []

        def overtake():
            if not seen:
                seen.append(1)
                self.its_lease_runs_out()
                self.work(run)

        with at_page(pages, overtake):
            self.work(run)

    @rule(limit=st.integers(0, 12))
    def a_day_with_a_limit(self, limit):
        with override_settings(IMPORT_REREAD=5, IMPORT_DAILY_ITEMS=limit):
            self.work(ImportRun.objects.start(self.timeline))
        ago = {name: F(name) - timedelta(days=2) for name in ("started_at", "finished_at")}
        ImportRun.objects.update(**ago)

    def work(self, run):
        run = ImportRun.objects.claim(run.pk)
        if run:
            Importer(run).work()
        OrmQ.objects.all().delete()

    # ── and then ──────────────────────────────────────────────────────────────────────────────
    def shown(self):
        rows = self.sandbox.truth(self.network, account=self.account, origin=None)
        return [row for row in rows if row["visible"] and row["author_id"] == self.author]

    @property
    def author(self):
        return self.channel.remote_id

    def teardown(self):
        if not hasattr(self, "account"):
            return
        self.sandbox.disarm()
        for _ in range(6):  # a refused token is renewed, a gap is filled
            self.its_lease_runs_out()
            self.work(ImportRun.objects.start(self.timeline))
            if ImportRun.objects.filter(timeline=self.timeline).first().state == "finished":
                break
        self.judge()

    def judge(self):
        there = {row["id"]: row["message"] for row in self.shown()}
        rows = list(self.timeline.items.values_list("remote_id", "text"))
        assert len(rows) == len({remote_id for remote_id, _ in rows}), "a row is there twice"
        here = dict(rows)
        run = ImportRun.objects.filter(timeline=self.timeline).first()
        assert run.state == "finished", (run.state, run.reason, run.detail)
        assert here.keys() == there.keys()
        assert here == there or self.network == "facebook"
        run = ImportRun.objects.filter(timeline=self.timeline).first()
        assert run.state == "finished", (run.state, run.reason, run.detail)
        self.timeline.refresh_from_db()
        assert not self.timeline.position.gaps and not self.timeline.position.reading
        assert self.timeline.stored == len(rows)


def killing(at, pages):
    def die():
        raise Killed

    where = {
        "page": ASKS,
        "save_position": "importing.reading.timeline.Timeline.save_position",
        "link": "importing.reading.importer.link",
    }[at]
    return at_page(pages, die, where)


def at_page(pages, happens, where=ASKS):
    """`happens` instead of the step, when it is the turn of that page."""
    module, _, name = where.rpartition(".")
    real = getattr(pkgutil.resolve_name(module), name)
    turns = iter(range(1000))

    def step(*args, **kwargs):
        if next(turns) == pages:
            happens()
        return real(*args, **kwargs)

    return mock.patch(where, step)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch):
    for network in NETWORKS.values():
        monkeypatch.setattr(network, "page_sizes", {**network.page_sizes, **SIZES})


def of_x(sandbox, channel):
    told = sandbox.token("x", "alice")
    connection = channel.connection
    accept_grant(connection, connection.person, Grant(told["access_token"], told["refresh_token"]))
    return told


def of_a_page(sandbox, channel):
    told = sandbox.token("facebook", "100000000000001", pages=["alicesbakery"])
    connection = channel.connection
    connection.keep(Grant(told["access_token"]))
    connection.save()
    page = told["pages"][0]
    store_answer(
        connection,
        (),
        [Place(page["id"], page["name"], channel.handle, token=page["access_token"])],
    )
    channel.refresh_from_db()
    return told


@pytest.mark.django_db
@pytest.mark.parametrize("place, fresh_token", [("x", of_x), ("bakery", of_a_page)])
def test_all_of_it_is_there_once(place, fresh_token, request, sandbox):
    channel = request.getfixturevalue(place)

    class Here(Machine):
        pass

    Here.sandbox, Here.channel, Here.fresh_token = sandbox, channel, staticmethod(fresh_token)
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=12,
            deadline=None,
            derandomize=EXAMPLES < 20,
            database=None,
            suppress_health_check=checks,
            print_blob=False,
            phases=[Phase.generate],
        ),
    )
