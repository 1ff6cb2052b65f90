"""The claimants that can be trained, cheapest first, and the features that each reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.util import find_spec

from spymaster_engine.statistics.claimants import (
    named_logistic,
    perceptron,
    sequence_claimants,
    transformer,
    trees,
)
from spymaster_engine.statistics.claimants.boosting import TreeSettings, fit_binary, fit_number
from spymaster_engine.statistics.claimants.heads import BINARY, NUMBER
from spymaster_engine.statistics.claimants.named_logistic import LogisticSettings
from spymaster_engine.statistics.claimants.walk import Claimant
from spymaster_engine.statistics.retrieval.phases import APPROACHING
from spymaster_ingest.errors import SpymasterError

from spymaster.training.read_sequences import CHANNELS, STATICS

BREAK_SCORE, NAMED, STAGE_A, STAGE_B = (
    "break_score",
    "named_logistic",
    "trees_stage_a",
    "trees_stage_b",
)
SEQUENCE_CLAIMANTS = tuple(sequence_claimants.FITS)
# cheapest first
CLAIMANTS = (BREAK_SCORE, NAMED, STAGE_A, STAGE_B, *SEQUENCE_CLAIMANTS)
# networks are trained with the extra only, which most do not install
NETWORKS = (perceptron.NAME, transformer.NAME)
DEFAULT = tuple(name for name in CLAIMANTS if name not in NETWORKS)
_DEEP = ("jax", "equinox", "optax")
EVENT = "event"
# prefix of trees that read one family of features
ABLATION = "trees_of_"
CONTEXT, MECHANICS, ALL = "context", "mechanics", "all"

# columns beside those of vector and context
PLACE = ("x0_ticks", "minutes_since_open")
MOMENT = ("beyond_wall_ratio", "book_imbalance", "ofi_30s", "break_score")
# written down before the first run
NAMED_FEATURES = (
    "x0_ticks",
    "sigma_1s_ticks",
    "closing_speed_15s",
    "ahead_retreat_z",
    "ahead_pull_z",
    "behind_retreat_z",
    "behind_pull_z",
    "beyond_wall_ratio",
    "book_imbalance",
    "ofi_30s",
)
_SCORE_FEATURES = ("x0_ticks", "break_score")
_STAGE_A = (*PLACE, "closing_speed_15s", "k_vol", "sigma_1s_ticks")
# families of level_events that stage_a reads
_STAGE_A_FAMILIES = ("context", "kinematics")


def require_known(names: Sequence[str]) -> None:
    """Raise unless all names are claimants that can be trained here.

    Raises:
        SpymasterError: A name is none, or needs an extra that is not installed.
    """
    for name in names:
        if name not in CLAIMANTS:
            raise SpymasterError(
                f"claimant {name}", "there is none of this name", f"known: {', '.join(CLAIMANTS)}"
            )
        if name in NETWORKS and not all(find_spec(module) for module in _DEEP):
            raise SpymasterError(
                f"claimant {name}",
                "training it needs the extra `deep`, which is not installed",
                "run `uv sync --extra deep`, or leave the claimant out",
            )


def of_decisions(
    names: Sequence[str], features: Sequence[str], phase: str, has_fixed_barriers: bool
) -> list[Claimant]:
    """Return the claimants of decisions.

    More volatility makes CHOP less likely where barriers do not grow with it. Nearer to the upper
    barrier BREAK is more likely than REJECT, where the path of the label begins at the decision.

    Args:
        names: of claimants.
        features: names of all features of the decisions.
        phase: of the decisions.
        has_fixed_barriers: whether barriers are the same at any volatility.
    """
    falls = frozenset({"sigma_1s_ticks"} if has_fixed_barriers else ())
    rises = frozenset(() if phase == APPROACHING else {"x0_ticks"})

    def grown(columns: Sequence[str]) -> TreeSettings:
        return TreeSettings(tuple(columns), falls, rises)

    made: Mapping[str, Callable[[], Claimant]] = {
        BREAK_SCORE: lambda: _logistic(BREAK_SCORE, MECHANICS, _SCORE_FEATURES),
        NAMED: lambda: _logistic(NAMED, MECHANICS, NAMED_FEATURES),
        STAGE_A: lambda: _trees(STAGE_A, CONTEXT, grown(_STAGE_A)),
        STAGE_B: lambda: _trees(STAGE_B, ALL, grown(features)),
        **{name: partial(_of_sequences, name) for name in SEQUENCE_CLAIMANTS},
    }
    return [made[name]() for name in names]


def of_events(
    names: Sequence[str], families: Mapping[str, str], *, ablations: bool = False
) -> list[Claimant]:
    """Return the claimants of events: trees.

    Args:
        names: of claimants; those without events are left out.
        families: family of each feature, by name.
        ablations: whether trees on the features of each family alone compete too.
    """
    columns = {
        STAGE_A: tuple(n for n, family in families.items() if family in _STAGE_A_FAMILIES),
        STAGE_B: tuple(families),
    }
    family = {STAGE_A: CONTEXT, STAGE_B: ALL}
    found = [
        _trees(name, family[name], TreeSettings(columns[name])) for name in names if name in columns
    ]
    if ablations:
        for kind in dict.fromkeys(families.values()):
            own = tuple(name for name, of in families.items() if of == kind)
            found.append(Claimant(f"{ABLATION}{kind}", kind, own, trees.fit, TreeSettings(own)))
    return found


def _of_sequences(name: str) -> Claimant:
    fit, settings = sequence_claimants.FITS[name], sequence_claimants.SETTINGS_OF[name]()
    return Claimant(name, ALL, (*CHANNELS, *STATICS), fit, settings, reads_sequences=True)


def _trees(name: str, family: str, settings: TreeSettings) -> Claimant:
    heads = {BINARY: fit_binary, NUMBER: fit_number}
    return Claimant(name, family, settings.names, trees.fit, settings, head_fits=heads)


def _logistic(name: str, family: str, columns: tuple[str, ...]) -> Claimant:
    fit, settings = named_logistic.fit, LogisticSettings(columns)
    return Claimant(name, family, columns, fit, settings, head_fits={BINARY: fit})
