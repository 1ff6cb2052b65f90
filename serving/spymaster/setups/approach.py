"""What price does before an answer, what holds and what gives, and the conditions of a turn."""

from __future__ import annotations

from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake

from spymaster.levels.read import read_levels
from spymaster.levels.sentences import approach
from spymaster.setups.read import Answer


def approach_sentences(lake: Lake, answer: Answer) -> list[str]:
    """Return what ``spymaster levels`` says of the moment and level of an answer.

    Args:
        lake: where the published file lies.
        answer: of the moment.

    Returns:
        One line that says so where the levels of the moment cannot be read.
    """
    moment = answer.moment
    try:
        view = read_levels(
            lake, moment["symbol"], moment["dt"], moment["window_end_ts"], moment["level_id"]
        )
    except SpymasterError as error:
        return [f"what price does, holds and gives is not shown: {error}"]
    return [line for level in view.levels for line in approach(view, level)]
