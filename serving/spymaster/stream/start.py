"""What happens before the first client: choose the day to open, read each surface once."""

from __future__ import annotations

import datetime as dt

from spymaster_ingest.errors import SpymasterError

from spymaster.contracts import built_instead
from spymaster.stream.meta import meta
from spymaster.stream.reader import ContractDay, SurfaceReader


def opening_day(reader: SurfaceReader, symbol: str | None, day: dt.date | None) -> ContractDay:
    """Return the contract-day to open: the newest of those that the user allows.

    Raises:
        SpymasterError: There is none.
    """
    fitting = [
        (row["dt"], row["symbol"])
        for row in reader.days()
        if symbol in (None, row["symbol"]) and day in (None, row["dt"])
    ]
    if not fitting:
        where = " ".join(str(part) for part in (symbol, day) if part) or "the lake"
        raise SpymasterError(
            where, "there is no such contract-day", built_instead(reader.connection, symbol or "")
        )
    newest, contract = max(fitting)
    return reader.contract_day(contract, newest)


def warm_up(reader: SurfaceReader, of: ContractDay) -> None:
    """Prepare what the first client waits for: the schema of each surface is known then."""
    meta(reader, of)
