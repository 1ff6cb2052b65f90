"""The text messages of the stream: those that the server writes, and those that it reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from spymaster_ingest.units import NS_PER_S

from spymaster.stream import requests
from spymaster.stream.errors import RequestError
from spymaster.stream.frames import Frame
from spymaster.stream.playback import Playback, Send

END = '{"type":"end"}'
PUBLISHED = '{"type":"published"}'
_LONGEST = 512


def error(reason: str) -> str:
    """Return the message of an error."""
    return _text(type="error", reason=reason)


def batch_start(send: Send, frames: dict[str, Frame]) -> str:
    """Return the message before the surfaces of a batch."""
    return _text(
        type="batch_start",
        seq=send.seq,
        window_end_ts_ns=str(send.window_s * NS_PER_S),
        surfaces=[{"name": name, "rows": frame.rows} for name, frame in frames.items()],
        skipped=send.skipped,
    )


def surface_header(send: Send, name: str, frame: Frame) -> str:
    """Return the message before the Arrow stream of a surface; built often, so by hand."""
    return (
        f'{{"type":"surface_header","seq":{send.seq},"surface":"{name}",'
        f'"window_end_ts_ns":"{send.window_s * NS_PER_S}","rows":{frame.rows}}}'
    )


def batch_end(send: Send) -> str:
    """Return the message after the surfaces of a batch."""
    return f'{{"type":"batch_end","seq":{send.seq}}}'


def apply(text: str, playback: Playback, now: float) -> bool:
    """Do what a message of a client says.

    Args:
        text: the message.
        playback: state of the client.
        now: time of the clock.

    Returns:
        Whether it acknowledged a batch that was not acknowledged before.

    Raises:
        RequestError: The message cannot be read, or names no window or batch.
    """
    message = _parse(text)
    kind = message.get("type")
    if kind == "ack":
        return playback.acknowledge(_integer(message, "seq"))
    if kind not in _COMMANDS:
        raise RequestError("message", f"has no type of {', '.join(('ack', *_COMMANDS))}")
    _COMMANDS[kind](message, playback, now)
    return False


def _parse(text: str) -> dict[str, Any]:
    if len(text) > _LONGEST:
        raise RequestError("message", f"is longer than {_LONGEST} characters")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as failure:
        raise RequestError("message", "is no JSON") from failure
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise RequestError("message", "is no JSON object with a type")
    return message


def _integer(message: dict[str, Any], name: str) -> int:
    value = message.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise RequestError(name, "must be a whole number")
    return value


def _seek(message: dict[str, Any], playback: Playback, now: float) -> None:
    value = message.get("window_end_ts_ns")
    if not isinstance(value, str):
        raise RequestError("window_end_ts_ns", "must be a text of digits")
    ns = requests.nanoseconds({"window_end_ts_ns": value}, "window_end_ts_ns")
    playback.seek(requests.at_or_after(ns), now)


def _speed(message: dict[str, Any], playback: Playback, now: float) -> None:
    value = message.get("value")
    if isinstance(value, str):
        raise RequestError("value", "must be a number")
    playback.set_speed(requests.speed(value), now)


def _pause(_: dict[str, Any], playback: Playback, now: float) -> None:
    playback.pause(now)


def _resume(_: dict[str, Any], playback: Playback, now: float) -> None:
    playback.resume(now)


_COMMANDS: dict[str, Callable[[dict[str, Any], Playback, float], None]] = {
    "seek": _seek,
    "speed": _speed,
    "pause": _pause,
    "resume": _resume,
}


def _text(**fields: object) -> str:
    return json.dumps(fields, separators=(",", ":"))
