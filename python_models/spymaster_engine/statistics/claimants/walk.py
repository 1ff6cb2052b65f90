"""The walk of claimants: every decision is stated by what was fitted on earlier days.

Days, libraries, embargo and purge are those of the evaluation (``walk_forward``), so that claimants
and the simpler rivals beside them know the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from typing import Protocol as Interface

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.claimants.heads import BINARY, Head
from spymaster_engine.statistics.claimants.matrices import Matrix
from spymaster_engine.statistics.claimants.sequences import Sequences
from spymaster_engine.statistics.claimants.splits import TooFewDaysError
from spymaster_engine.statistics.evaluation.blocks import Block
from spymaster_engine.statistics.evaluation.bootstrap import episode_weights
from spymaster_engine.statistics.evaluation.judged_day import Day
from spymaster_engine.statistics.evaluation.model_odds import MODELS, Model
from spymaster_engine.statistics.evaluation.protocol import Protocol
from spymaster_engine.statistics.evaluation.samples import Samples, unit_windows
from spymaster_engine.statistics.evaluation.verdict import RIVALS
from spymaster_engine.statistics.evaluation.walk_forward import walk_forward
from spymaster_engine.statistics.retrieval.near_and_far import spread_over_episodes
from spymaster_engine.statistics.retrieval.outcomes import CLASSES

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

SEED = 42


class Fitted(Interface):
    """A fitted claimant."""

    def predict(self, inputs: Any, /) -> Floats:
        """Return the odds of the classes, (n, 3)."""
        ...

    def artefact(self) -> dict[str, bytes]:
        """Return the files of the artefact, its settings as ``settings.json`` among them."""
        ...


Fit = Callable[[Any, NDArray, Floats, int, Any], Fitted]


@dataclass(frozen=True)
class Features:
    """Features of samples, row by row.

    Attributes:
        names: of the columns.
        own: (n, features) float32, of the samples.
        mirrored: (m, features) float32, of the samples' mirrored windows; None without any.
        sequences: of some windows, with the samples' codes of days; None without any.
        place: (n,) place of each window among the sequences, -1 where it has none.
    """

    names: tuple[str, ...]
    own: NDArray[np.float32]
    mirrored: NDArray[np.float32] | None = None
    sequences: Sequences | None = None
    place: Rows | None = None

    def columns_of(self, names: Sequence[str]) -> Rows:
        """Return the columns of features, in the order of their names."""
        places = {name: place for place, name in enumerate(self.names)}
        return np.array([places[name] for name in names])

    def with_sequence(self, rows: Rows) -> Rows:
        """Return those of the rows that have a sequence."""
        return rows[:0] if self.place is None else rows[self.place[rows] >= 0]

    def sequences_of(self, rows: Rows) -> Sequences:
        """Return the sequences of rows that have one."""
        if self.sequences is None or self.place is None:
            raise ValueError("the windows have no sequences")
        return self.sequences.take(self.place[rows])


@dataclass(frozen=True)
class Claimant:
    """A model that claims to know the odds.

    Attributes:
        name: of the claimant.
        family: of its features: context, mechanics, all.
        names: of the features or channels that it reads.
        fit: of inputs, targets, weights, seed and settings.
        settings: of the fit.
        reads_sequences: whether its inputs are sequences, else they are a matrix.
        head_fits: of labels beside the outcome, by kind of head; none of them are fitted where
            there is none. They state the chances of no and yes, or a number, in the last column.
    """

    name: str
    family: str
    names: tuple[str, ...]
    fit: Fit
    settings: Any
    reads_sequences: bool = False
    head_fits: Mapping[str, Fit] = field(default_factory=dict)


@dataclass(frozen=True)
class FittedModel:
    """What a claimant was fitted on, and what it has learned.

    Attributes:
        claimant: its name.
        first_day: the first day that it serves.
        first_train_day: of the decisions behind it.
        last_train_day: of the decisions behind it.
        n_train_days: days with such a decision.
        n_train_rows: decisions, mirrored ones among them.
        fitted: the claimant.
        head: what it states; None for the outcome.
    """

    claimant: str
    first_day: int
    first_train_day: int
    last_train_day: int
    n_train_days: int
    n_train_rows: int
    fitted: Fitted
    head: Head | None = None


@dataclass(frozen=True)
class Walk:
    """What was stated, and by which models.

    Attributes:
        odds: (n, 3) by claimant and rival, NaN where not judged.
        models: in the order of the days that they serve.
        heads: (n,) chances or numbers by claimant and rival, by key of the head, NaN where unknown.
    """

    odds: Mapping[str, Floats]
    models: Sequence[FittedModel]
    heads: Mapping[str, Mapping[str, Floats]] = field(default_factory=dict)


def walk_claimants(
    claimants: Sequence[Claimant],
    samples: Samples,
    features: Features,
    is_query: NDArray[np.bool_],
    protocol: Protocol,
    tick: Callable[[int], None] = lambda days: None,
    heads: Sequence[Head] = (),
) -> Walk:
    """Fit and state, day by day.

    Args:
        claimants: with names of their own.
        samples: all windows of one direction and phase.
        features: of the samples.
        is_query: (n,) windows to judge.
        protocol: how to walk.
        tick: called with the number of days each time some are done.
        heads: labels beside the outcome, each with a key of its own.
    """
    fitted: list[FittedModel] = []
    models: dict[str, Model] = {name: MODELS[name] for name in RIVALS}
    models |= {
        one.name: (_by_sequences if one.reads_sequences else _by_matrix)(
            one, features, fitted.append
        )
        for one in claimants
    }
    stating = {head.key: _of_head(head, claimants, features, fitted.append) for head in heads}
    for key, of_head in stating.items():
        models |= {_key(name, key): model for name, model in of_head.items()}
    found = walk_forward(samples, is_query, protocol, models, tick)
    odds = {name: found[name] for name in (*RIVALS, *(one.name for one in claimants))}
    of_heads = {
        key: {name: found[_key(name, key)][:, 0] for name in of_head}
        for key, of_head in stating.items()
    }
    return Walk(odds, sorted(fitted, key=_order), of_heads)


def _order(model: FittedModel) -> tuple[int, str, str]:
    return model.first_day, model.claimant, model.head.key if model.head else ""


def _by_matrix(
    claimant: Claimant, features: Features, keep: Callable[[FittedModel], None]
) -> Model:
    columns = features.columns_of(claimant.names)

    def fit(block: Block) -> Fitted:
        return _fitted(claimant, block, *training_set(block, features, columns), keep)

    def odds(day: Day) -> Floats:
        fitted = day.block.model(_key(claimant.name), fit)
        values = features.own[np.ix_(day.query_rows, columns)]
        return fitted.predict(Matrix(values, day.block.samples.day[day.query_rows]))

    return odds


def _of_head(
    head: Head,
    claimants: Sequence[Claimant],
    features: Features,
    keep: Callable[[FittedModel], None],
) -> dict[str, Model]:
    """Return what states a head, by name: its rivals, and the claimants with a fit of its kind."""
    models = head.rivals()
    for claimant in claimants:
        if head.kind in claimant.head_fits:
            models[claimant.name] = _head_by_matrix(claimant, head, features, keep)
    return models


def _head_by_matrix(
    claimant: Claimant, head: Head, features: Features, keep: Callable[[FittedModel], None]
) -> Model:
    columns = features.columns_of(claimant.names)

    def fit(block: Block) -> Fitted | None:
        inputs, target, weight = training_set(
            head.block(block), features, columns, (head.target, head.mirrored)
        )
        if head.kind == BINARY:
            target = target.astype(np.int64)
        if len(np.unique(target)) < 2:
            return None
        return _fitted(claimant, block, inputs, target, weight, keep, head)

    def stated(day: Day) -> Floats:
        fitted = day.block.model(_key(claimant.name, head.key), fit)
        if fitted is None:
            return np.full((len(day.query_rows), 1), np.nan)
        values = features.own[np.ix_(day.query_rows, columns)]
        inputs = Matrix(values, day.block.samples.day[day.query_rows])
        return fitted.predict(inputs)[:, -1:]

    return stated


def _by_sequences(
    claimant: Claimant, features: Features, keep: Callable[[FittedModel], None]
) -> Model:
    def fit(block: Block) -> Fitted | None:
        rows = features.with_sequence(block.known)
        target, episode = block.samples.outcome[rows], block.samples.episode[rows]
        if len(np.unique(target)) < len(CLASSES):
            return None
        weight = episode_weights(np.unique(episode, return_inverse=True)[1])
        try:
            inputs = features.sequences_of(rows)
            return _fitted(claimant, block, inputs, target, weight, keep)
        except TooFewDaysError:
            return None

    def odds(day: Day) -> Floats:
        stated = np.full((len(day.query_rows), len(CLASSES)), np.nan)
        rows = features.with_sequence(day.query_rows)
        if len(rows):
            fitted = day.block.model(_key(claimant.name), fit)
            if fitted is not None:
                inside = np.isin(day.query_rows, rows)
                stated[inside] = fitted.predict(features.sequences_of(rows))
        return stated

    return odds


def _key(name: str, head: str = "") -> str:
    return f"claimant {name} {head}"


def _fitted(
    claimant: Claimant,
    block: Block,
    inputs: Matrix | Sequences,
    target: NDArray,
    weight: Floats,
    keep: Callable[[FittedModel], None],
    head: Head | None = None,
) -> Fitted:
    fit = claimant.fit if head is None else claimant.head_fits[head.kind]
    fitted = fit(inputs, target, weight, SEED, claimant.settings)
    days = np.unique(inputs.day)
    of_days = (int(days[0]), int(days[-1]), len(days))
    keep(FittedModel(claimant.name, block.first_day, *of_days, len(inputs), fitted, head))
    return fitted


def training_set(
    block: Block,
    features: Features,
    columns: Rows,
    targets: tuple[NDArray, NDArray | None] | None = None,
) -> tuple[Matrix, NDArray, Floats]:
    """Return what a claimant learns from: the rows of the rivals, and their like in the mirror.

    Args:
        block: what is known.
        features: of its samples.
        columns: of the features.
        targets: (n,) of the samples and (m,) of the mirrored ones; by default the outcomes.

    Returns:
        Inputs, targets, and weights that give every episode a total of one, in order of days.
    """
    samples, bands = block.samples, block.protocol.unit_bands
    own = block.fitted if bands is None else block.alike(block.known)
    mirrored = samples.mirrored
    target_of, mirrored_target = targets or (
        samples.outcome,
        None if mirrored is None else mirrored.outcome,
    )
    parts = [(samples, own, features.own, target_of)]
    seen = features.mirrored
    if (
        mirrored is not None
        and seen is not None
        and mirrored_target is not None
        and len(block.known_mirrored)
    ):
        rows = block.known_mirrored
        if bands is None:
            most = block.protocol.evaluation_windows_per_episode
            rows = rows[spread_over_episodes(mirrored.episode[rows], most)]
        else:
            rows = rows[unit_windows(mirrored.without_inputs().take(rows), bands)]
        parts.append((mirrored, rows, seen, mirrored_target))
    values = np.concatenate([whole[np.ix_(rows, columns)] for _, rows, whole, _ in parts])
    day = np.concatenate([part.day[rows] for part, rows, _, _ in parts])
    target = np.concatenate([labels[rows] for _, rows, _, labels in parts])
    weight = np.concatenate(
        [
            episode_weights(np.unique(part.episode[rows], return_inverse=True)[1])
            for part, rows, _, _ in parts
        ]
    )
    order = np.argsort(day, kind="stable")
    return Matrix(values[order], day[order]), target[order], weight[order]
