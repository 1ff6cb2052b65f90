"""An S3 server on loopback whose answers a test may spoil."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

BUCKET = "partitions"
SECRET = "secret-of-the-tests"
_ERROR = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{}</Code><Message>no</Message></Error>'

Answer = Callable[[dict[str, Any]], tuple[str, str] | None]


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Print nothing."""


class ObjectStore:
    """Moto's S3 over HTTP, with one bucket.

    ``spoil`` takes each request before moto does, and returns a status line and an error code to
    answer instead, or None. ``requests`` are the methods and paths that came.
    """

    def __init__(self) -> None:
        self.spoil: Answer = lambda _: None
        self.requests: list[str] = []
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server(
            "127.0.0.1", 0, self._answer, threaded=True, request_handler=_Quiet
        )
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def _answer(self, environment: dict[str, Any], start_response: Any) -> Any:
        self.requests.append(f"{environment['REQUEST_METHOD']} {environment['PATH_INFO']}")
        spoiled = self.spoil(environment)
        if spoiled is None:
            return self._moto(environment, start_response)
        status, code = spoiled
        body = _ERROR.format(code).encode()
        start_response(
            status, [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))]
        )
        return [body]

    @contextmanager
    def served(self) -> Iterator[ObjectStore]:
        """Serve requests for a while."""
        self._thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()


@contextmanager
def object_store(patch: pytest.MonkeyPatch) -> Iterator[ObjectStore]:
    """Serve a bucket, and point the environment at it."""
    with ObjectStore().served() as server:
        patch.setenv("AWS_ENDPOINT_URL", server.endpoint)
        patch.setenv("AWS_ACCESS_KEY_ID", "tests")
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        boto3.client("s3", endpoint_url=server.endpoint).create_bucket(Bucket=BUCKET)
        yield server
