"""The surfaces that are served: their relations, layouts and limits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from spymaster.stream.compact import SCHEMAS

FULL, COMPACT = "full", "compact"
LAYOUTS = (FULL, COMPACT)
_QUERIES = Path(__file__).parent / "queries"


@dataclass(frozen=True)
class Surface:
    """A surface of the screen.

    Attributes:
        name: its name in requests.
        relations: relations that its queries read, the one it is named after first.
        has_ticks: whether it has rows by price around spot, which a request limits.
        is_default: whether a request that names no surface gets it.
        newest_s: most seconds that a bootstrap sends, the newest; None sends all. A relation that
            is computed when it is read would hold up the first picture.
    """

    name: str
    relations: tuple[str, ...]
    has_ticks: bool = False
    is_default: bool = True
    newest_s: int | None = None

    def newest(self, windows: range) -> range:
        """Return what a bootstrap sends of some windows."""
        return windows if self.newest_s is None else windows[-self.newest_s :]

    @property
    def layouts(self) -> tuple[str, ...]:
        """Layouts in which it is served."""
        return LAYOUTS if self.name in SCHEMAS else (FULL,)

    def query(self, layout: str) -> Path:
        """Return the query of a layout."""
        return _QUERIES / layout / f"{self.name}.sql"


_SCORES = (
    "gold.break_score_1s",
    "silver.barrier_engine_1s",
    "silver.tape_engine_1s",
    "silver.fuel_engine_1s",
    "reference.engine_constants",
)
_PRINTS = (
    "steps.book_records",
    "silver.contract_days",
    "bronze.future_mbo",
    "bronze.market_by_price_10",
)
_LADDER = ("silver.level_ladder_1s", "silver.word_settings")
_ODDS = ("gold.retrieval_outcomes", "gold.retrieval_settings")
SURFACES = {
    surface.name: surface
    for surface in (
        Surface("snap", ("silver.book_snapshot_1s",)),
        Surface("wall", ("silver.wall_surface_1s",), has_ticks=True),
        Surface("vacuum", ("silver.vacuum_surface_1s",), has_ticks=True),
        Surface("radar", ("silver.radar_vacuum_1s",)),
        Surface("physics", ("silver.physics_bands_1s",)),
        Surface("physics_surface", ("silver.physics_surface_1s",), has_ticks=True),
        Surface("gex", ("silver.gex_surface_1s",)),
        Surface("levels", ("silver.level_offset_1s", "silver.levels_1s")),
        Surface("pressure", ("gold.mbo_pressure_stream",)),
        Surface("trades", _PRINTS, is_default=False),
        Surface("turns", ("gold.conditions_in_use_1s", "silver.word_settings"), is_default=False),
        Surface("odds", _ODDS, is_default=False),
        Surface("courses", ("gold.course_odds_1s",), is_default=False),
        Surface("signals", ("gold.mbo_trigger_signals",), is_default=False),
        Surface("strikes", ("silver.option_physics_1s",), is_default=False),
        Surface("gex_summary", ("silver.gex_summary_1s",), is_default=False),
        Surface("usual", ("steps.usual_depth_1s",), is_default=False),
        Surface("gaps", ("silver.recording_gaps",), is_default=False),
        Surface("scores", _SCORES, is_default=False),
        Surface("level_signals", ("gold.level_signals",), is_default=False),
        Surface("ladder", _LADDER, is_default=False, newest_s=5),
    )
}


def default_surfaces(layout: str) -> tuple[str, ...]:
    """Return the surfaces of a request that names none."""
    return tuple(
        name
        for name, surface in SURFACES.items()
        if surface.is_default and layout in surface.layouts
    )
