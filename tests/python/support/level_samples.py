"""The rows of a contract-day that are compared with the plain implementation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """The compared rows of a contract-day; the same choice in Python and in SQL.

    Attributes:
        window_s: Window ends that are a multiple of it; ends one second after a minute are added.
        has_decisions: Whether relations of decisions are compared.
        decision_s: Spacing of compared labels outside episodes.
        eligible_s: Spacing of compared labels inside episodes.
    """

    window_s: int = 1
    has_decisions: bool = True
    decision_s: int = 5
    eligible_s: int = 5

    def has_window(self, end_s: int) -> bool:
        """Whether levels and offsets of a second are compared."""
        return end_s % self.window_s == 0 or end_s % 60 == 1

    def has_labels(self, end_s: int, *, is_eligible: bool) -> bool:
        """Whether labels of a decision are compared."""
        return end_s % (self.eligible_s if is_eligible else self.decision_s) == 0

    @property
    def conditions(self) -> dict[str, str]:
        """The same as SQL by relation."""
        end_s = "cast(epoch(window_end_ts) as bigint)"
        window = f"({end_s} % {self.window_s} = 0 or {end_s} % 60 = 1)"
        labels = f"{end_s} % if(episode_id is null, {self.decision_s}, {self.eligible_s}) = 0"
        return {
            "silver.levels_1s": window,
            "silver.level_offset_1s": window,
            "gold.level_outcomes": labels,
        }
