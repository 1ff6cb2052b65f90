"""Every claimant of sequences: finds what is planted, nothing else, and says so again."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from spymaster_engine.statistics.claimants.artefacts import (
    WEIGHTS,
    AlteredArtefactError,
    content_hash,
)
from spymaster_engine.statistics.claimants.kernels import KernelSettings, fitted_slope
from spymaster_engine.statistics.claimants.network_settings import TrainingSettings
from spymaster_engine.statistics.claimants.perceptron import PerceptronSettings
from spymaster_engine.statistics.claimants.sequence_claimants import FITS, Fitted, load
from spymaster_engine.statistics.claimants.sequences import Scales, Sequences
from spymaster_engine.statistics.claimants.splits import TooFewDaysError, inner_splits
from spymaster_engine.statistics.claimants.transformer import FittedTransformer, TransformerSettings
from spymaster_engine.statistics.evaluation.bootstrap import mean_over_days
from spymaster_engine.statistics.evaluation.rival_fits import class_shares
from spymaster_engine.statistics.evaluation.scores import log_loss
from support.planted_sequences import SEED, Planted, planted

TRAINING = TrainingSettings(epochs=10, batch=32, learning_rate=3e-3)
SETTINGS: dict[str, Any] = {
    "kernels": KernelSettings(features_per_kernel=16),
    "perceptron": PerceptronSettings(width=32, training=TRAINING),
    "transformer": TransformerSettings(width=16, heads=2, layers=1, training=TRAINING),
}
NETWORKS = ("perceptron", "transformer")

every = pytest.mark.parametrize("name", FITS)


@cache
def market(shuffled: bool) -> Planted:
    return planted(shuffled)


@cache
def fitted(name: str, shuffled: bool = False) -> Fitted:
    return fit(name, market(shuffled))


def fit(name: str, data: Planted, **changes: Any) -> Fitted:
    rows = data.is_training
    more = {"strength": data.strength[rows]} if name in NETWORKS else {}
    return FITS[name](
        data.sequences.take(rows),
        data.outcome[rows],
        data.weight[rows],
        SEED,
        **{"settings": SETTINGS[name]} | more | changes,
    )


def skill(model: Fitted, data: Planted) -> tuple[float, float, float]:
    """By how much log-loss is below that of the shares in training, with its interval."""
    rows, outcome = data.is_test, data.outcome[data.is_test]
    odds = model.predict(data.sequences.take(rows))
    assert odds.sum(axis=1) == pytest.approx(1.0)
    shares = class_shares(data.outcome[data.is_training], data.weight[data.is_training])
    gain = log_loss(np.tile(shares, (len(odds), 1)), outcome) - log_loss(odds, outcome)
    return mean_over_days(gain, data.weight[rows], data.sequences.day[rows], SEED)


@every
def test_what_is_planted_is_found(name: str) -> None:
    mean, low, _ = skill(fitted(name), market(False))
    assert low > 0.0
    assert mean > 0.1


@every
def test_nothing_is_found_in_shuffled_outcomes(name: str) -> None:
    mean, low, _ = skill(fitted(name, True), market(True))
    assert low <= 0.0
    assert abs(mean) < 0.1


@every
def test_a_second_fit_has_the_same_bytes(name: str) -> None:
    assert fit(name, market(False)).artefact() == fitted(name).artefact()


@every
def test_values_of_missing_rows_do_not_matter(name: str) -> None:
    data = market(False)
    sequences = data.sequences
    hidden = np.broadcast_to(sequences.missing[:, None, :], sequences.values.shape)
    for other in (np.float32(1e6), np.float32(np.nan)):
        changed = replace(sequences, values=np.where(hidden, other, sequences.values))
        assert np.array_equal(fitted(name).predict(changed), fitted(name).predict(sequences))
        again = Scales.of(changed)
        assert np.array_equal(again.factor, Scales.of(sequences).factor)
    shown = replace(sequences, missing=np.zeros_like(sequences.missing))
    assert not np.array_equal(fitted(name).predict(shown), fitted(name).predict(sequences))


@every
def test_a_decision_without_any_row_has_odds(name: str) -> None:
    data = market(False).sequences.take(slice(0, 2))
    nothing = Sequences(
        np.full_like(data.values, np.nan),
        np.ones_like(data.missing),
        np.full_like(data.static, np.nan),
        data.day,
    )
    assert np.isfinite(fitted(name).predict(nothing)).all()


@every
def test_an_artefact_says_the_same(name: str) -> None:
    artefact = fitted(name).artefact()
    loaded = load(artefact, content_hash(artefact))
    sequences = market(False).sequences
    assert np.array_equal(loaded.predict(sequences), fitted(name).predict(sequences))
    assert loaded.artefact() == artefact
    assert loaded.settings == SETTINGS[name]  # type: ignore[attr-defined]


@every
def test_an_artefact_with_another_byte_is_refused_by_name(name: str) -> None:
    artefact = fitted(name).artefact()
    sha256 = content_hash(artefact)
    for file, content in artefact.items():
        middle = len(content) // 2
        byte = bytes([content[middle] ^ 1])
        altered = {**artefact, file: content[:middle] + byte + content[middle + 1 :]}
        with pytest.raises(AlteredArtefactError, match=sha256):
            load(altered, sha256)
    with pytest.raises(AlteredArtefactError):
        load({"a" + WEIGHTS: artefact[WEIGHTS]}, sha256)


@every
def test_numbers_are_predicted(name: str) -> None:
    data = market(False)
    known = np.isfinite(data.strength)
    train, test = known & data.is_training, known & data.is_test
    model = FITS[name](
        data.sequences.take(train),
        data.strength[train],
        data.weight[train],
        SEED,
        replace(SETTINGS[name], n_classes=0),
    )
    found = model.predict(data.sequences.take(test))
    assert found.shape == (test.sum(),)
    assert np.corrcoef(found, data.strength[test])[0, 1] > 0.3


@every
def test_a_few_days_are_refused(name: str) -> None:
    data = market(False)
    few = data.sequences.day < 9
    with pytest.raises(TooFewDaysError, match="10 days, there are 9"):
        FITS[name](data.sequences.take(few), data.outcome[few], data.weight[few], SEED)


_PREDICTS = """
import sys
from pathlib import Path
from spymaster_engine.statistics.claimants.artefacts import content_hash
from spymaster_engine.statistics.claimants.sequence_claimants import load
from support.planted_sequences import planted

for folder in sys.argv[1:]:
    artefact = {path.name: path.read_bytes() for path in Path(folder).iterdir()}
    load(artefact, content_hash(artefact)).predict(planted().sequences.take(slice(0, 3)))
print(sorted({"jax", "equinox", "optax"} & set(sys.modules)))
"""


def test_predicting_imports_nothing_that_trains(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in NETWORKS]
    for name, folder in zip(NETWORKS, folders, strict=True):
        folder.mkdir()
        for file, content in fitted(name).artefact().items():
            (folder / file).write_bytes(content)
    assert "jax" in sys.modules
    ran = subprocess.run(
        [sys.executable, "-c", _PREDICTS, *map(str, folders)],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "[]"


def test_pretraining_changes_what_is_learned_and_reads_no_label() -> None:
    data = market(False)
    windows = data.sequences.take(data.is_training)
    settings = replace(SETTINGS["transformer"], pretraining_epochs=1)
    model = fit("transformer", data, settings=settings, unlabelled=windows)
    assert isinstance(model, FittedTransformer)
    plain = fitted("transformer")
    assert isinstance(plain, FittedTransformer)
    place = "encoder.embed.weight"
    assert not np.array_equal(model.weights[place], plain.weights[place])
    # the map that restores hidden patches is trained by pretraining alone
    assert not np.array_equal(model.weights["restore.weight"], plain.weights["restore.weight"])


def test_later_days_choose_and_an_embargo_lies_between() -> None:
    day = np.repeat(np.arange(20) * 3, 2)
    splits = inner_splits(day)
    assert [np.unique(one.judged * (day + 1))[1:].size for one in splits] == [4, 4, 4]
    for one in splits:
        before = np.unique(day[day < day[one.judged].min()])
        assert day[one.learned].max() == before[-2]


def test_a_slope_is_that_of_the_greatest_likelihood() -> None:
    draw = np.random.default_rng(1)
    shares = np.array([0.5, 0.3, 0.2])
    d = 0.2 * draw.normal(size=(20_000, 3))
    odds = shares * np.exp(3.0 * d)
    odds /= odds.sum(axis=1, keepdims=True)
    outcome = (draw.random((20_000, 1)) > np.cumsum(odds, axis=1)).sum(axis=1)
    weight = np.ones(20_000)
    assert fitted_slope(d, outcome, weight, shares) == pytest.approx(3.0, abs=0.15)
    assert fitted_slope(-d, outcome, weight, shares) == 0.0
