"""Models of a step run in threads, each after those that it reads."""

from __future__ import annotations

import threading

import pytest
from spymaster.live.models import LiveModel
from spymaster.live.side_by_side import SideBySide

READS = {"a.book": [], "a.tape": [], "b.levels": ["a.book"], "c.score": ["a.tape", "b.levels"]}
PATIENCE_S = 60


def models() -> list[LiveModel]:
    """Return models whose SQL names what they read."""
    return [
        LiveModel(
            relation=name,
            every_s=1,
            lookback_s=1,
            reaches_back_s=0,
            extends_by=None,
            is_bound=False,
            keeps_earlier_days=False,
            lookback_of_inputs=dict.fromkeys(reads, 1),
            last_by_of_inputs={},
            only_of_inputs={},
            needs_of_inputs={},
            kernel=None,
            sql=" ".join('"{}"."{}"'.format(*read.split(".")) for read in reads),
        )
        for name, reads in READS.items()
    ]


def running(waits_for: dict[str, list[str]], n_threads: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("spymaster.live.side_by_side.usable_cores", lambda: n_threads)
    return SideBySide(models(), waits_for)


@pytest.mark.parametrize("n_threads", [1, 3])
@pytest.mark.parametrize("waits_for", [{}, {"a.book": ["a.tape"]}])
def test_each_model_runs_once_after_those_that_it_waits_for(
    monkeypatch: pytest.MonkeyPatch, n_threads: int, waits_for: dict[str, list[str]]
) -> None:
    threads = running(waits_for, n_threads, monkeypatch)
    for _ in range(20):
        done: list[str] = []
        threads.run(lambda model, done=done: done.append(model.relation))
        assert sorted(done) == sorted(READS)
        for name, reads in READS.items():
            for read in (*reads, *waits_for.get(name, ())):
                assert done.index(read) < done.index(name)
    threads.close()


def test_models_that_do_not_read_each_other_run_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = running({}, 2, monkeypatch)
    both = threading.Barrier(2)

    def run(model: LiveModel) -> None:
        if not READS[model.relation]:
            both.wait(PATIENCE_S)

    threads.run(run)
    threads.close()


@pytest.mark.parametrize("n_threads", [1, 2])
def test_a_failure_is_told_and_nothing_rests_on_it(
    monkeypatch: pytest.MonkeyPatch, n_threads: int
) -> None:
    threads = running({}, n_threads, monkeypatch)
    done: list[str] = []

    def run(model: LiveModel) -> None:
        if model.relation == "b.levels":
            raise ValueError("no levels")
        done.append(model.relation)

    with pytest.raises(ValueError, match="no levels"):
        threads.run(run)
    assert "c.score" not in done
    # the next step runs
    threads.run(lambda model: done.append(model.relation))
    assert "c.score" in done
    threads.close()
