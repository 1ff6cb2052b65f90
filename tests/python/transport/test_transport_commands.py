"""The commands around NATS: what they refuse, and the server that they run."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from spymaster.cli import cli
from spymaster.transport.interface import Delivery
from spymaster.transport.outlet import nats_outlet
from spymaster.transport.parquet_store import ParquetStore, Written
from spymaster.transport.settings import (
    CREDENTIALS_VARIABLE,
    NATS_VARIABLE,
    TOKEN_VARIABLE,
    NatsSettings,
)
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from support.nats_server import kill, wait_for

_EXTRA = r"NATS: needs what is not installed \(install the extra `nats`: uv sync --extra nats\)"


def refusal(tmp_path: Path, *arguments: str, **variables: str) -> str:
    """Return the line with which a command refuses."""
    done = CliRunner().invoke(
        cli, arguments, env={LAKE_VARIABLE: str(tmp_path / "lake")} | variables
    )
    assert isinstance(done.exception, SpymasterError), done.output
    return str(done.exception) + done.output


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "spymaster.transport.nats_transport", raising=False)
    monkeypatch.setitem(sys.modules, "nats.aio.client", None)
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    for name in ("gateway", "persist", "nats"):
        with pytest.raises(SpymasterError, match=_EXTRA):
            raise SpymasterError(*refusal(tmp_path, name).split(": ", 1))
    with pytest.raises(SpymasterError, match=_EXTRA):
        nats_outlet("nats://127.0.0.1:4222", "run", "sim", "ESH4")


def test_addresses_hold_no_secret(tmp_path: Path) -> None:
    for given in (
        {"arguments": ("--nats", "nats://me:pass1234@host:4222")},
        {NATS_VARIABLE: "nats://me:pass1234@host:4222"},
    ):
        arguments = given.pop("arguments", ())
        line = refusal(tmp_path, "persist", *arguments, **given)
        assert "holds no user or password" in line and CREDENTIALS_VARIABLE in line
        assert "pass1234" not in line
    assert "is no address of NATS" in refusal(tmp_path, "gateway", "--nats", "localhost")
    line = refusal(tmp_path, "gateway", **{CREDENTIALS_VARIABLE: str(tmp_path / "none")})
    assert "names no file" in line


def test_credentials_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, "pass1234")
    settings = NatsSettings.of("nats://host:4222")
    assert settings.token == "pass1234"
    assert "pass1234" not in repr(settings)


def test_the_server_of_a_desk_keeps_its_streams_in_the_lake(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    port = _free_port()
    main = [sys.executable, "-c", "from spymaster.cli import main; main()"]
    with subprocess.Popen(
        [*main, "nats", "--port", str(port)],
        env=os.environ | {LAKE_VARIABLE: str(lake.root)},
        stderr=subprocess.PIPE,
    ) as process:
        try:
            assert process.stderr
            wait_for(lambda: b"Server is ready" in process.stderr.readline())
            assert (lake.jetstream / "jetstream").is_dir()
        finally:
            kill(process)


def test_one_process_writes_to_a_lake(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    lake.make_root()
    with ParquetStore(lake.messages).locked():
        assert "another `persist` writes there" in refusal(tmp_path, "persist")


def test_a_key_stays_with_its_first_payload(tmp_path: Path) -> None:
    tmp_path = tmp_path / "messages"
    store = ParquetStore(tmp_path)
    subject = "levels.signals"
    sent = [
        Delivery(subject, b"{}", "run:ESH4:level_signals:5000000000", None),
        Delivery(subject, b"{}", "run:ESH4:level_signals:5000000000", None),
        Delivery(subject, b"{}", "", None),
        Delivery("market./../../out", b"{}", "run:ESH4:mbo:5:6", None),
    ]
    assert store.write(sent) == Written(n_new=1, n_known=1, n_without_key=2)
    assert [path.name for path in tmp_path.iterdir()] == [subject]
    left = tmp_path / subject / "run=run" / ".tmp-0.parquet"
    left.write_bytes(b"of a process that was killed")
    other = Delivery(subject, b"[]", sent[0].key, None)
    store = ParquetStore(tmp_path)
    assert store.write([sent[0], other]) == Written(n_known=1, n_different=1)
    assert not left.exists()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]
