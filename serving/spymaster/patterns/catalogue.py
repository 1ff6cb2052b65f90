"""The catalogue of what the book shows before key movements, the strongest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spymaster_engine.statistics.evaluation.movement_profile import SHOWN, TOO_FEW
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake

from spymaster.patterns.reading_words import sentence_of
from spymaster.published import open_published

Row = dict[str, Any]

RELATION = "gold.key_movement_profile"
_SAME = 1e-6
_BY_SECOND = (
    "second",
    "n_movements",
    "n_matches",
    "n_days",
    "mean",
    "mean_lo",
    "mean_hi",
    "matched_mean",
    "matched_lo",
    "matched_hi",
    "z",
    "z_lo",
    "z_hi",
    "welch_t",
)


@dataclass(frozen=True)
class Course:
    """One reading, or one difference of it, over the seconds before movements of a direction.

    Attributes:
        root, direction, reading, derivative: as in the relation.
        values: (n_seconds,) float64 by the names of the relation's columns, NaN for NULL.
        verdict: (n_seconds,) verdicts.
        placebo_largest: |welch_t| that chance reaches somewhere in one of twenty catalogues.
    """

    root: str
    direction: str
    reading: str
    derivative: int
    values: dict[str, NDArray[np.float64]]
    verdict: NDArray[np.str_]
    placebo_largest: float

    def strongest(self) -> int:
        """Return the place of the second furthest from chance, among shown ones if there are."""
        size = np.nan_to_num(np.abs(self.values["welch_t"]), nan=-1.0)
        return int(np.argmax(np.where(self.verdict == SHOWN, size + size.max() + 1.0, size)))

    def rank(self) -> tuple[bool, float]:
        """Return what sorts courses, the strongest last."""
        place = self.strongest()
        size = abs(self.values["welch_t"][place])
        return self.verdict[place] == SHOWN, -1.0 if np.isnan(size) else float(size)

    def begin(self) -> int | None:
        """Return from which second on the difference is shown up to the strongest; None if not."""
        place = self.strongest()
        if self.verdict[place] != SHOWN:
            return None
        sign = np.sign(self.values["z"])
        while place and self.verdict[place - 1] == SHOWN and sign[place - 1] == sign[place]:
            place -= 1
        return int(self.values["second"][place])

    def row(self) -> Row:
        """Return the course at its strongest second as a row of the catalogue."""
        place = self.strongest()
        at = {name: _number(values[place]) for name, values in self.values.items()}
        z = at["z"]
        return {
            "root": self.root,
            "direction": self.direction,
            "reading": self.reading,
            "derivative": self.derivative,
            "words": sentence_of(self.reading, self.derivative, is_more=z is None or z >= 0),
            "shown_from_s": self.begin(),
            "strongest_s": int(at["second"] or 0),
            **{name: int(at[name] or 0) for name in ("n_movements", "n_matches", "n_days")},
            **{name: at[name] for name in ("mean", "matched_mean", "z", "z_lo", "z_hi", "welch_t")},
            "placebo_largest_q95": _number(self.placebo_largest),
            "verdict": str(self.verdict[place]),
        }


@dataclass(frozen=True)
class Catalogue:
    """Courses, the strongest first, and how many there are.

    Attributes:
        courses: the strongest course of each reading and direction; a reading that equals
            another one or its negative is left out.
        every: every course, by product, direction, reading and derivative.
    """

    courses: list[Course]
    every: dict[tuple[str, str, str, int], Course]

    def course_like(self, course: Course, direction: str) -> Course | None:
        """Return the course of the same reading and difference before moves of a direction."""
        return self.every.get((course.root, direction, course.reading, course.derivative))

    def summaries(self) -> list[str]:
        """Return a line per product and direction: movements, days, and how much is shown."""
        groups: dict[tuple[str, str], list[Course]] = {}
        for course in self.courses:
            groups.setdefault((course.root, course.direction), []).append(course)
        return [_summary(group, courses) for group, courses in sorted(groups.items())]

    def rows(self, limit: int) -> list[Row]:
        """Return the first rows of the catalogue."""
        return [course.row() for course in self.courses[:limit]]


def read_catalogue(lake: Lake, symbol: str | None, direction: str | None) -> Catalogue:
    """Read the catalogue from the published file.

    Args:
        lake: the lake.
        symbol: contract whose product is wanted; None for every product.
        direction: up or down; None for both.

    Raises:
        SpymasterError: Nothing is published, nothing has been judged, or nothing of the product.
    """
    with open_published(lake, [RELATION]) as connection:
        roots = [
            root
            for (root,) in connection.execute(
                f"select distinct root from {RELATION} order by root"  # noqa: S608
            ).fetchall()
        ]
        wanted = roots if symbol is None else [root for root in roots if _is_of(symbol, root)]
        if not wanted:
            raise SpymasterError(
                RELATION if symbol is None else symbol,
                "no key movements have been judged"
                + ("" if symbol is None or not roots else f", only those of {', '.join(roots)}"),
                "run `spymaster evaluate`",
            )
        found = connection.execute(
            f"select * from {RELATION} where root in ? and direction in ? "  # noqa: S608
            "order by root, direction, reading, derivative, second",
            [wanted, ["up", "down"] if direction is None else [direction]],
        ).fetchnumpy()
    if not len(found["root"]):
        raise SpymasterError(RELATION, f"there are no key movements {direction}")
    return catalogue_of(found)


def catalogue_of(columns: Mapping[str, Any]) -> Catalogue:
    """Return the catalogue of the relation's columns, their rows in the order of its key."""
    every = list(_courses(columns))
    courses = _strongest_of_readings(_distinct(every))
    return Catalogue(
        sorted(courses, key=Course.rank, reverse=True),
        {(one.root, one.direction, one.reading, one.derivative): one for one in every},
    )


def _is_of(symbol: str, root: str) -> bool:
    """Return whether a contract's symbol, or a root itself, is of the product."""
    rest = symbol.removeprefix(root) if symbol.startswith(root) else None
    return rest == "" or (rest is not None and rest[:1].isalpha() and rest[1:].isdigit())


def _courses(found: Mapping[str, Any]) -> Iterator[Course]:
    """Yield the courses of rows in order."""
    key = list(
        zip(*(found[name] for name in ("root", "direction", "reading", "derivative")), strict=True)
    )
    starts = [place for place in range(len(key)) if place == 0 or key[place] != key[place - 1]]
    numbers = {
        name: np.ma.filled(np.ma.asarray(found[name], np.float64), np.nan)
        for name in (*_BY_SECOND, "placebo_largest_q95")
    }
    for start, end in zip(starts, [*starts[1:], len(key)], strict=True):
        root, direction, reading, derivative = key[start]
        yield Course(
            root,
            direction,
            reading,
            int(derivative),
            {name: numbers[name][start:end] for name in _BY_SECOND},
            np.asarray(found["verdict"][start:end], np.str_),
            float(numbers["placebo_largest_q95"][start]),
        )


def _distinct(courses: Iterable[Course]) -> Iterator[Course]:
    """Leave out courses whose z equals that of an earlier reading, up to the sign."""
    kept: dict[tuple[str, str, int], list[NDArray[np.float64]]] = {}
    for course in courses:
        others = kept.setdefault((course.root, course.direction, course.derivative), [])
        size = np.abs(course.values["z"])
        is_known = bool(np.isfinite(size).any())
        if is_known and any(
            np.allclose(size, other, rtol=_SAME, atol=_SAME, equal_nan=True) for other in others
        ):
            continue
        others.append(size)
        yield course


def _strongest_of_readings(courses: Iterable[Course]) -> Iterator[Course]:
    """Yield the strongest of the reading and its differences."""
    of_reading: dict[tuple[str, str, str], Course] = {}
    for course in courses:
        key = (course.root, course.direction, course.reading)
        if key not in of_reading or course.rank() > of_reading[key].rank():
            of_reading[key] = course
    yield from of_reading.values()


def _summary(scope: tuple[str, str], courses: Sequence[Course]) -> str:
    root, direction = scope
    rows = [course.row() for course in courses]
    movements, days = (max(row[name] for row in rows) for name in ("n_movements", "n_days"))
    where = f"{root}, moves {direction}: {movements:,} on {days:,} {'day' if days == 1 else 'days'}"
    if all(row["verdict"] == TOO_FEW for row in rows):
        return f"{where}: too few movements for a verdict."
    shown = sum(row["verdict"] == SHOWN for row in rows)
    chance = rows[0]["placebo_largest_q95"]
    found = f"{shown} of {len(rows)} readings shown" if shown else f"not shown: none of {len(rows)}"
    return (
        f"{where}; {found}. Chance alone passes {chance:.2f} standard errors somewhere in one of "
        "twenty catalogues."
    )


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
