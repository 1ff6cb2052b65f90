"""How the evaluation walks over days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from spymaster_engine.statistics.retrieval.distance_bands import DistanceBands
from spymaster_engine.statistics.retrieval.learned import PENALTIES, Penalties
from spymaster_engine.statistics.retrieval.phases import APPROACHING
from spymaster_engine.statistics.retrieval.settings import RetrievalSettings


@dataclass(frozen=True)
class Protocol:
    """How the evaluation walks over blocks of days.

    Attributes:
        settings: of the judged retrieval.
        embargo_days: trading days left out between the library and the judged day.
        evaluation_warm_up_days: days of library before the first day that is judged.
        evaluation_windows_per_episode: most windows of an episode that statistics and rivals are
            fitted on.
        reach_ticks: distance within which price has come to the level.
        library_days: latest days that a library keeps; None for all.
        used: elements of a vector that the learned space reads; None for the visible blocks.
        penalties: candidates for the learned space.
        purge: leaves out labels that look into the day; off only to show the leak.
        phase: of the judged windows.
    """

    settings: RetrievalSettings
    embargo_days: int
    evaluation_warm_up_days: int
    evaluation_windows_per_episode: int
    reach_ticks: float
    library_days: int | None
    used: tuple[bool, ...] | None
    penalties: Sequence[Penalties]
    purge: bool
    phase: str = APPROACHING

    @classmethod
    def of(cls, variables: Mapping[str, Any]) -> Protocol:
        """Return the honest protocol of the project's vars."""
        return cls(
            settings=RetrievalSettings.of(variables),
            embargo_days=variables["embargo_days"],
            evaluation_warm_up_days=variables["evaluation_warm_up_days"],
            evaluation_windows_per_episode=variables["evaluation_windows_per_episode"],
            reach_ticks=variables["reach_ticks"],
            library_days=None,
            used=None,
            penalties=PENALTIES,
            purge=True,
        )

    def of_phase(self, phase: str) -> Protocol:
        """Return how to walk over the windows of a phase."""
        return replace(self, settings=self.settings.of_phase(phase), phase=phase)

    @property
    def unit_bands(self) -> DistanceBands | None:
        """Bands of distance whose first windows are judged; None while price approaches."""
        return None if self.phase == APPROACHING else self.settings.bands
