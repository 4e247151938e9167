"""A PNG taken apart, chunk by chunk: it may hold its picture and nothing beside it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from workbench.gate._parts import LATIN, Opened

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_LENGTHS: dict[bytes, frozenset[int]] = {
    b"IHDR": frozenset({13}),
    b"PLTE": frozenset(range(3, 769, 3)),
    b"tRNS": frozenset(range(1, 257)),
    b"gAMA": frozenset({4}),
    b"cHRM": frozenset({32}),
    b"sRGB": frozenset({1}),
    b"sBIT": frozenset(range(1, 5)),
    b"pHYs": frozenset({9}),
    b"bKGD": frozenset({1, 2, 6}),
}
"""Chunks that a picture needs to be shown, with the lengths they may have (W3C, PNG, third edition)."""

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_LARGEST = 100_000_000
"""Bytes of a picture when unpacked."""


class _BadPicture(ValueError):
    """The file is not the PNG it begins as."""


def open_png(content: bytes) -> Opened:
    """
    Take a PNG apart: the chunks that could hold text are searched, and refused (`chunk`).

    Its pixels cannot be read: words drawn in them are not found. Anything after its end, between its
    chunks or behind its pixels is refused (`chunk`). Raises ValueError if it is not a whole PNG.
    """
    opened = Opened()
    data: list[bytes] = []
    header = b""
    seen: set[bytes] = set()
    for kind, body, whole in _chunks(content):
        if kind == b"IDAT":
            data.append(body)
        elif kind == b"IEND":
            if body or not whole:
                opened.breaks("chunk", "more than a picture")
                _hold(content, opened)
            break
        elif kind not in _LENGTHS or len(body) not in _LENGTHS[kind] or kind in seen:
            opened.breaks("chunk", "more than a picture")
            _hold(body, opened)
            _hold(kind + body, opened)
        elif kind == b"IHDR":
            header = body
        seen.add(kind)
    _pixels(b"".join(data), header, opened)
    return opened


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """Yield each chunk's type and body, and whether nothing follows what it ends."""
    if not content.startswith(_SIGNATURE):
        raise _BadPicture
    at = len(_SIGNATURE)
    first = True
    while at < len(content):
        length = int.from_bytes(content[at : at + 4])
        kind, end = content[at + 4 : at + 8], at + 12 + length
        body, check = content[at + 8 : end - 4], content[end - 4 : end]
        if end > len(content) or int.from_bytes(check) != zlib.crc32(kind + body):
            raise _BadPicture
        if first != (kind == b"IHDR"):
            raise _BadPicture
        first, at = False, end
        yield kind, body, at == len(content)
        if kind == b"IEND":
            return
    raise _BadPicture


def _pixels(packed: bytes, header: bytes, opened: Opened) -> None:
    """Unpack the pixels and see that they are just as many as the header says."""
    width, height = int.from_bytes(header[:4]), int.from_bytes(header[4:8])
    depth, colour, _, _, interlaced = header[8:13]
    if colour not in _CHANNELS or interlaced or depth not in (1, 2, 4, 8, 16):
        raise _BadPicture
    size = height * (1 + (width * depth * _CHANNELS[colour] + 7) // 8)
    if not 0 < size <= _LARGEST:
        raise _BadPicture
    unpacking = zlib.decompressobj()
    pixels = unpacking.decompress(packed, size + 1)
    if len(pixels) < size:
        raise _BadPicture
    if len(pixels) > size or not unpacking.eof or unpacking.unused_data:
        opened.breaks("chunk", "more than a picture")
        _hold(packed + unpacking.unused_data, opened)
        _hold(pixels[size:] + unpacking.decompress(unpacking.unconsumed_tail, _LARGEST), opened)


def _hold(body: bytes, opened: Opened) -> None:
    """Hand over what a chunk says, as it stands and unpacked."""
    bodies = [body]
    for at in range(min(len(body), 120)):
        if body[at] & 0x0F == 8 and int.from_bytes(body[at : at + 2]) % 31 == 0:
            try:
                bodies.append(zlib.decompressobj().decompress(body[at:], 1_000_000))
            except zlib.error:
                continue
    for one in bodies:
        opened.holds_bytes("a chunk", one)
        opened.holds("a chunk", one.decode(LATIN))
