"""``spymaster serve``: what it says before it runs, and that it runs."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from click.testing import CliRunner
from spymaster.commands.serve import command
from spymaster.stream.reader import open_reader
from spymaster.stream.server import TOKEN_VARIABLE
from spymaster.stream.start import opening_day
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from support.hud_lake import DAY, SYMBOL, write_lake


@pytest.fixture(autouse=True)
def environment(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)


def error_of(*arguments: str) -> str:
    result = CliRunner().invoke(command, arguments)
    assert isinstance(result.exception, SpymasterError), result.output
    return str(result.exception)


def test_the_newest_day_is_opened(lake: Lake) -> None:
    with open_reader(lake) as reader:
        for symbol, day in ((None, None), (SYMBOL, None), (None, DAY), (SYMBOL, DAY)):
            assert opening_day(reader, symbol, day).day == DAY


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--symbol", "ESZ6"), "ESZ6: there is no such contract-day (built: ESZ5)"),
        (("--symbol", "esz5"), "esz5: there is no such contract-day (did you mean ESZ5?)"),
        (("--dt", "2025-10-02"), "2025-10-02: there is no such contract-day (built: ESZ5)"),
        (
            ("--symbol", "ESZ5", "--dt", "2025-10-02"),
            "ESZ5 2025-10-02: there is no such contract-day "
            "(built of it: 1 UTC days from 2025-10-01 to 2025-10-01)",
        ),
    ],
)
def test_a_day_that_is_not_there(arguments: tuple[str, ...], line: str) -> None:
    assert error_of(*arguments) == line


def test_nothing_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LAKE_VARIABLE, str(tmp_path))
    assert "nothing is published yet (run `spymaster build`)" in error_of()


def test_no_day_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = write_lake(Lake(tmp_path / "lake"), count=0)
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    assert "the lake: there is no such contract-day (no contract is built" in error_of()


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert error_of("--port", str(port)) == (
            f"127.0.0.1:{port}: another program listens there "
            "(give another --port, or 0 for a free one)"
        )


def test_a_host_that_is_not_here() -> None:
    assert error_of("--host", "203.0.113.7", "--port", "0").startswith(
        "203.0.113.7:0: cannot listen:"
    )


def test_a_host_that_is_no_name() -> None:
    assert error_of("--host", "a" * 300, "--port", "0").endswith(
        ":0: cannot listen: is no host name"
    )


def test_a_short_token_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, "short")
    assert "must be 16 to 128 letters" in error_of("--host", "0.0.0.0")


@pytest.mark.parametrize("arguments", [("--speed", "-1"), ("--speed", "1e9"), ("--port", "99999")])
def test_values_out_of_range(arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(command, arguments).exit_code == 2


def test_help_has_an_example() -> None:
    result = CliRunner().invoke(command, ["--help"])
    assert "spymaster serve --symbol ESZ5 --dt 2025-10-16 --speed 4 --port 9000" in result.output


@pytest.mark.parametrize(("arguments", "is_allowed"), [((), False), (("--allow-levels",), True)])
def test_levels_are_written_only_when_allowed(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], is_allowed: bool
) -> None:
    given = []
    monkeypatch.setattr("spymaster.stream.app.create_app", lambda *_, **named: given.append(named))
    monkeypatch.setattr("spymaster.stream.server.server_of", lambda app: MagicMock())
    result = CliRunner().invoke(command, ["--port", "0", *arguments])
    assert result.exit_code == 0, result.output
    assert given == [{"levels_of": lake if is_allowed else None}]


def test_it_prints_the_address_answers_there_and_ends_with_ctrl_c(lake: Lake) -> None:
    arguments = ["serve", "--port", "0", "--host", "0.0.0.0", "--speed", "4"]
    with subprocess.Popen(
        [sys.executable, "-c", "from spymaster.cli import main; main()", *arguments],
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            address = process.stdout.readline().strip()
            found = re.fullmatch(
                r"http://0\.0\.0\.0:(\d+)/\?symbol=ESZ5&dt=2025-10-01&speed=4&token=([\w-]{32})",
                address,
            )
            assert found, address + process.stderr.read()
            connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=20)
            headers = {"Authorization": f"Bearer {found[2]}"}
            for given, status in (({}, 401), (headers, 200)):
                connection.request("GET", "/v1/hud/days", headers=given)
                response = connection.getresponse()
                response.read()
                assert response.status == status
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
            # nothing of the requests, least of all the token, is logged
            assert process.stdout.read() == ""
            assert process.stderr.read() == ""
        finally:
            process.kill()
