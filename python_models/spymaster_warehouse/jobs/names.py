"""Which relations and macros some SQL names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from spymaster_warehouse.jobs.catalogue import DATABASE

# schema and name
Name = tuple[str, str]

# perhaps with the database before them
_NAME = re.compile(rf'(?:"?{DATABASE}"?\.)?"?(\w+)"?\."?(\w+)"?')


def named_in(sql: Iterable[str], texts: Mapping[Name, str]) -> Iterator[Name]:
    """Yield the entries that some SQL names, directly or through others, each after its own.

    Args:
        sql: texts.
        texts: the SQL of which each entry is made, by its name.
    """
    seen: set[Name] = set()

    def below(text: str) -> Iterator[Name]:
        for match in _NAME.finditer(text):
            name = match[1], match[2]
            if name in texts and name not in seen:
                seen.add(name)
                yield from below(texts[name])
                yield name

    for text in sql:
        yield from below(text)
