"""Own levels: prices by hand in ``levels.csv`` of the lake, which builds read."""

from __future__ import annotations

import csv
import datetime as dt
import fcntl
import io
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from pathlib import Path

from spymaster_ingest.durable import put_in_place, unique_temporary
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.products import read_products, root_of

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}")
_SYMBOL_OR_ROOT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.]{0,40}")
_LONGEST_NOTE = 200
_MOST = Decimal(1_000_000_000)
_LOCK_NAME = ".levels.lock"


class LevelExistsError(SpymasterError):
    """There is a level of this name already."""


@dataclass(frozen=True)
class OwnLevel:
    """A line of ``levels.csv``; texts as they are written there.

    Attributes:
        symbol_or_root: contract, or product of which every contract has the level.
        name: name without ``own:``.
        price: points.
        known_from: first moment of the level, UTC, ISO 8601 with zone.
        until: moment at which it ends; empty for none.
        note: what the user noted; may be empty.
    """

    symbol_or_root: str
    name: str
    price: str
    known_from: str
    until: str = ""
    note: str = ""


_COLUMNS = [field.name for field in fields(OwnLevel)]


def levels_file(lake: Lake) -> Path:
    """Return the path of the file, which need not exist."""
    return lake.root / "levels.csv"


def own_level(
    lake: Lake,
    symbol_or_root: str,
    name: str,
    price: str,
    known_from: dt.datetime,
    until: dt.datetime | None,
    note: str,
    *,
    snaps: bool = False,
) -> OwnLevel:
    """Return a level whose every part is valid; moments are UTC, without zone or with it.

    With ``snaps`` a price between two ticks becomes the nearer one, half way the higher one.

    Raises:
        SpymasterError: A part is not valid, or the price is not on the product's tick grid.
    """
    require_name(name)
    if not _SYMBOL_OR_ROOT.fullmatch(symbol_or_root):
        raise SpymasterError(
            f"symbol {symbol_or_root!r}", "is no contract or product", "for example ESZ5 or ES"
        )
    try:
        number = Decimal(price)
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite() or abs(number) >= _MOST:
        raise SpymasterError(f"price {price!r}", "is no price in points", "for example 6800.25")
    tick = _tick_size(lake, symbol_or_root)
    if number % tick and snaps:
        number = _nearest_multiple(number, tick)
    elif number % tick:
        below = number // tick * tick
        raise SpymasterError(
            f"price {price}",
            f"is not on the grid of {symbol_or_root}, whose tick is {tick}",
            f"give {below} or {below + tick}",
        )
    if until is not None and until <= known_from:
        raise SpymasterError(
            f"--until {_utc(until)}",
            f"is not after the moment from which the level is known, {_utc(known_from)}",
            "give a later one, or none for a level without end",
        )
    if len(note) > _LONGEST_NOTE or not note.isprintable():
        raise SpymasterError(
            "--note", f"is no text of one line and at most {_LONGEST_NOTE} characters", "shorten it"
        )
    end = "" if until is None else _utc(until)
    return OwnLevel(symbol_or_root, name, f"{number.normalize():f}", _utc(known_from), end, note)


def require_name(name: str) -> None:
    """Raise unless a text can name a level."""
    if not _NAME.fullmatch(name):
        raise SpymasterError(
            f"level {name!r}",
            "is no name: a letter, then at most 30 letters, digits and _",
            "for example weekly_low",
        )


def read_levels(lake: Lake) -> list[OwnLevel]:
    """Return the own levels in the order of the file; none without a file.

    Raises:
        SpymasterError: The file cannot be read, or has other columns.
    """
    path = levels_file(lake)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        found = list(rows)
    except csv.Error as error:
        raise SpymasterError(f"{path} line {rows.line_num}", f"is no CSV: {error}") from error
    if rows.fieldnames != _COLUMNS:
        raise SpymasterError(
            path, "does not begin with its columns", f"the first line is {','.join(_COLUMNS)}"
        )
    for number, row in enumerate(found, start=2):
        if None in row or None in row.values():
            raise SpymasterError(
                f"{path} line {number}", f"has not {len(_COLUMNS)} values", "correct it by hand"
            )
    return [OwnLevel(**row) for row in found]


def add_level(lake: Lake, level: OwnLevel) -> None:
    """Add a level to the file.

    Raises:
        LevelExistsError: There is one of this name, in capitals or small letters.
        SpymasterError: The file is damaged, or the lake cannot be written.
    """
    lake.make_root()
    with _locked(lake):
        there = read_levels(lake)
        key = _key(level.symbol_or_root, level.name)
        if any(_key(one.symbol_or_root, one.name) == key for one in there):
            raise LevelExistsError(
                f"level {level.name}",
                f"{level.symbol_or_root} has a level of this name",
                f"remove it first: spymaster level remove {level.symbol_or_root} {level.name}",
            )
        _write(lake, [*there, level])


def remove_level(lake: Lake, symbol_or_root: str, name: str) -> None:
    """Remove a level from the file.

    Raises:
        SpymasterError: There is none of this name.
    """
    # nothing is written, not even a lock, where nothing is to be removed
    _levels_without(lake, symbol_or_root, name)
    with _locked(lake):
        _write(lake, _levels_without(lake, symbol_or_root, name))


def _levels_without(lake: Lake, symbol_or_root: str, name: str) -> list[OwnLevel]:
    there = read_levels(lake)
    key = _key(symbol_or_root, name.removeprefix("own:"))
    kept = [one for one in there if _key(one.symbol_or_root, one.name) != key]
    if len(kept) == len(there):
        raise SpymasterError(
            f"level {name}",
            f"{symbol_or_root} has no level of this name",
            "see spymaster level list",
        )
    return kept


@contextmanager
def _locked(lake: Lake) -> Iterator[None]:
    """Let one writer at a time read and replace the file; hold no lock where none can be had."""
    with ExitStack() as held:
        with suppress(OSError):
            lock = held.enter_context((lake.root / _LOCK_NAME).open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _key(symbol_or_root: str, name: str) -> tuple[str, str]:
    return symbol_or_root, name.lower()


def _write(lake: Lake, levels: list[OwnLevel]) -> None:
    lake.make_root()
    path = levels_file(lake)
    temporary = unique_temporary(path)
    with temporary.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.DictWriter(stream, _COLUMNS, lineterminator="\n")
        rows.writeheader()
        rows.writerows(map(asdict, levels))
    put_in_place(temporary, path)


def _nearest_multiple(number: Decimal, tick: Decimal) -> Decimal:
    """Return the multiple of a tick nearest to a number, half way the higher one."""
    steps = (number / tick).to_integral_value(ROUND_FLOOR)
    rest = number - steps * tick
    return (steps + (1 if 2 * rest >= tick else 0)) * tick + 0  # no minus zero


def _tick_size(lake: Lake, symbol_or_root: str) -> Decimal:
    """Return the tick of a contract or of a product of the lake."""
    products = read_products(lake.root)
    for root in (symbol_or_root, root_of(symbol_or_root, products)):
        if root in products:
            return products[root].tick_size
    raise SpymasterError(
        f"symbol {symbol_or_root}",
        "is of no product of the lake, so that its tick is not known",
        f"products are {', '.join(sorted(products))}; spymaster.toml adds others",
    )


def _utc(moment: dt.datetime) -> str:
    if moment.tzinfo is not None:
        moment = moment.astimezone(dt.UTC).replace(tzinfo=None)
    return f"{moment.isoformat(' ', 'seconds')}Z"
