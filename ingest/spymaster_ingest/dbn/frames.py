"""Walk the frames of a zstd file without decompressing it.

A decompressor that runs out of input simply stops, so a truncated file looks like a short one.
The frame format (RFC 8878, section 3.1) says where every block and every frame ends; following
those lengths finds a cut at any byte and anything that was appended after the last frame.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from spymaster_ingest.errors import SpymasterError

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"

_SKIPPABLE_MAGIC_FIRST = 0x184D2A50
_SKIPPABLE_MAGIC_LAST = 0x184D2A5F
_MAGIC_BYTES = 4
_BLOCK_HEADER_BYTES = 3
_CHECKSUM_BYTES = 4
_BLOCK_RLE = 1
_BLOCK_RESERVED = 3
_DICTIONARY_ID_BYTES = (0, 1, 2, 4)
_CONTENT_SIZE_BYTES = (0, 2, 4, 8)


@dataclass(frozen=True)
class FrameScan:
    """Number of data frames, and how many of them carry a checksum."""

    frames: int
    frames_with_checksum: int

    @property
    def all_checksums(self) -> bool:
        """True when damage inside any frame is found by the decompressor."""
        return self.frames == self.frames_with_checksum


def scan_frames(path: Path) -> FrameScan:
    """Return the frame census of the zstd file ``path``.

    Raises:
        SpymasterError: the file ends inside a frame, a block has the reserved type, or bytes
            that are not a frame follow the last one.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return _Walk(path, descriptor).run()
    finally:
        os.close(descriptor)


class _Walk:
    """State of one walk: the open file and its length in bytes."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.descriptor = descriptor
        self.size = os.fstat(descriptor).st_size

    def run(self) -> FrameScan:
        position = frames = checksums = 0
        while position < self.size:
            magic = self._read(position, _MAGIC_BYTES, position)
            number = int.from_bytes(magic, "little")
            if _SKIPPABLE_MAGIC_FIRST <= number <= _SKIPPABLE_MAGIC_LAST:
                length = int.from_bytes(self._read(position + _MAGIC_BYTES, 4, position), "little")
                position = self._advance(position, 2 * _MAGIC_BYTES + length)
            elif magic == ZSTD_MAGIC:
                position, has_checksum = self._frame(position)
                frames += 1
                checksums += has_checksum
            elif frames:
                raise SpymasterError(
                    self.path, f"{self.size - position} bytes follow the last zstd frame"
                )
            else:
                raise SpymasterError(self.path, "is not a zstd file")
        if not frames:
            raise SpymasterError(self.path, "holds no zstd frame")
        return FrameScan(frames, checksums)

    def _frame(self, start: int) -> tuple[int, bool]:
        """Return the position after the frame at ``start`` and whether it has a checksum."""
        descriptor = self._read(start + _MAGIC_BYTES, 1, start)[0]
        single_segment = bool(descriptor & 0x20)
        has_checksum = bool(descriptor & 0x04)
        content_size_bytes = _CONTENT_SIZE_BYTES[descriptor >> 6]
        if single_segment and not content_size_bytes:
            content_size_bytes = 1
        header = 1 + (not single_segment) + _DICTIONARY_ID_BYTES[descriptor & 3]
        position = start + _MAGIC_BYTES + header + content_size_bytes
        last = False
        while not last:
            block = int.from_bytes(self._read(position, _BLOCK_HEADER_BYTES, start), "little")
            last = bool(block & 1)
            kind = (block >> 1) & 3
            if kind == _BLOCK_RESERVED:
                raise SpymasterError(
                    self.path, f"zstd data is damaged: reserved block type at byte {position}"
                )
            position = self._advance(
                position, _BLOCK_HEADER_BYTES + (1 if kind == _BLOCK_RLE else block >> 3), start
            )
        if has_checksum:
            position = self._advance(position, _CHECKSUM_BYTES, start)
        return position, has_checksum

    def _read(self, position: int, length: int, frame_start: int) -> bytes:
        data = os.pread(self.descriptor, length, position)
        if len(data) < length:
            self._truncated(frame_start)
        return data

    def _advance(self, position: int, length: int, frame_start: int | None = None) -> int:
        end = position + length
        if end > self.size:
            self._truncated(position if frame_start is None else frame_start)
        return end

    def _truncated(self, frame_start: int) -> None:
        raise SpymasterError(
            self.path,
            f"is truncated: the zstd frame at byte {frame_start} does not end within the "
            f"file's {self.size} bytes",
        )
