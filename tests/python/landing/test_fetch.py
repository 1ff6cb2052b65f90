"""`spymaster fetch` with a client that answers from memory."""

from __future__ import annotations

import datetime as dt
import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import databento
import pytest
from click.testing import CliRunner, Result
from databento.common.error import BentoClientError, BentoError, BentoServerError, BentoWarning
from spymaster.commands import fetch as fetch_command
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.fetch import connect_to_vendor
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from support import dbn_files

KEY = "db-secret-key-0123456789"
MONDAY = "2024-03-04"
TUESDAY = "2024-03-05"
WEDNESDAY = "2024-03-06"


def dbn_bytes(schema: str, symbols: list[str], day: str, records: int) -> bytes:
    """A compressed daily file; its records do not matter here."""
    start = dbn_files.DAY_START_NS + (dt.date.fromisoformat(day) - dbn_files.DAY).days * (
        dbn_files.DAY_NS
    )
    header = dbn_files.metadata(
        schema,
        dict(enumerate(symbols, start=1)),
        start=start,
        end=start + dbn_files.DAY_NS,
    )
    body = {"mbo": dbn_files.mbo, "trades": dbn_files.trades}[schema](max(records, 1))[:records]
    return dbn_files.compress(header + body.tobytes())


@dataclass
class FakeVendor:
    """Replaces the vendor's client: the methods in use, and a record of their calls.

    Attributes:
        failures: exception per downloaded (schema, day).
        records: records in every daily file.
        sent: bytes to send instead of a sound file.
        warning: the vendor's warning on every download.
    """

    failures: dict[tuple[str, str], Exception] = field(default_factory=dict)
    records: int = 3
    sent: bytes | None = None
    warning: str = ""
    questions: list[dict] = field(default_factory=list)
    downloads: list[dict] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.metadata = SimpleNamespace(get_cost=self.get_cost, get_billable_size=self.get_size)
        self.timeseries = SimpleNamespace(get_range=self.get_range)

    def get_cost(self, **question) -> float:
        self.questions.append(question)
        return 1.25

    def get_size(self, **question) -> int:
        return 56_000_000

    def get_range(self, *, path: Path, **question) -> databento.DBNStore:
        self.downloads.append(question)
        with path.open("xb") as target:
            target.write(b"partial")
            if failure := self.failures.get((question["schema"], question["start"])):
                raise failure
        if self.warning:
            warnings.warn(self.warning, BentoWarning, stacklevel=2)
        path.write_bytes(
            self.sent
            or dbn_bytes(question["schema"], question["symbols"], question["start"], self.records)
        )
        return databento.DBNStore.from_file(path)


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> FakeVendor:
    fake = FakeVendor()
    monkeypatch.setattr(fetch_command, "connect_to_vendor", lambda: fake)
    return fake


@pytest.fixture(autouse=True)
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    monkeypatch.setenv(LAKE_VARIABLE, str(tmp_path))
    monkeypatch.setenv("DATABENTO_API_KEY", KEY)
    return Lake(tmp_path)


def fetch(*arguments: str, answer: str | None = None) -> Result:
    result = CliRunner().invoke(fetch_command.command, list(arguments), input=answer)
    assert KEY not in result.output + str(result.exception)
    return result


def problem(result: Result) -> str:
    """The line a user would see."""
    assert isinstance(result.exception, SpymasterError), result.exception
    assert "\n" not in str(result.exception)
    return str(result.exception)


def raw_files(lake: Lake) -> list[str]:
    return sorted(path.relative_to(lake.raw).as_posix() for path in lake.raw.rglob("*.*"))


ES_MBO = "product_type=future/symbol=ES/table=mbo"
ONE_DAY = ("--symbol", "ESH4", "--schema", "mbo", "--start", TUESDAY)


def test_files_land_in_the_raw_layout_under_the_vendors_names(
    lake: Lake, vendor: FakeVendor
) -> None:
    result = fetch(
        *("--symbol", "ESH4", "--symbol", "ESM4", "--symbol", "NQH4"),
        *("--schema", "mbo", "--schema", "trades"),
        *("--start", MONDAY, "--end", TUESDAY, "--yes"),
    )
    assert result.exit_code == 0, result.output
    assert raw_files(lake) == [
        f"product_type=future/symbol={root}/table={schema}/glbx-mdp3-{day}.{schema}.dbn.zst"
        for root in ("ES", "NQ")
        for schema in ("mbo", "trades")
        for day in ("20240304", "20240305")
    ]
    [first, *_] = vendor.downloads
    assert first == {
        "dataset": "GLBX.MDP3",
        "start": MONDAY,
        "end": TUESDAY,
        "symbols": ["ESH4", "ESM4"],
        "schema": "mbo",
        "stype_in": "raw_symbol",
    }


def test_schemas_default_to_market_by_order_and_definitions(vendor: FakeVendor) -> None:
    vendor.failures = {
        ("mbo", TUESDAY): BentoClientError(422, message="x"),
        ("definition", TUESDAY): BentoClientError(422, message="x"),
    }
    fetch("--symbol", "ESH4", "--start", TUESDAY, "--yes")
    assert [download["schema"] for download in vendor.downloads] == ["mbo", "definition"]


def test_a_root_is_requested_by_its_parent_symbol(lake: Lake, vendor: FakeVendor) -> None:
    result = fetch("--root", "ES", "--schema", "mbo", "--start", TUESDAY, "--yes")
    assert result.exit_code == 0, result.output
    assert vendor.downloads[0]["symbols"] == ["ES.FUT"]
    assert vendor.downloads[0]["stype_in"] == "parent"
    assert raw_files(lake) == [f"{ES_MBO}/glbx-mdp3-20240305.mbo.dbn.zst"]
    again = fetch(*ONE_DAY, "--yes")
    assert "nothing to download" in again.output


def test_estimate_is_shown_and_summed_before_the_question(
    lake: Lake, vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch_command, "is_interactive", lambda: True)
    result = fetch(
        *("--symbol", "ESH4", "--schema", "mbo", "--schema", "trades"),
        *("--start", MONDAY, "--end", WEDNESDAY),
        answer="n\n",
    )
    assert result.exit_code == 1
    cells = [line.replace("│", " ").split() for line in result.output.splitlines()]
    assert ["mbo", "3", "56.0", "1.25"] in cells
    assert ["trades", "3", "56.0", "1.25"] in cells
    assert ["total", "6", "112.0", "2.50"] in cells
    assert "Download 6 files?" in result.output
    assert vendor.downloads == []
    assert raw_files(lake) == []


def test_yes_starts_the_download(
    lake: Lake, vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch_command, "is_interactive", lambda: True)
    assert fetch(*ONE_DAY, answer="y\n").exit_code == 0
    assert len(raw_files(lake)) == 1


def test_without_a_terminal_a_script_must_say_yes(lake: Lake, vendor: FakeVendor) -> None:
    result = fetch(*ONE_DAY, answer="y\n")
    assert "--yes" in problem(result)
    assert "1.25" in result.output
    assert vendor.downloads == []


def test_existing_files_are_neither_paid_for_nor_changed(lake: Lake, vendor: FakeVendor) -> None:
    fetch(*ONE_DAY, "--yes")
    there = lake.raw / ES_MBO / "glbx-mdp3-20240305.mbo.dbn.zst"
    before = there.stat()
    vendor.questions.clear()
    vendor.downloads.clear()
    result = fetch(*ONE_DAY[:4], "--start", MONDAY, "--end", WEDNESDAY, "--yes")
    assert result.exit_code == 0, result.output
    assert [(ask["start"], ask["end"]) for ask in vendor.questions] == [
        (MONDAY, TUESDAY),
        (WEDNESDAY, "2024-03-07"),
    ]
    assert [download["start"] for download in vendor.downloads] == [MONDAY, WEDNESDAY]
    after = there.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_file_without_the_symbol_is_reported_and_kept(lake: Lake, vendor: FakeVendor) -> None:
    fetch(*ONE_DAY, "--yes")
    vendor.downloads.clear()
    for instruments in (("--symbol", "ESM4"), ("--root", "ES")):
        line = problem(fetch(*instruments, *ONE_DAY[2:], "--yes"))
        assert "never replaced" in line
    assert vendor.downloads == []


def test_an_empty_day_leaves_no_file(lake: Lake, vendor: FakeVendor) -> None:
    vendor.records = 0
    result = fetch(*ONE_DAY, "--yes")
    assert result.exit_code == 0, result.output
    assert "no records" in result.output
    assert raw_files(lake) == []


def test_the_vendors_warning_is_printed(vendor: FakeVendor) -> None:
    vendor.warning = "the data of 2024-03-05 is degraded"
    assert vendor.warning in fetch(*ONE_DAY, "--yes").output


def test_a_day_the_vendor_cannot_serve_does_not_stop_the_others(
    lake: Lake, vendor: FakeVendor
) -> None:
    vendor.failures = {("mbo", TUESDAY): BentoClientError(422, message="symbol not resolved")}
    result = fetch(*ONE_DAY[:4], "--start", MONDAY, "--end", WEDNESDAY, "--yes")
    assert result.exit_code == 1
    assert "symbol not resolved" in result.output
    assert raw_files(lake) == [
        f"{ES_MBO}/glbx-mdp3-{day}.mbo.dbn.zst" for day in ("20240304", "20240306")
    ]


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (BentoClientError(401, message=f"bad key\n{KEY}"), "check the key in DATABENTO_API_KEY"),
        (BentoClientError(403, message="no licence"), "entitlement"),
        (BentoServerError(503, message="down"), "try again later"),
        (BentoError("Error streaming response: cut"), "cut"),
        (ConnectionError("no route to host"), "no route to host"),
    ],
    ids=["key", "licence", "server", "stream", "network"],
)
def test_a_failure_is_one_line_and_leaves_nothing(
    failure: Exception, said: str, lake: Lake, vendor: FakeVendor
) -> None:
    vendor.failures = {("mbo", MONDAY): failure}
    result = fetch(*ONE_DAY[:4], "--start", MONDAY, "--end", TUESDAY, "--yes")
    assert said in problem(result)
    assert raw_files(lake) == []
    assert len(vendor.downloads) == 1


def test_an_estimate_that_fails_is_one_line(
    vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**question) -> float:
        raise BentoClientError(422, message="unknown dataset")

    vendor.metadata.get_cost = refuse
    assert "unknown dataset" in problem(fetch(*ONE_DAY, "--yes"))
    assert vendor.downloads == []


@pytest.mark.parametrize(
    ("cut", "schema"), [(20, "mbo"), (None, "trades")], ids=["truncated", "another schema"]
)
def test_a_damaged_download_is_not_kept(
    cut: int | None, schema: str, lake: Lake, vendor: FakeVendor
) -> None:
    sound = dbn_bytes(schema, ["ESH4"], TUESDAY, records=40_000)
    vendor.sent = sound[: -cut if cut else None]
    problem(fetch(*ONE_DAY, "--yes"))
    assert raw_files(lake) == []


def test_leftover_of_a_killed_download_is_replaced(lake: Lake, vendor: FakeVendor) -> None:
    partial = lake.raw / ES_MBO / "glbx-mdp3-20240305.mbo.dbn.zst.partial"
    partial.parent.mkdir(parents=True)
    partial.write_bytes(b"half")
    assert fetch(*ONE_DAY, "--yes").exit_code == 0
    assert raw_files(lake) == [f"{ES_MBO}/glbx-mdp3-20240305.mbo.dbn.zst"]


def test_json_holds_the_whole_outcome(lake: Lake, vendor: FakeVendor) -> None:
    fetch(*ONE_DAY, "--yes")
    vendor.failures = {("mbo", WEDNESDAY): BentoClientError(422, message="no such day")}
    result = fetch(*ONE_DAY[:4], "--start", MONDAY, "--end", WEDNESDAY, "--yes", "--json")
    printed = json.loads(result.stdout)
    raw = f"raw/source=databento/{ES_MBO}"
    size = (lake.root / raw / "glbx-mdp3-20240304.mbo.dbn.zst").stat().st_size
    assert printed["total_cost_usd"] == 2.5
    assert printed["present"] == [f"{raw}/glbx-mdp3-20240305.mbo.dbn.zst"]
    assert printed["downloaded"] == [
        {"path": f"{raw}/glbx-mdp3-20240304.mbo.dbn.zst", "size_bytes": size}
    ]
    assert printed["empty"] == []
    assert len(printed["errors"]) == 1
    assert result.exit_code == 1


def test_without_a_key_one_line_says_what_to_do(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABENTO_API_KEY", " ")
    line = problem(fetch(*ONE_DAY, "--yes"))
    assert "export DATABENTO_API_KEY" in line
    assert "spymaster land" in line


def test_the_client_gets_the_key_of_the_environment() -> None:
    assert connect_to_vendor().key == KEY


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing to fetch"),
        (("--symbol", "ESH4-ESM4"), "outright future"),
        (("--symbol", "ES.FUT"), "outright future"),
        (("--symbol", "ZZH4"), "not a known product root"),
        (("--root", "ESH4"), "not a known product root"),
        (("--root", "ES", "--symbol", "ESH4"), "by --root and by --symbol"),
        (("--symbol", "ESH4", "--end", MONDAY), "is before --start"),
    ],
)
def test_requests_that_make_no_sense(
    arguments: tuple[str, ...], said: str, vendor: FakeVendor
) -> None:
    assert said in problem(fetch(*arguments, "--start", TUESDAY, "--yes"))
    assert vendor.questions == []
