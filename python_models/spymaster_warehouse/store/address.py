"""Where files outside of the lake lie, and what may go wrong on the way to them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from pyarrow import fs
from spymaster_ingest.errors import SpymasterError

from spymaster_warehouse.build_settings import BRONZE_VARIABLE

STORE_VARIABLE = "SPYMASTER_STORE"


class Place(NamedTuple):
    """What lies at an address, in the words of errors.

    Attributes:
        variable: of the environment, which holds the address.
        name: with its article.
        any_one: with an indefinite one.
    """

    variable: str
    name: str
    any_one: str

    @property
    def remedy(self) -> str:
        """Return what to do about an address that is none."""
        return f"set {self.variable} to a folder or to s3://bucket/prefix"


STORE = Place(STORE_VARIABLE, "the store", "a store")
BRONZE = Place(BRONZE_VARIABLE, "the bronze storage", "a bronze storage")

# as the vendor's own tools name them; Arrow reads the other variables of AWS itself
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_WAIT_S = 10
_AWS = re.compile(r"AWS Error ([A-Z0-9_]+)")
# a name of the server's that Arrow does not know
_NAMED = re.compile(r"Unable to parse ExceptionName: (\w+)")
_KNOWN = {
    "ACCESS_DENIED": ("access is denied", "check what the credentials may read and write"),
    "EXPIRED_TOKEN": ("the credentials have expired", "renew them"),
    "ExpiredToken": ("the credentials have expired", "renew them"),
    "INVALID_ACCESS_KEY_ID": ("the access key is unknown", "check the credentials"),
    "SIGNATURE_DOES_NOT_MATCH": ("the secret key is wrong", "check the credentials"),
    "NO_SUCH_BUCKET": ("there is no such bucket", "create it, or check its name"),
    "NETWORK_CONNECTION": ("the server cannot be reached", "check the network and the endpoint"),
    # an answer to a question for the head of a file says no more
    "UNKNOWN": ("the server refuses", "check that the credentials are valid and not expired"),
    "SLOW_DOWN": ("the server asks to slow down", "try again later"),
    "SERVICE_UNAVAILABLE": ("the server is not available", "try again later"),
}


def file_system_of(address: str, place: Place = STORE) -> tuple[fs.FileSystem, str]:
    """Return the file system of an address, and the path of its root in it.

    Credentials come from the environment or the profile of AWS, never from the address.

    Args:
        address: a folder, or ``s3://bucket/prefix``.
        place: what lies there.

    Raises:
        SpymasterError: It is no address of such a place.
    """
    if "://" not in address:
        path = Path(address).expanduser().resolve()
        if path.exists() and not path.is_dir():
            raise SpymasterError(
                path, f"cannot be {place.name}: it is not a directory", place.remedy
            )
        return fs.LocalFileSystem(), str(path)
    parts = urlsplit(address)
    if "@" in parts.netloc:
        raise SpymasterError(
            place.variable,
            "its address holds credentials, which would be shown",
            "put them into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        )
    if parts.scheme != "s3" or not _BUCKET.fullmatch(parts.netloc) or parts.query:
        raise SpymasterError(address, f"is no address of {place.any_one}", place.remedy)
    endpoint = next((os.environ[name] for name in _ENDPOINTS if os.environ.get(name)), None)
    files = fs.S3FileSystem(
        endpoint_override=endpoint, connect_timeout=_WAIT_S, request_timeout=_WAIT_S
    )
    return files, f"{parts.netloc}{parts.path.rstrip('/')}"


@contextmanager
def errors_in_one_line(address: str, place: Place = STORE) -> Iterator[None]:
    """Turn errors of a file system into one clear line, which holds no credentials."""
    cannot = f"{place.name} cannot be used"
    try:
        yield
    except FileNotFoundError as error:
        raise SpymasterError(address, f"{cannot}: a file is missing", "try again") from error
    except OSError as error:
        found = _NAMED.search(str(error)) or _AWS.search(str(error))
        if found is None:
            why = error.strerror or str(error).partition(";")[0]
            raise SpymasterError(address, f"{cannot}: {why}") from error
        why, remedy = _KNOWN.get(found[1], (f"the server answered {found[1]}", None))
        raise SpymasterError(address, f"{cannot}: {why}", remedy) from error
