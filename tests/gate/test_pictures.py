"""A picture taken apart chunk by chunk: what a picture needs passes, one byte more does not."""

from __future__ import annotations

import struct
import zlib

import pytest

from tests.gate.leaks import chunk, png
from workbench.gate import _png
from workbench.gate._parts import Opened, Passage
from workbench.gate._png import open_png

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MORE = [("chunk", "more than a picture")]


def _picture(width: int, height: int, depth: int, colour: int, size: int, *, interlaced: int = 0) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))
    return SIGNATURE + header + chunk(b"IDAT", zlib.compress(bytes(size))) + chunk(b"IEND", b"")


def test_a_picture_holds_nothing_to_read():
    """A plain picture breaks no rule and has no text."""
    assert open_png(png()) == Opened()


@pytest.mark.parametrize(
    ("kind", "lengths", "others"),
    [
        (b"PLTE", (3, 768), (0, 2, 4, 769, 771)), (b"tRNS", (1, 256), (0, 257)), (b"gAMA", (4,), (3, 5)),
        (b"cHRM", (32,), (31, 33)), (b"sRGB", (1,), (0, 2)), (b"sBIT", (1, 4), (0, 5)),
        (b"pHYs", (9,), (8, 10)), (b"bKGD", (1, 2, 6), (0, 3, 4, 5, 7)),
        (b"tEXt", (), (0, 4)), (b"tIME", (), (7,)), (b"prVt", (), (4,)), (b"IHDR", (), (13,)),
    ],
)  # fmt: skip
def test_a_chunk_has_its_length(kind, lengths, others):
    """A chunk that a picture needs passes once in each length it may have; others are refused."""
    for length in lengths:
        assert open_png(png(chunk(kind, bytes(length)))).broken == []
        assert open_png(png(chunk(kind, bytes(length)), chunk(kind, bytes(length)))).broken == MORE
    for length in others:
        if kind == b"IHDR":
            with pytest.raises(ValueError, match=r"^$"):
                open_png(png(chunk(kind, bytes(length))))
        else:
            assert open_png(png(chunk(kind, bytes(length)))).broken == MORE


@pytest.mark.parametrize(
    ("width", "height", "depth", "colour", "size"),
    [
        (2, 2, 8, 0, 6), (2, 2, 8, 2, 14), (2, 2, 8, 3, 6), (2, 2, 8, 4, 10), (2, 2, 8, 6, 18),
        (2, 2, 16, 0, 10), (9, 1, 1, 0, 3), (8, 1, 1, 0, 2), (1, 1, 4, 0, 2), (5, 1, 2, 3, 3),
        (3, 1, 8, 0, 4),
    ],
)  # fmt: skip
def test_a_picture_has_just_the_points_it_says(width, height, depth, colour, size):
    """As many bytes as width, height, depth and colour make are the picture; fewer or more are not."""
    assert open_png(_picture(width, height, depth, colour, size)).broken == []
    assert open_png(_picture(width, height, depth, colour, size + 1)).broken == MORE
    with pytest.raises(ValueError, match=r"^$"):
        open_png(_picture(width, height, depth, colour, size - 1))


@pytest.mark.parametrize(
    ("width", "height", "depth", "colour", "interlaced"),
    [
        (2, 2, 8, 1, 0),
        (2, 2, 8, 5, 0),
        (2, 2, 3, 0, 0),
        (2, 2, 0, 0, 0),
        (2, 2, 8, 0, 1),
        (2, 0, 8, 0, 0),
        (2, 2**24 + 2, 8, 0, 0),
    ],
)
def test_what_no_picture_of_ours_is(width, height, depth, colour, interlaced):
    """Unknown colours and depths, interlaced and empty pictures are refused."""
    with pytest.raises(ValueError, match=r"^$"):
        open_png(_picture(width, height, depth, colour, 6, interlaced=interlaced))


def test_a_picture_too_large_is_refused(monkeypatch):
    """A picture that unpacks to more than any chart is refused before it is unpacked."""
    monkeypatch.setattr(_png, "_LARGEST", 6)
    assert open_png(_picture(2, 2, 8, 0, 6)).broken == []
    with pytest.raises(ValueError, match=r"^$"):
        open_png(_picture(3, 2, 8, 0, 8))
    # what is refused anyhow is unpacked no further either
    assert max(map(len, _texts(open_png(_picture(2, 2, 8, 0, 2_000_000))))) == 1_000_000


def _changed(at: int, to: bytes) -> bytes:
    whole = png()
    return whole[:at] + to + whole[at + len(to) :]


@pytest.mark.parametrize(
    "content",
    [
        b"", SIGNATURE, png()[1:], png()[:-1], png()[:-12], png()[:33], _changed(0, b"\x88"),
        _changed(29, b"\0\0\0\0"), _changed(11, b"\x0e"), png()[:8] + png()[33:],
        SIGNATURE + chunk(b"PLTE", b"abc") + png()[8:], _changed(8, b"\xff"),
    ],
)  # fmt: skip
def test_what_is_no_whole_picture(content):
    """A wrong signature, checksum, length or order, or a missing end, is no picture."""
    with pytest.raises(ValueError, match=r"^$"):
        open_png(content)


def test_a_header_of_another_length_is_no_picture():
    """A picture whose header says too little cannot be read."""
    with pytest.raises(ValueError, match=r"^not enough values"):
        open_png(SIGNATURE + chunk(b"IHDR", bytes(12)) + png()[33:])


def test_points_may_come_in_several_chunks():
    """The points of a picture are read on from chunk to chunk."""
    data = zlib.compress(bytes(6))
    header = png()[:33]
    whole = header + chunk(b"IDAT", data[:4]) + chunk(b"IDAT", data[4:]) + chunk(b"IEND", b"")
    assert open_png(whole) == Opened()


def _texts(opened: Opened) -> set[str]:
    assert {one.place for one in opened.passages} <= {"a chunk"}
    return {one.text for one in opened.passages}


@pytest.mark.parametrize(
    "content",
    [
        png(after=b"Zeldrim"), png(pixels=b"Zeldrim"), png(behind=b"Zeldrim"),
        png(chunk(b"tEXt", b"Zeldrim")), png(chunk(b"Zeld", b"rim")),
        png(chunk(b"tEXt", "Zeldrim".encode("utf-16-le"))),
        png(chunk(b"tEXt", "Zeldrim".encode("utf-16-be"))), png(chunk(b"tEXt", zlib.compress(b"Zeldrim"))),
        png(chunk(b"tEXt", bytes(110) + zlib.compress(b"Zeldrim"))), png()[:-12] + chunk(b"IEND", b"Zeldrim"),
        png(chunk(b"tEXt", b"x\x01\xff\xff" + zlib.compress(b"Zeldrim"))),
        png(pixels=zlib.compress(b"Zeldrim")), png(pixels=b"x" + zlib.compress(b"Zeldrim")),
    ],
)  # fmt: skip
def test_more_than_a_picture_is_read(content):
    """Whatever is beside the points is refused and read: plain, wide or packed, and a chunk with its name."""
    opened = open_png(content)
    assert opened.broken == MORE
    assert any("Zeldrim" in text for text in _texts(opened))


def test_the_writings_a_chunk_is_read_in():
    """A chunk is read as UTF-8, as UTF-16 of either order and as Latin-1; no text stops it."""
    held = list(open_png(png(chunk(b"tEXt", b"\xe9b"))).passages)
    texts = ("\ufffdb", "\u62e9", "\ue962", "\ufffd", "\ufffd", "\u00e9b")
    assert held[:6] == [Passage("a chunk", text) for text in texts]
    assert Passage("a chunk", "tEXt\u00e9b") in held
    assert Passage("a chunk", "\ufffd") in open_png(png(chunk(b"tEXt", b"x"))).passages


def test_a_packed_text_is_looked_for_near_the_beginning():
    """What is packed from the 120th byte on is not unpacked; up to there it is, and cut at a million."""
    near, far = (bytes(count) + zlib.compress(b"Zeldrim") for count in (119, 120))
    assert any("Zeldrim" in text for text in _texts(open_png(png(chunk(b"prVt", near)))))
    # with the name of the chunk in front it is as far again, and never found
    assert not any("Zeldrim" in text for text in _texts(open_png(png(chunk(b"prVt", far)))))
    long = open_png(png(chunk(b"tEXt", zlib.compress(b"a" * 2_000_000))))
    assert max(map(len, _texts(long))) == 1_000_000
