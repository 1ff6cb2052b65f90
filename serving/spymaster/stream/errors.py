"""What a client did wrong, with the status of the answer."""

from __future__ import annotations

from spymaster_ingest.errors import SpymasterError


class RequestError(SpymasterError):
    """A request that cannot be answered; its text is the reason that the client reads."""

    status = 400


class NotFoundError(RequestError):
    """A contract, day, surface or file that is not there."""

    status = 404
