"""compose.yaml and Containerfile: by the compose specification, hardened, and of this program."""

from __future__ import annotations

import importlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from spymaster.cli import COMMANDS

PROJECT = Path(__file__).parents[3]
SCHEMA = Path(__file__).parent / "data" / "compose-spec.json"
SERVICES = {"nats", "serve", "live", "gateway", "persist"}
VALUES = {
    "SPYMASTER_NATS_TOKEN": "n" * 16,
    "SPYMASTER_SERVE_TOKEN": "s" * 16,
    "SPYMASTER_SYMBOL": "ESZ5",
    "SPYMASTER_DATASET": "GLBX.MDP3",
    "DATABENTO_API_KEY": "key",
}


@pytest.fixture(scope="module")
def desk() -> dict[str, Any]:
    return yaml.safe_load((PROJECT / "compose.yaml").read_text(encoding="utf-8"))


def filled(text: str) -> str:
    """Return a text with the variables of the environment, as compose fills them."""
    return re.sub(r"\$\{(\w+)[^}]*\}", lambda found: VALUES[found[1]], text)


def test_it_is_what_the_compose_specification_allows(desk: dict[str, Any]) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    specified = jsonschema.Draft7Validator(schema)
    specified.validate(desk)
    assert set(desk["services"]) == SERVICES
    assert not specified.is_valid({"services": {"live": {"readonly": True}}})


def test_every_service_is_hardened_and_looked_after(desk: dict[str, Any]) -> None:
    for name, service in desk["services"].items():
        assert service["user"] == "10001", name
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        # nobody but this machine reaches a port
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        kind, python, option, code = service["healthcheck"]["test"]
        assert [kind, python, option] == ["CMD", "python", "-c"]
        compile(code, name, "exec")
        mounted = [volume.partition(":")[0] for volume in service["volumes"]]
        assert set(mounted) <= set(desk["volumes"]), name


def test_commands_are_those_of_the_program(desk: dict[str, Any]) -> None:
    for name, service in desk["services"].items():
        if "entrypoint" in service:
            assert service["entrypoint"] == ["nats-server"]
            continue
        command, *arguments = map(filled, service["command"])
        assert command in COMMANDS, name
        module = importlib.import_module(f"spymaster.commands.{command}")
        # raises where an option or a value is not the command's
        module.command.make_context(command, arguments)


def test_no_secret_has_a_default(desk: dict[str, Any]) -> None:
    text = (PROJECT / "compose.yaml").read_text(encoding="utf-8")
    for name in ("SPYMASTER_NATS_TOKEN", "SPYMASTER_SERVE_TOKEN", "DATABENTO_API_KEY"):
        assert f"${{{name}:?" in text
        assert f"${{{name}:-" not in text
    used = set(re.findall(r"\$\{(\w+)", text))
    assert used == VALUES.keys()


def test_the_image_is_made_of_what_is_here() -> None:
    lines = (PROJECT / "Containerfile").read_text(encoding="utf-8").splitlines()
    copied = [
        line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line
    ]
    for pattern in (one for line in copied for one in line):
        assert list(PROJECT.glob(pattern)), pattern
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users == ["10001"]


def test_the_image_builds() -> None:
    for program in ("docker", "podman"):
        path = shutil.which(program)
        if path and not subprocess.run([path, "info"], capture_output=True, check=False).returncode:
            build = [path, "build", "-f", "Containerfile", "-t", "spymaster-test", "."]
            assert subprocess.run(build, cwd=PROJECT, check=False).returncode == 0
            return
    pytest.skip("no container runtime answers on this machine")
