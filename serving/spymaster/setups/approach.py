"""The lines of ``spymaster levels`` at the top of a card."""

from __future__ import annotations

from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake

from spymaster.levels.read import read_levels
from spymaster.levels.sentences import approach_lines
from spymaster.setups.read_answer import Answer


def approach_sentences(lake: Lake, answer: Answer) -> list[str]:
    """Return what ``spymaster levels`` says about the moment and level of an answer.

    Args:
        lake: lake with the published file.
        answer: the answer.

    Returns:
        The lines; a single line with the reason if the levels cannot be read.
    """
    moment = answer.moment
    try:
        view = read_levels(
            lake, moment["symbol"], moment["dt"], moment["window_end_ts"], moment["level_id"]
        )
    except SpymasterError as error:
        return [f"what price does, holds and gives is not shown: {error}"]
    return [line for level in view.levels for line in approach_lines(view, level)]
