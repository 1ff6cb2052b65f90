"""The models that are judged: retrieval in its two spaces, and everything it must beat."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.evaluation import neighbor_odds, rival_fits
from spymaster_engine.statistics.evaluation.blocks import Band, Block
from spymaster_engine.statistics.evaluation.expectations import expected_quantiles
from spymaster_engine.statistics.evaluation.first_passage import first_passage
from spymaster_engine.statistics.evaluation.judged_day import Day
from spymaster_engine.statistics.evaluation.short_search import short_most_similar, short_nearest
from spymaster_engine.statistics.retrieval.base_rates import REACHED, BaseRates
from spymaster_engine.statistics.retrieval.episode_sums import effective_episodes
from spymaster_engine.statistics.retrieval.fits import Fit, Past, Placing, fit_placing
from spymaster_engine.statistics.retrieval.learned import Penalties
from spymaster_engine.statistics.retrieval.neighbor_choice import NOT_CHOSEN
from spymaster_engine.statistics.retrieval.phases import APPROACHING

Floats = NDArray[np.float64]
Places = NDArray[np.float32]
Rows = NDArray[np.int64]

# of all elements at once, differences included: found best on planted markets of 60 days
_VECTOR_PENALTY = Penalties(1_000.0, 30.0)

Model = Callable[[Day], Floats]


def _by_band(day: Day, odds_of: Callable[[Band, Rows], Floats]) -> Floats:
    """Join the odds of each band for its windows."""
    bands = [(band, band.of(day.query_rows)) for band in day.block.bands]
    pieces = [odds_of(band, query_rows) for band, query_rows in bands if len(query_rows)]
    order = np.argsort(np.concatenate([query_rows for _, query_rows in bands]), kind="stable")
    return np.concatenate(pieces)[order]


def _neighbors(
    day: Day, band: Band, places: Places, queries: Places
) -> tuple[neighbor_odds.Neighbors, Rows]:
    """Return the neighbors of judged places, and the library rows that they index.

    The library's fitted rows come first, then rows of later days.
    """
    rows = np.concatenate([band.rows, band.few(day.unfitted)])
    episode = day.block.samples.episode[rows]
    search = short_nearest(places, queries, day.block.settings)
    everything = np.ones(len(rows), np.bool_)
    return search.choose(np.arange(len(queries)), everything, episode, day.neighbors), rows


def _shares(
    day: Day,
    chosen: neighbor_odds.Neighbors,
    rows: Rows,
    fitted_outcome: NDArray[np.int64],
    base: Floats,
) -> Floats:
    samples = day.block.samples
    outcome = np.concatenate([fitted_outcome, samples.outcome[rows[len(fitted_outcome) :]]])
    settings = day.block.settings
    return neighbor_odds.shares_of(chosen, outcome, samples.episode[rows], base, settings)


def _in_learned_space(
    day: Day, band: Band, query_rows: Rows
) -> tuple[neighbor_odds.Neighbors, Rows]:
    """Return the neighbors of the judged windows of a band; they serve odds and expectations."""
    if band.distances not in day.found:
        day.found[band.distances] = _in_space(day, band, query_rows, band.space)
    return day.found[band.distances]


def _in_space(
    day: Day, band: Band, query_rows: Rows, space: Fit
) -> tuple[neighbor_odds.Neighbors, Rows]:
    later = space.place(day.block.inputs(band.few(day.unfitted)))
    places = np.concatenate([band.places_of(space), later])
    return _neighbors(day, band, places, space.place(day.block.inputs(query_rows)))


def retrieval_learned(day: Day) -> Floats:
    """Shares among the nearest in the learned space, drawn to the base rates of the distance."""
    return _by_band(
        day,
        lambda band, query_rows: _shares(
            day,
            *_in_learned_space(day, band, query_rows),
            band.library.outcome,
            day.usual(query_rows)[:, :REACHED],
        ),
    )


def retrieval_robust_z(day: Day) -> Floats:
    """Shares among the most similar normalised vectors, weighted by similarity."""
    unit, library, settings = day.block.unit, day.library, day.block.settings
    search = short_most_similar(unit, day.known, day.query_rows, day.products, settings)
    queries, everything = np.arange(len(day.query_rows)), np.ones(len(day.known), np.bool_)
    chosen = search.choose(queries, everything, library.episode, settings.retrieval_k)
    base = day.usual(day.query_rows)[:, :REACHED]
    return neighbor_odds.shares_of(chosen, library.outcome, library.episode, base, settings)


def expectations(day: Day) -> Floats:
    """Expected results, from the learned space's neighbors and from the whole library.

    Returns:
        (n, 2 * len(EXPECTED) + 1): the quantiles EXPECTED of the neighbors, the same of the
        library with every episode of equal weight, and the effective number of neighbors.
    """
    samples, library = day.block.samples.without_inputs(), day.rival_library
    everything = np.arange(len(library))[None, :]
    of_library = expected_quantiles(
        library, everything, rival_fits.library_weights(library)[None, :]
    )

    def numbers_of(band: Band, query_rows: Rows) -> Floats:
        chosen, rows = _in_learned_space(day, band, query_rows)
        of_neighbors = expected_quantiles(samples.take(rows), chosen.rows, chosen.weights)
        at = np.where(chosen.rows == NOT_CHOSEN, 0, chosen.rows)
        codes = np.unique(samples.episode[rows], return_inverse=True)[1]
        n_eff = effective_episodes(codes[at], chosen.weights)
        usual = np.tile(of_library, (len(query_rows), 1))
        return np.concatenate([of_neighbors, usual, n_eff[:, None]], axis=1)

    return _by_band(day, numbers_of)


def is_pooled(day: Day) -> Floats:
    """Return whether the learned space learned from all phases at or past the level, (n, 1)."""
    return np.full((len(day.query_rows), 1), float(day.block.is_pooled))


def knn_permuted(day: Day) -> Floats:
    """The learned space and its neighbors with shuffled outcomes of the library."""
    bands = day.block.settings.bands

    def odds_of(band: Band, query_rows: Rows) -> Floats:
        found = _in_space(day, band, query_rows, band.placebo)
        dealt = band.dealt
        rates = BaseRates.of(
            dealt.outcome,
            dealt.reached,
            dealt.episode,
            dealt.x0_ticks,
            bands,
            firsts=day.block.protocol.unit_bands is not None,
        )
        base = rates.at(bands.codes(day.block.samples.x0_ticks[query_rows]))
        return _shares(day, *found, dealt.outcome, base[:, :REACHED])

    return _by_band(day, odds_of)


def knn_random(day: Day) -> Floats:
    """Shares among neighbors in a space of random numbers."""
    number = int(day.block.samples.day[day.query_rows].min())
    generator = np.random.default_rng([day.block.settings.evaluation_seed, number])

    def odds_of(band: Band, query_rows: Rows) -> Floats:
        n_rows = len(band.rows) + len(band.few(day.unfitted))
        places = generator.normal(size=(n_rows + len(query_rows), 3)).astype(np.float32)
        found = _neighbors(day, band, places[:n_rows], places[n_rows:])
        base = day.usual(query_rows)[:, :REACHED]
        return _shares(day, *found, band.library.outcome, base)

    return _by_band(day, odds_of)


def logistic_space(day: Day) -> Floats:
    """The odds of the learned space's own model, without neighbors."""
    return _by_band(
        day, lambda band, query_rows: _odds(band.space.place(day.block.inputs(query_rows)))
    )


def logistic_vector(day: Day) -> Floats:
    """Logistic regression on every element of vector and context."""

    def fit(block: Block) -> Placing:
        library, n_context = block.library, block.samples.context.shape[1]
        inputs = block.inputs(block.fitted)
        everything = np.ones(inputs.shape[1], np.bool_)
        past = Past(inputs, library.outcome, library.day, library.episode)
        return fit_placing(past, everything, n_context, _VECTOR_PENALTY)

    model = day.block.model("logistic_vector", fit)
    return _odds(model.place(day.block.inputs(day.query_rows)))


def _odds(places: Places) -> Floats:
    log_odds = places.astype(np.float64)
    odds = np.exp(log_odds - log_odds.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def lightgbm_vector(day: Day) -> Floats:
    """Boosted trees on vector and context."""
    block = day.block
    trees = block.model(
        "lightgbm_vector",
        lambda block: rival_fits.boosted_trees(
            block.inputs(block.fitted),
            block.library.outcome,
            block.weight,
            block.settings.evaluation_seed,
        ),
    )
    return trees(block.inputs(day.query_rows))


def logistic_context(day: Day) -> Floats:
    """Logistic regression on distance, speed, volatility and time."""
    model = day.block.model(
        "logistic_context",
        lambda block: rival_fits.logistic(
            block.rival_library.rival, block.rival_library.outcome, block.weight
        ),
    )
    return model(day.queries.rival)


def lightgbm_context(day: Day) -> Floats:
    """Boosted trees on distance, speed, volatility and time."""
    trees = day.block.model(
        "lightgbm_context",
        lambda block: rival_fits.boosted_trees(
            block.rival_library.rival,
            block.rival_library.outcome,
            block.weight,
            block.settings.evaluation_seed,
        ),
    )
    return trees(day.queries.rival)


def random_walk_odds(day: Day) -> Floats:
    """First passage of a driftless random walk that has come to the level.

    The judged path begins when price comes within reach of the level and lasts a full horizon; a
    walk from further away therefore starts at the edge of that reach. A course that has come to its
    level is judged from the decision on: its walk starts where price stands.
    """
    windows, protocol = day.queries, day.block.protocol
    start = windows.x0_ticks
    if protocol.phase == APPROACHING:
        start = np.maximum(start, -protocol.reach_ticks)
    return first_passage(start, windows.barrier_ticks, windows.horizon_s, windows.rival[:, 3])


MODELS: dict[str, Model] = {
    "retrieval_learned": retrieval_learned,
    "retrieval_robust_z": retrieval_robust_z,
    "base_rate": lambda day: rival_fits.base_rate(day.rival_library, day.queries),
    "base_rate_by_kind_and_time": lambda day: rival_fits.base_rate_by_kind_and_time(
        day.rival_library, day.queries
    ),
    "base_rate_by_distance": lambda day: rival_fits.base_rate_by_distance(
        day.rival_library, day.queries, day.block.settings.bands
    ),
    "first_passage": random_walk_odds,
    "logistic_context": logistic_context,
    "lightgbm_context": lightgbm_context,
    "knn_random": knn_random,
    "knn_permuted": knn_permuted,
    "logistic_space": logistic_space,
    "logistic_vector": logistic_vector,
    "lightgbm_vector": lightgbm_vector,
}

# the models of decisions at and past the level: retrieval, its placebos and the simpler rivals
REACHED_MODELS = {
    name: model
    for name, model in MODELS.items()
    if name not in ("logistic_space", "logistic_vector", "lightgbm_vector")
}
