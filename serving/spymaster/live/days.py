"""Which contract-day a replay is of, and which of its seconds it shows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import NamedTuple

from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake

from spymaster.contracts import built_instead
from spymaster.published import NotPublishedError, ask_rows, open_published

_QUERY = Path(__file__).parent / "queries" / "replayed_days.sql"


class ReplayedDay(NamedTuple):
    """A built contract-day.

    Attributes:
        symbol: of the contract.
        day: UTC date.
        start: when the first second that is shown begins, UTC, without a zone.
        end: when the last one ends.
    """

    symbol: str
    day: dt.date
    start: dt.datetime
    end: dt.datetime


def replayed_day(lake: Lake, symbol: str | None, day: dt.date | None) -> ReplayedDay:
    """Return a contract-day.

    Args:
        lake: that holds it.
        symbol: of the contract; None for the only one of the day.
        day: UTC date; None for the newest.

    Raises:
        SpymasterError: It is not built, or the day has several contracts.
    """
    with open_published(lake, require=["silver.contract_days"]) as published:
        found = ask_rows(published, _QUERY, {"symbol": symbol, "dt": day})
        if not found:
            what = " ".join(str(part) for part in (symbol, day) if part)
            raise NotPublishedError(what, "is not built", built_instead(published, symbol or ""))
    if len(found) > 1:
        names = ", ".join(row["symbol"] for row in found)
        raise SpymasterError(str(found[0]["dt"]), f"has several contracts: {names}", "name one")
    [row] = found
    return ReplayedDay(row["symbol"], row["dt"], row["start_ts"], row["end_ts"])
