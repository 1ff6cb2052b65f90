"""The sources of a live run by their names."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest
from spymaster.live.feeds import FUTURE, FUTURE_OPTION
from spymaster.live.sources import KEY_VARIABLE, RunOfSource, open_source
from spymaster_ingest.errors import SpymasterError
from support import dbn_files
from support.dbn_files import DAY_START_NS, ESH4
from support.live_feeds import FakeClock, bids, joined, write_records
from support.vendor_gateway import DATASET, KEY, Part, Recorded, VendorGateway

RECORDS = bids(*range(40))
OF_OPTIONS = bids(*range(20), instrument_id=7)


def run_of(**changes: object) -> RunOfSource:
    return RunOfSource("ESH4", FakeClock(), **changes)


def test_streams_of_a_future_and_of_its_options_come_together(tmp_path: Path) -> None:
    """A file that nobody writes any more, and a FIFO, which ends with its writer."""
    file, fifo = write_records(tmp_path / "futures.dbn", RECORDS), tmp_path / "options"
    os.mkfifo(fifo)

    def write() -> None:
        fifo.write_bytes(dbn_files.metadata("mbo", {7: "ESH4 C5000"}) + OF_OPTIONS.tobytes())

    writer = threading.Thread(target=write)
    writer.start()
    run = run_of(has_ended=lambda: True)
    chunks = [*open_source("dbn", [str(file), f"future_option={fifo}"], run)]
    writer.join()
    for product_type, records in ((FUTURE, RECORDS), (FUTURE_OPTION, OF_OPTIONS)):
        of_type = [chunk for chunk in chunks if chunk.source.product_type == product_type]
        assert np.array_equal(np.concatenate([chunk.records for chunk in of_type]), records)
        assert {chunk.source.product for chunk in of_type} == {"ESH4"}


def test_standard_input_is_a_stream(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with write_records(tmp_path / "futures.dbn", RECORDS).open("rb") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        chunks = [*open_source("dbn", ["-"], run_of(has_ended=lambda: True))]
    assert len(joined(chunks)) == len(RECORDS)


def test_the_vendor_is_asked_with_the_key_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    tape = [Recorded("mbo", "ESH4", RECORDS[at : at + 1]) for at in range(len(RECORDS))]
    found: list[int] = []
    with VendorGateway(tape, [Part()], {"ESH4": [ESH4]}, began_ns=DAY_START_NS) as server:
        options = {"dataset": DATASET, "gateway": "127.0.0.1", "port": str(server.port)}
        run = run_of(options=options, has_ended=lambda: len(found) == len(RECORDS))
        for chunk in open_source("databento", ["mbo:future:ESH4", "definition:future:ESH4"], run):
            found += chunk.records["order_id"].tolist()
    assert found == RECORDS["order_id"].tolist()
    [[orders, definitions]] = server.asked
    assert (orders["snapshot"], orders.get("start")) == ("1", None)
    assert (definitions["snapshot"], definitions["start"]) == ("0", "0")


@pytest.mark.parametrize(
    ("name", "given", "options", "why"),
    [
        ("nothing", [], {}, "nothing: is no source .sources are databento, dbn"),
        ("dbn", [], {}, "no stream is given"),
        ("dbn", ["no-such-file"], {}, "no-such-file: cannot be read: No such file"),
        ("dbn", ["/"], {}, "/: is a folder"),
        ("dbn", ["-"], {"speed": "1"}, "has no option speed"),
        ("databento", ["mbo:future:ESH4"], {}, "no dataset is given"),
        ("databento", ["mbo:future:ESH4"], {"dataset": DATASET, "start": "x"}, "start is 'x'"),
        ("databento", ["mbo:future:ESH4"], {"dataset": DATASET, "end": "1"}, "has no option end"),
        ("databento", ["mbo:future:ESH4"], {"dataset": DATASET}, f"{KEY_VARIABLE}: is not set"),
        ("databento", [], {"dataset": DATASET}, "is not set"),
        ("nats", [], {}, "one run is read"),
        ("nats", ["run"], {"speed": "1"}, "has no option speed"),
        ("nats", ["a:b"], {}, "cannot name a run"),
    ],
)
def test_what_cannot_be_opened_gives_one_line(
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    given: list[str],
    options: dict[str, str],
    why: str,
) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    with pytest.raises(SpymasterError, match=why):
        open_source(name, given, run_of(options=options))
