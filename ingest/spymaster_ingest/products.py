"""Products of a lake: the rows of seed ``instruments``, overlaid by ``[products.NAME]``.

``spymaster.toml`` in the lake holds the sections. A section of a product of the seed changes the
settings it names; a section of another product adds it.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import PROJECT_ROOT
from spymaster_ingest.product import EQUITY, FUTURE, NO_DEFINITIONS, RECORDS, Product, tick_int_of
from spymaster_ingest.product_settings import product_of_section

INSTRUMENTS_SEED = PROJECT_ROOT / "seeds" / "instruments.csv"
SETTINGS_NAME = "spymaster.toml"

# The exchange's symbols of outright futures: root, month letter, one or two digits of the year.
_OUTRIGHT = re.compile(r"([A-Z0-9]+)[FGHJKMNQUVXZ]\d{1,2}")


Products = Mapping[str, Product]


def read_seed(seed: Path = INSTRUMENTS_SEED) -> dict[str, Product]:
    """Return the products of seed ``instruments`` by root.

    Raises:
        SpymasterError: the seed is missing or has a line that cannot be read.
    """
    try:
        with seed.open(newline="") as lines:
            return {row["root"]: _seed_product(row) for row in csv.DictReader(lines)}
    except (OSError, KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise SpymasterError(seed, f"the instruments seed cannot be read: {error}") from error


def read_products(lake_root: Path, seed: Path = INSTRUMENTS_SEED) -> dict[str, Product]:
    """Return the products of a lake by root: those of the seed and of its ``spymaster.toml``.

    Raises:
        SpymasterError: the seed or the settings cannot be read, or a setting is impossible.
    """
    products = read_seed(seed)
    return products | own_products(lake_root, products)


def own_products(lake_root: Path, seed: Products | None = None) -> dict[str, Product]:
    """Return the products that ``spymaster.toml`` of a lake adds or changes; none without it."""
    sections = _sections(lake_root / SETTINGS_NAME)
    if not sections:
        return {}
    known = read_seed() if seed is None else seed
    return {
        name: product_of_section(name, table, known.get(name)) for name, table in sections.items()
    }


def product_rows(products: Iterable[Product]) -> list[dict[str, Any]]:
    """Return products as rows of seed ``instruments``, as JSON has them: the value of a var."""
    return [
        {
            field.name: str(value) if isinstance(value, Decimal) else value
            for field in fields(product)
            for value in [getattr(product, field.name)]
        }
        for product in products
    ]


def are_product_rows(value: Any) -> bool:
    """Tell whether a value is a list of rows of seed ``instruments``, one per root."""
    if not isinstance(value, list) or not all(map(_is_product_row, value)):
        return False
    return len({row["root"] for row in value}) == len(value)


def outright_root(symbol: str) -> str | None:
    """Return the root of a symbol that looks like an outright future, else None."""
    match = _OUTRIGHT.fullmatch(symbol)
    return match.group(1) if match else None


def root_of(symbol: str, products: Products) -> str | None:
    """Return the root of a symbol: an equity is its own, an outright future begins with it."""
    product = products.get(symbol)
    if product is not None and product.kind == EQUITY:
        return symbol
    return outright_root(symbol)


def _sections(path: Path) -> Mapping[str, Any]:
    """Return ``[products]`` of a settings file; empty without the file."""
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SpymasterError(path, f"cannot be read: {error}") from error
    sections = settings.get("products", {})
    if not isinstance(sections, dict):
        raise SpymasterError(path, "products is no table", "write a section [products.NAME]")
    return sections


def _is_product_row(row: Any) -> bool:
    if not isinstance(row, dict) or set(row) != {field.name for field in fields(Product)}:
        return False
    texts = {name: "" if value is None else str(value) for name, value in row.items()}
    try:
        product = _seed_product(texts)
        times = (product.session_open_local, product.session_close_local)
        return (
            all(dt.time.fromisoformat(time) is not None for time in times)
            and ZoneInfo(product.session_tz) is not None
            and product.tick_int > 0
            and product.point_value > 0
            and re.fullmatch(r"[A-Z0-9][A-Z0-9.]{0,15}", product.root) is not None
            and product.kind in (FUTURE, EQUITY)
            and product.definitions in (RECORDS, NO_DEFINITIONS)
            and product.barrier_mode in ("fixed", "vol")
        )
    except (KeyError, ValueError, ArithmeticError, OSError):
        return False


def _seed_product(row: Mapping[str, str]) -> Product:
    tick_size = Decimal(row["tick_size"])
    if tick_int_of(tick_size) != int(row["tick_int"]):
        raise ValueError(f"tick_int of {row['root']} is not its tick_size")
    step, approach = row["gex_strike_step"], row["approach_min_ticks"]
    stale, barrier = row["stale_after_s"], row["barrier_min_ticks"]
    return Product(
        root=row["root"],
        tick_size=tick_size,
        tick_int=int(row["tick_int"]),
        point_value=float(row["point_value"]),
        option_tick_size=Decimal(row["option_tick_size"]) if row["option_tick_size"] else None,
        gex_strike_step=float(step) if step else None,
        session_open_local=row["session_open_local"],
        session_close_local=row["session_close_local"],
        session_tz=row["session_tz"],
        stale_after_s=int(stale) if stale else None,
        barrier_mode=row["barrier_mode"],
        approach_min_ticks=float(approach) if approach else None,
        barrier_min_ticks=int(barrier) if barrier else None,
        kind=row["kind"],
        currency=row["currency"],
        lot=int(row["lot"]),
        calendar=row["calendar"] or None,
        ladder_step=float(row["ladder_step"]) if row["ladder_step"] else None,
        definitions=row["definitions"],
    )
