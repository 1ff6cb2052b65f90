"""What the report says of levels and shifted prices."""

from __future__ import annotations

from spymaster.evaluation.placebo_report import placebo_claim_sentence, placebo_lines

ROW = {
    "root": "ES",
    "horizon_id": "s240",
    "approach_dir": "both",
    "distance_band": None,
    "level_kind": "pm",
    "level_id": "pm_high",
    "n_days": 40,
    "n_episodes": 214,
    "n_placebos": 1_512,
    "held_share": 0.61,
    "placebo_held_share": 0.58,
    "held_difference": 0.03,
    "held_difference_lo": -0.041,
    "held_difference_hi": 0.102,
    "level_matters": "not shown",
}
WORDS = (
    "pm_high held 61% of 214 approaches; a price nearby 58%: not shown that it matters; difference "
    "+3.0% (-4.1% to +10.2%), 1,512 approaches to prices nearby, 40 days"
)


def test_a_claim_has_its_numbers() -> None:
    assert placebo_claim_sentence(ROW) == WORDS
    unknown = ROW | {"held_difference_lo": None, "held_difference_hi": None}
    assert "+3.0%, 1,512" in placebo_claim_sentence(unknown)


def test_the_report_has_every_level_and_no_band_or_direction() -> None:
    every, kind = ROW | {"level_kind": None, "level_id": None}, ROW | {"level_id": None}
    parts = [ROW | {"distance_band": "1-2"}, ROW | {"approach_dir": "approach_up"}]
    lines = placebo_lines([ROW, kind, every, *parts])
    said = [line[2:].partition(" held")[0] for line in lines if line.startswith("- ")]
    assert said == ["every level", "kind pm", "pm_high"]
    assert "### ES, horizon s240" in lines
    assert placebo_lines(parts) == []
