"""Who reads next: fair turns of clients, without input, output or a clock.

A job of several steps lets others in between them. First comes what somebody waits for, then what
is read ahead; within both, the job of the client whose last turn is the oldest.
"""

from __future__ import annotations

from typing import Generic, TypeVar

# every so many steps the oldest turn comes first, whether somebody waits for it or not
FAIR_EVERY = 4


class Client:
    """Someone who has turns: a client of the stream, or all requests of a kind.

    Attributes:
        last_turn: number of the turn that it had last; before the first, of the last of anyone.
        is_reading: whether a step of a job of its own runs; it has one at a time.
    """

    def __init__(self, last_turn: int = 0) -> None:
        self.last_turn = last_turn
        self.is_reading = False


class Job:
    """Something to read for a client, in one or more steps.

    Attributes:
        client: who asked first.
        is_urgent: whether somebody waits for it.
        is_wanted: whether anybody still wants it; otherwise its next step does not run.
        has_begun: whether a step has run.
    """

    def __init__(self, client: Client, is_urgent: bool) -> None:
        self.client = client
        self.is_urgent = is_urgent
        self.is_wanted = True
        self.has_begun = False
        self._place: int | None = None

    @property
    def place(self) -> int:
        """Place in the queue, the lowest first; a job that has begun keeps its place."""
        return self.client.last_turn if self._place is None else self._place

    def begin(self) -> None:
        """Keep the place that the job has now."""
        self.has_begun, self._place = True, self.place

    def hasten(self, client: Client) -> None:
        """Note that another client waits for the same; the better place counts."""
        self.is_urgent, self._place = True, min(self.place, client.last_turn)


AnyJob = TypeVar("AnyJob", bound=Job)


class Turns(Generic[AnyJob]):
    """The jobs that wait, and whose turn it is."""

    def __init__(self) -> None:
        self._waiting: list[AnyJob] = []
        self._n_turns = self._n_steps = 0

    def client(self) -> Client:
        """Return a new client, whose turn comes after that of those who wait already."""
        return Client(self._n_turns)

    def add(self, job: AnyJob) -> None:
        """Let a job wait for its next step."""
        self._waiting.append(job)

    def take(self) -> AnyJob | None:
        """Return the job whose next step is to run, None without one; ``end_step`` follows."""
        self._waiting = [job for job in self._waiting if job.is_wanted]
        ready = [job for job in self._waiting if not job.client.is_reading]
        if not ready:
            return None
        self._n_steps += 1
        is_fair = self._n_steps % FAIR_EVERY == 0
        chosen = min(ready, key=lambda job: (not (job.is_urgent or is_fair), job.place))
        self._waiting.remove(chosen)
        chosen.client.is_reading = True
        if not chosen.has_begun:
            chosen.begin()
            self._n_turns += 1
            chosen.client.last_turn = self._n_turns
        return chosen

    def end_step(self, job: AnyJob, *, is_done: bool) -> None:
        """Note that a step has run; a job that is not done waits for its next."""
        job.client.is_reading = False
        if not is_done:
            self.add(job)
