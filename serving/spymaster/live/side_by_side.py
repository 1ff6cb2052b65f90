"""The models of a step, run side by side in the order in which they read each other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from graphlib import TopologicalSorter
from queue import SimpleQueue

from spymaster_warehouse.build_settings import usable_cores

from spymaster.live.models import LiveModel

# a step has a path of models that wait for each other: more threads would not shorten it
_MOST_THREADS = 4


class SideBySide:
    """Threads that run models, each after those that it reads.

    Args:
        models: all models of a step.
        waits_for: what a model waits for besides the relations that it reads, by its name.

    Attributes:
        n_threads: how many models run at once at most: as many as there are cores, up to four.
    """

    def __init__(
        self, models: Iterable[LiveModel], waits_for: Mapping[str, Collection[str]]
    ) -> None:
        self._models = {model.relation: model for model in models}
        self._reads = {
            name: [
                read
                for read in sorted({*model.reads, *waits_for.get(name, ())})
                if read in self._models
            ]
            for name, model in self._models.items()
        }
        self._follow = _longest_ways(self._reads)
        self.n_threads = min(_MOST_THREADS, usable_cores())
        self._threads = ThreadPoolExecutor(self.n_threads, thread_name_prefix="model")

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown()

    def run(self, run: Callable[[LiveModel], object]) -> None:
        """Run each model once; return when all have.

        Args:
            run: runs a model. It is called from several threads.

        Raises:
            BaseException: That of a model which failed. Those that read it did not run.
        """
        order = TopologicalSorter(self._reads)
        order.prepare()
        done: SimpleQueue[tuple[str, BaseException | None]] = SimpleQueue()

        def work(name: str) -> None:
            failure: BaseException | None = None
            try:
                run(self._models[name])
            except BaseException as error:
                failure = error
            done.put((name, failure))

        n_running = 0
        failures: dict[str, BaseException] = {}
        while order.is_active() and (n_running or not failures):
            # those that most wait for come first
            ready = () if failures else order.get_ready()
            for name in sorted(ready, key=lambda name: (-self._follow[name], name)):
                self._threads.submit(work, name)
                n_running += 1
            name, failure = done.get()
            n_running -= 1
            if failure is None:
                order.done(name)
            else:
                failures[name] = failure
        if failures:
            raise failures[min(failures)]


def _longest_ways(reads: dict[str, list[str]]) -> dict[str, int]:
    """Return how many models follow each other from a model on, by its name."""
    ways = dict.fromkeys(reads, 0)
    for name in reversed([*TopologicalSorter(reads).static_order()]):
        for read in reads[name]:
            ways[read] = max(ways[read], ways[name] + 1)
    return ways
