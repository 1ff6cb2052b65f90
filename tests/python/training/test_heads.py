"""Labels beside the outcome know earlier days only, and are judged against what they must beat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from spymaster.training.model_scores import head_scores
from spymaster_engine.statistics.claimants import boosting, named_logistic
from spymaster_engine.statistics.claimants.artefacts import AlteredArtefactError, content_hash
from spymaster_engine.statistics.claimants.boosting import TreeSettings
from spymaster_engine.statistics.claimants.heads import BINARY, NUMBER, Head
from spymaster_engine.statistics.claimants.matrices import Matrix
from spymaster_engine.statistics.claimants.named_logistic import LogisticSettings
from spymaster_engine.statistics.claimants.walk import Claimant, Features, Walk, walk_claimants
from spymaster_engine.statistics.evaluation.samples import Samples, unit_windows
from support.claimant_walks import FEW, NAMES, PROTOCOL, features_of, market

SAMPLES = market()
UNITS = unit_windows(SAMPLES)
NOISE = np.random.default_rng(4).normal(size=len(SAMPLES))
PLANTED = 2.0 * SAMPLES.vector[:, 1] + NOISE
SETTINGS = TreeSettings(NAMES, leaves=(4,), rounds=(40,))
FIRST_JUDGED = PROTOCOL.evaluation_warm_up_days + PROTOCOL.embargo_days


class Spy:
    """A claimant that keeps what it is given; chances of heads are a half."""

    def __init__(self) -> None:
        self.of_heads: list[tuple[Matrix, np.ndarray]] = []

    def fit(self, *_: object) -> Spy:
        return self

    def fit_head(self, inputs: Matrix, target: np.ndarray, *_: object) -> Spy:
        self.of_heads.append((inputs, target))
        return self

    def predict(self, inputs: Matrix) -> np.ndarray:
        return np.full((len(inputs), 3), 0.5)

    def artefact(self) -> dict[str, bytes]:
        return {}


def walked(
    claimants: Sequence[Claimant],
    heads: Sequence[Head],
    features: Features | None = None,
    samples: Samples = SAMPLES,
) -> Walk:
    return walk_claimants(
        claimants, samples, features or features_of(samples), UNITS, PROTOCOL, heads=heads
    )


def binary(samples: Samples = SAMPLES, target: np.ndarray | None = None) -> Head:
    """Return a head that the second feature decides, with some noise."""
    return Head.of(
        "planted", "s240", BINARY, samples, (PLANTED > 0.0) * 1.0 if target is None else target
    )


def number() -> Head:
    return Head.of("strength_signed", "s240", NUMBER, SAMPLES, 3.0 * PLANTED)


@pytest.fixture(scope="module")
def walk() -> Walk:
    logistic = Claimant(
        "named_logistic",
        "all",
        FEW,
        Spy().fit,
        LogisticSettings(FEW, (30.0,)),
        head_fits={BINARY: named_logistic.fit},
    )
    tree = Claimant(
        "trees",
        "all",
        NAMES,
        Spy().fit,
        SETTINGS,
        head_fits={BINARY: boosting.fit_binary, NUMBER: boosting.fit_number},
    )
    return walked([logistic, tree], [binary(), number()])


def learned_from(head: Head) -> list[tuple[Matrix, np.ndarray]]:
    """Return what a head gives, whose feature is the number of the window."""
    spy = Spy()
    claimant = Claimant("spy", "all", ("number",), spy.fit, None, head_fits={BINARY: spy.fit_head})
    numbers = np.arange(len(SAMPLES), dtype=np.float32)[:, None]
    walked([claimant], [head], Features(("number",), numbers))
    return spy.of_heads


def test_a_head_learns_from_earlier_days_with_its_own_label() -> None:
    target = binary().target.copy()
    target[::7] = np.nan
    # the outcome is unknown on some days that the head knows
    samples = SAMPLES.with_columns(outcome=np.where(SAMPLES.day == 2, -1, SAMPLES.outcome))
    first, second = learned_from(binary(samples, target))
    for (inputs, labels), last in ((first, FIRST_JUDGED - 2), (second, FIRST_JUDGED + 4)):
        rows = inputs.values[:, 0].astype(int)
        np.testing.assert_array_equal(labels, target[rows])
        np.testing.assert_array_equal(inputs.day, SAMPLES.day[rows])
        assert inputs.day.max() == last
        assert (inputs.day == 2).any()


def test_a_label_of_the_head_that_looks_into_the_judged_day_is_left_out() -> None:
    """The label of the outcome ends earlier."""
    ends = SAMPLES.label_end_s.copy()
    ends[SAMPLES.day == 3] = SAMPLES.window_end_s.max()
    [(inputs, _), _] = learned_from(binary(SAMPLES.with_columns(label_end_s=ends)))
    np.testing.assert_array_equal(np.unique(inputs.day), [0, 1, 2, *range(4, 12)])


def test_the_base_rate_is_that_of_earlier_days(walk: Walk) -> None:
    """Each episode counts once, and one more of uniform belief; the mean has none."""
    for head, name, belief in ((binary(), "base_rate", 1.0), (number(), "mean", 0.0)):
        for day in (FIRST_JUDGED, 20):
            known = SAMPLES.day < day - PROTOCOL.embargo_days
            episodes = np.unique(SAMPLES.episode[known])
            means = [head.target[known & (SAMPLES.episode == each)].mean() for each in episodes]
            expected = (sum(means) + 0.5 * belief) / (len(means) + belief)
            stated = walk.heads[head.key][name][UNITS & (SAMPLES.day == day)]
            np.testing.assert_allclose(stated, expected)


def test_what_is_planted_is_found(walk: Walk) -> None:
    chosen = UNITS & (SAMPLES.day >= FIRST_JUDGED)
    rows = {
        (head.name, row["model"]): row
        for head in (binary(), number())
        for row in head_scores(head, walk.heads[head.key], chosen, PROTOCOL)
    }
    for model in ("named_logistic", "trees"):
        row = rows["planted", model]
        assert row["skill_vs_base_rate_lo"] > 0.1
        assert row["skill_lo"] > 0.1
        assert row["best_rival"] in ("base_rate", "base_rate_by_distance")
    assert rows["strength_signed", "trees"]["skill_vs_base_rate_lo"] > 5.0
    assert rows["strength_signed", "mean"]["skill_vs_base_rate"] == 0.0
    assert rows["strength_signed", "trees"].keys() & {"verdict", "log_loss"} == set()
    names = {(model.claimant, model.head.key) for model in walk.models if model.head}
    assert names == {
        ("named_logistic", "planted s240"),
        ("trees", "planted s240"),
        ("trees", "strength_signed s240"),
    }


def test_labels_that_nothing_explains_are_not_claimed() -> None:
    target = (NOISE > 0.3) * 1.0
    head = binary(target=target)
    tree = Claimant(
        "trees", "all", NAMES, Spy().fit, SETTINGS, head_fits={BINARY: boosting.fit_binary}
    )
    found = walked([tree], [head]).heads[head.key]
    chosen = UNITS & (SAMPLES.day >= FIRST_JUDGED)
    [row] = [r for r in head_scores(head, found, chosen, PROTOCOL) if r["model"] == "trees"]
    assert row["skill_vs_base_rate"] < 0.02
    assert row["verdict"] == "not shown"


def test_scores_are_means_over_episodes() -> None:
    """By hand: two episodes, of one and of two windows."""
    few = SAMPLES.take(np.arange(3)).with_columns(
        episode=np.array([0, 1, 1]), day=np.array([0, 1, 1])
    )
    chosen = np.ones(3, np.bool_)
    stated = {"mean": np.zeros(3), "trees": np.array([1.0, 2.0, 4.0])}
    head = Head.of("strength_signed", "s240", NUMBER, few, np.array([3.0, 2.0, 2.0]))
    mean, trees = head_scores(head, stated, chosen, PROTOCOL)
    assert mean["squared_error"] == pytest.approx((9.0 + 4.0) / 2)
    assert trees["squared_error"] == pytest.approx((4.0 + (0.0 + 4.0) / 2) / 2)
    assert trees["skill_vs_base_rate"] == pytest.approx(6.5 - 3.0)
    assert trees["skill_vs_base_rate_lo"] is None
    head = Head.of("planted", "s240", BINARY, few, np.array([1.0, 0.0, 1.0]))
    stated = {"base_rate": np.full(3, 0.5), "trees": np.array([0.8, 0.4, 0.9])}
    _, trees = head_scores(head, stated, chosen, PROTOCOL)
    expected = -(np.log(0.8) + (np.log(0.6) + np.log(0.9)) / 2) / 2
    assert trees["log_loss"] == pytest.approx(expected)
    assert trees["skill"] == pytest.approx(np.log(2.0) - expected)
    assert trees["verdict"] == "too few episodes"


def test_a_head_of_trees_is_its_artefact(walk: Walk) -> None:
    for model in walk.models:
        if model.claimant != "trees" or model.head is None:
            continue
        artefact = model.fitted.artefact()
        loaded = boosting.load(artefact, content_hash(artefact))
        inputs = Matrix(SAMPLES.vector[:9], SAMPLES.day[:9])
        np.testing.assert_array_equal(loaded.predict(inputs), model.fitted.predict(inputs))
        with pytest.raises(AlteredArtefactError):
            boosting.load(artefact | {"trees.txt": b"tree"}, content_hash(artefact))
