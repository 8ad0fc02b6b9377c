"""Opens a file as a stream of bytes, packed (gzip, Zstandard) or not, and notices where one is cut off."""

import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Advance = Callable[[int], None]
"""Called with the number of bytes just read from the disk."""

GZIP, ZSTANDARD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_NOTES = (
    b"\x2a\x4d\x18"  # a Zstandard frame of notes, which parallel packers write first: a byte 0x50 to 0x5f, and this
)
_WIDEST_WINDOW = 1 << 31  # bytes; what `zstd --long=31` needs
_BUFFER = 1 << 18
_PACKED_STEP = 1 << 12  # bounds what one step can unpack to (Zstandard: 128 MB at the very worst)


class CorruptStreamError(OSError):
    """The packed bytes are damaged."""


@contextmanager
def open_bytes(path: Path, advance: Advance | None = None) -> Iterator[io.BufferedIOBase]:
    """Open a file for reading, unpacked. What the bytes are decides, not the name of the file.

    Reading raises EOFError where a packed file is cut off and CorruptStreamError where it is damaged; all
    that came before has been handed out by then.
    """
    with io.BufferedReader(_Counted(path, advance), _BUFFER) as plain:
        head = plain.peek(4)[:4]
        zstandard = head == ZSTANDARD or (head[1:] == _NOTES and head[0] >> 4 == 5)
        if head.startswith(GZIP) or zstandard:
            with io.BufferedReader(_Unpacked(plain, zstandard), _BUFFER) as unpacked:
                yield unpacked
        else:
            yield plain


class _Decompressor(Protocol):
    """What zlib and zstandard have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


class _Counted(io.FileIO):
    """A file that reports how far it has been read."""

    def __init__(self, path: Path, advance: Advance | None) -> None:
        super().__init__(path, "rb")
        self._advance = advance

    def readinto(self, buffer: "WriteableBuffer", /) -> int | None:
        read = super().readinto(buffer)
        if read and self._advance is not None:
            self._advance(read)
        return read


class _Unpacked(io.RawIOBase):
    """The bytes inside a packed file of one or several members."""

    def __init__(self, packed: io.BufferedIOBase, zstandard: bool) -> None:
        self._packed = packed
        self._zstandard = zstandard
        self._member = self._new_member()
        self._inside = False  # of a member: an end of file here is a cut
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        out = memoryview(buffer).cast("B")
        while not self._ready:
            step = self._member.unused_data if self._member.eof else b""
            step = step or self._packed.read(_PACKED_STEP)
            if not step:
                if self._inside:
                    raise EOFError("the packed file is cut off")
                return 0
            self._unpack(step)
        taken = min(len(out), len(self._ready))
        out[:taken] = self._ready[:taken]
        self._ready = self._ready[taken:]
        return taken

    def _unpack(self, step: bytes) -> None:
        if self._member.eof:
            step = step.lstrip(b"\0")  # tapes and block devices pad with zeros
            self._member = self._new_member()
        if not step:
            self._inside = False
            return
        try:
            self._ready = memoryview(self._member.decompress(step))
        except Exception as error:
            if isinstance(error, zlib.error) or self._zstandard:
                raise CorruptStreamError(f"the packed file is damaged: {error}") from None
            raise
        self._inside = not self._member.eof

    def _new_member(self) -> _Decompressor:
        if not self._zstandard:
            return zlib.decompressobj(wbits=31)
        import zstandard

        return zstandard.ZstdDecompressor(max_window_size=_WIDEST_WINDOW).decompressobj()
