"""What carries messages, from a run to those who take them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from spymaster_ingest.errors import SpymasterError

from spymaster.transport.messages import Message, Stream


class NotSentError(SpymasterError):
    """Messages may not have arrived; whoever sent them can send them again."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as it arrived.

    Attributes:
        subject: what it is about.
        payload: JSON.
        key: its key as text; empty when it has none.
        handle: what its transport needs to acknowledge it.
        n_waiting: messages of the stream that came after it and wait to be fetched.
    """

    subject: str
    payload: bytes
    key: str
    handle: Any
    n_waiting: int = 0


class Publisher(Protocol):
    """Takes messages."""

    async def publish(self, messages: Sequence[Message]) -> None:
        """Return when all messages are kept; one that was published before is kept once.

        Raises:
            NotSentError: Some may not be kept.
        """

    async def close(self) -> None:
        """Let go of what it holds."""


class Consumer(Protocol):
    """Gives the messages of a stream; what is not acknowledged comes again."""

    async def fetch(self, most: int, within_s: float) -> list[Delivery]:
        """Return up to ``most`` messages, or none when none has come in the time."""

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Say that messages need not come again."""


class Transport(Publisher, Protocol):
    """Takes messages and gives them to consumers."""

    async def consume(
        self, stream: Stream, durable: str | None, *, in_order: bool = False
    ) -> Consumer:
        """Return a consumer of a stream.

        Args:
            stream: what it takes.
            durable: name under which the transport keeps how far it is, from the oldest message
                on; None for one that begins with the newest and is forgotten when it goes.
            in_order: messages come as they were published: one that was lost on its way comes
                again with all after it. Some come twice. One consumer may have the name.
        """
