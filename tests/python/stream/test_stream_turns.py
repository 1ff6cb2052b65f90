"""Whose turn it is to read: order by turns, without a clock and without threads."""

from __future__ import annotations

from collections import Counter

from spymaster.stream.turns import FAIR_EVERY, Client, Job, Turns

STEPS = 9


class Readers:
    """Reads in turns, one step after the other, and notes for whom."""

    def __init__(self) -> None:
        self.turns: Turns[Job] = Turns()
        self.order: list[Client] = []
        self._left: dict[Job, int] = {}

    def add(self, client: Client, steps: int = 1, *, is_urgent: bool = True) -> Job:
        job = Job(client, is_urgent)
        self._left[job] = steps
        self.turns.add(job)
        return job

    def step(self) -> Job | None:
        """Run a step; return the job if it is done."""
        job = self.turns.take()
        assert job is not None
        self.order.append(job.client)
        self._left[job] -= 1
        self.turns.end_step(job, is_done=not self._left[job])
        return None if self._left[job] else job


def test_turns_go_round() -> None:
    readers = Readers()
    clients = [readers.turns.client() for _ in range(3)]
    for _ in range(4):
        readers.add(clients[0])
    for client in clients[1:]:
        readers.add(client)
        readers.add(client)
    for _ in range(8):
        readers.step()
    first, second, third = clients
    assert readers.order == [first, second, third, first, second, third, first, first]


def test_a_seek_does_not_wait_for_eight_replays() -> None:
    readers = Readers()
    others = [readers.turns.client() for _ in range(8)]
    for client in others:
        readers.add(client, STEPS, is_urgent=False)
    seeking = readers.turns.client()
    for moment in range(50):
        seek = readers.add(seeking, STEPS)
        begin = len(readers.order)
        while (done := readers.step()) is not seek:
            if done is not None:
                readers.add(done.client, STEPS, is_urgent=False)
        took = readers.order[begin:]
        assert took.count(seeking) == STEPS
        assert len(took) <= -(-STEPS * FAIR_EVERY // (FAIR_EVERY - 1)), moment
    # and they go on meanwhile, all alike
    turns = Counter(client for client in readers.order if client is not seeking)
    assert set(turns) == set(others)
    assert max(turns.values()) - min(turns.values()) <= STEPS


def test_who_asks_most_gets_no_more_turns() -> None:
    readers = Readers()
    busy, quiet = readers.turns.client(), readers.turns.client()
    for _ in range(100):
        readers.add(busy)
    for _ in range(10):
        readers.add(quiet)
        readers.step()
        readers.step()
    assert Counter(readers.order) == {busy: 10, quiet: 10}


def test_those_who_come_and_leave_do_not_overtake() -> None:
    readers = Readers()
    for _ in range(10):
        readers.add(readers.turns.client())
    waiting = readers.turns.client()
    job = readers.add(waiting)
    done = None
    while done is not job:
        readers.add(readers.turns.client())
        done = readers.step()
    assert len(readers.order) == 11


def test_what_nobody_waits_for_goes_on_beside_those_who_always_wait() -> None:
    readers = Readers()
    waiting = [readers.turns.client() for _ in range(3)]
    for client in waiting:
        readers.add(client)
    ahead = readers.add(readers.turns.client(), 10, is_urgent=False)
    steps = 0
    while (done := readers.step()) is not ahead:
        steps += 1
        assert steps < 10 * FAIR_EVERY
        if done is not None:
            readers.add(done.client)


def test_a_client_reads_one_thing_at_a_time() -> None:
    turns: Turns[Job] = Turns()
    one, other = turns.client(), turns.client()
    jobs = [Job(one, True), Job(one, True), Job(other, False)]
    for job in jobs:
        turns.add(job)
    assert [turns.take(), turns.take(), turns.take()] == [jobs[0], jobs[2], None]
    turns.end_step(jobs[2], is_done=True)
    assert turns.take() is None
    turns.end_step(jobs[0], is_done=True)
    assert turns.take() is jobs[1]


def test_what_nobody_wants_any_more_is_not_read() -> None:
    turns: Turns[Job] = Turns()
    jobs = [Job(turns.client(), True) for _ in range(3)]
    for job in jobs:
        turns.add(job)
    jobs[0].is_wanted = False
    assert turns.take() is jobs[1]
    jobs[1].is_wanted = False
    turns.end_step(jobs[1], is_done=False)
    assert turns.take() is jobs[2]


def test_what_another_waits_for_comes_as_early_as_for_that_one() -> None:
    turns: Turns[Job] = Turns()
    idle = turns.client()
    first, second = turns.client(), turns.client()
    for client in (first, second):
        turns.add(Job(client, True))
        taken = turns.take()
        assert taken is not None
        turns.end_step(taken, is_done=True)
    turns.add(Job(first, True))
    shared = Job(second, False)
    turns.add(shared)
    shared.hasten(idle)
    assert turns.take() is shared
