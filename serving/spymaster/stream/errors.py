"""What a client did wrong, with the status of the answer."""

from __future__ import annotations

import re

from spymaster_ingest.errors import SpymasterError, as_one_line

_FOLDERS = re.compile(r"(?<![\w./])/(?:[^\s/:'\"()]+/)+")


class RequestError(SpymasterError):
    """A request that cannot be answered; its text is the reason that the client reads."""

    status = 400


class NotFoundError(RequestError):
    """A contract, day, surface or file that is not there."""

    status = 404


def reason_of(error: Exception) -> str:
    """Return the text of an error for a client: without folders of this machine."""
    return _FOLDERS.sub("", as_one_line(error) or "the server failed")
