"""The deadline of a call comes from another thread than the call: whoever is first at its socket
ends what it began before the other one sees it."""

import socket
from threading import Thread

import pytest

from social.networks.http import Deadline


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
def deadline():
    made = Deadline(60)
    yield made
    if made.socket is not None:
        made.socket.close()


def is_cut(theirs):
    try:
        return theirs.recv(1) == b""
    except BlockingIOError:
        return False


def beside(act):
    """Begin `act` in a thread, in the middle of what another one does to this deadline."""
    thread = Thread(target=act)
    thread.start()
    thread.join(0.05)
    assert thread.is_alive()
    return thread


def test_a_deadline_that_comes_while_a_call_ends_cuts_nothing(deadline, pair):
    ours, theirs = pair
    assert deadline.watch(ours)
    with deadline.lock:
        late = beside(deadline.cut)
        deadline.socket.close()
        deadline.socket = None
    late.join(10)
    assert deadline.passed and not is_cut(theirs)


def test_a_call_that_ends_while_its_deadline_comes_closes_what_was_cut(deadline, pair):
    assert deadline.watch(pair[0])
    with deadline.lock:
        end = beside(deadline.__exit__)
        assert deadline.socket is not None
    end.join(10)
    assert deadline.socket is None


def test_a_connection_that_comes_about_while_the_deadline_comes_sends_nothing(deadline, pair):
    said = []
    with deadline.lock:
        late = beside(lambda: said.append(deadline.watch(pair[0])))
        deadline.passed = True
    late.join(10)
    assert said == [False]


def test_what_was_connected_before_the_deadline_is_cut_by_it(deadline, pair):
    ours, theirs = pair
    assert deadline.watch(ours)
    deadline.cut()
    assert is_cut(theirs)
