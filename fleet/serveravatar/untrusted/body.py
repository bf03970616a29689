"""The body of a response, unpacked piece by piece, so that no response can fill the memory."""

import zlib
from collections.abc import AsyncIterable
from typing import Final

from fleet.serveravatar.untrusted.exceeded import ExceededError

LARGEST_PACKED: Final = 16 * 1024**2
"""Bytes on the wire. The largest honest response, ten thousand servers on one page, takes less."""
LARGEST: Final = 32 * 1024**2
"""Bytes unpacked."""
_ENCODINGS: Final = {"": None, "identity": None, "gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16}


class UnpackingError(ValueError):
    """A body that cannot be unpacked; the text continues "the response ..."."""


async def read_body(pieces: AsyncIterable[bytes], encoding: str) -> bytes:
    """Read a response's body within the bounds.

    Args:
        pieces: of the body, as they come.
        encoding: the header `Content-Encoding`.

    Raises:
        ExceededError: it is too large, packed or unpacked.
        UnpackingError: it is not packed as was requested.
    """
    encoding = encoding.strip().casefold()
    if encoding not in _ENCODINGS:  # Packed twice, a few bytes on the wire would be gigabytes.
        raise UnpackingError("is packed in a way that was not requested")
    body = _Body(_ENCODINGS[encoding])
    async for piece in pieces:
        body.take(piece)
    return body.whole()


class _Body:
    def __init__(self, window_bits: int | None) -> None:
        self._unpacking = zlib.decompressobj(window_bits) if window_bits is not None else None
        self._packed = 0
        self._content = bytearray()

    def take(self, piece: bytes) -> None:
        self._packed += len(piece)
        if self._packed > LARGEST_PACKED:
            raise ExceededError(f"is larger than {LARGEST_PACKED // 1024**2} MB")
        self._content += piece if self._unpacking is None else self._unpacked(self._unpacking, piece)
        if len(self._content) > LARGEST:
            raise ExceededError(f"is larger than {LARGEST // 1024**2} MB when unpacked")

    def _unpacked(self, unpacking: "zlib._Decompress", piece: bytes) -> bytes:
        try:
            return unpacking.decompress(piece, LARGEST + 1 - len(self._content))
        except zlib.error as error:
            raise UnpackingError(f"cannot be unpacked: {error}") from None

    def whole(self) -> bytes:
        if self._unpacking is not None and self._packed and not self._unpacking.eof:
            raise UnpackingError("ends too early")
        return bytes(self._content)
