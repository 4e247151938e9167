"""Text written as something else: what each layer holds, exactly."""

from __future__ import annotations

import base64

import pytest

from workbench.gate import _encoded
from workbench.gate._encoded import decoded, unwrapped


def _b64(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("before", [b"", b"x", b"xy", b"xyz"])
def test_wide_text_may_begin_at_any_byte(encoding, before):
    """Text in UTF-16 that is not Latin is found behind an odd number of bytes too, however written."""
    value = "السوق الكبير"
    content = before + value.encode(encoding)
    for written in (_b64(content), f"abcd{_b64(content)}", content.hex()):
        assert any(value in one for one in decoded(written)), written


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("calm", None),
        ("100 %", None),
        ("a = b", None),
        ("a\\zb", None),
        ("&amp;", "&"),
        ("&#x41;", "A"),
        ("%41", "A"),
        ("%C3%A9", "\u00e9"),
        ("%ff", "\ufffd"),
        ("\\u0041", "A"),
        ("\\u{1F600}", "\U0001f600"),
        ("\\x41\\x42", "AB"),
        ("\\41 b", "Ab"),
        ("\\000000", None),
        ("\\D800", None),
        ("\\DFFF", None),
        ("\\D7FF", "\ud7ff"),
        ("\\E000", "\ue000"),
        ("\\10FFFF", "\U0010ffff"),
        ("\\110000", None),
        ("\\1 ", "\x01"),
        ("=41=42", "AB"),
        ("=C3=A9", "\u00e9"),
        ("Ku=\nro", "Kuro"),
        ("=FF", "\ufffd"),
        ("&amp;amp;", "&"),
        ("&amp;amp;amp;", "&"),
        ("&amp;amp;amp;amp;", "&amp;"),
        ("%2525", "%"),
        ("&#37;41", "A"),
        ("%5Cx41", "A"),
        ("%3D41", "A"),
        ("&amp; %41 \\42 =43", "& A BC"),
    ],
)
def test_escapes_are_undone(text, plain):
    """Entities, percent signs, backslashes and quoted-printable are undone, three deep."""
    assert unwrapped(text) == plain


@pytest.mark.parametrize(
    ("text", "held"),
    [
        (_b64("Zeldrim"), "Zeldrim"),
        ("x" + _b64("Zeldrim"), "Zeldrim"),
        ("xQ" + _b64("Zeldrim"), "Zeldrim"),
        ("xQz" + _b64("Zeldrim"), "Zeldrim"),
        (_b64("Zeldrim").rstrip("="), "Zeldrim"),
        (_b64("Zeldrim O").rstrip("="), "Zeldrim O"),
        (_b64("Zeldri").rstrip("="), "Zeldri"),
        (_b64("Zeldrim Okvante")[:7] + "\n   " + _b64("Zeldrim Okvante")[7:], "Zeldrim Okvante"),
        (_b64("\u00fe\u00ff Kuro"), "Kuro"),
        (base64.urlsafe_b64encode("\u0ffe\u0fff Kuro\u0ffe".encode()).decode(), "Kuro"),
        (_b64("Kuro".encode("utf-16-le")), "Kuro"),
        (_b64("Kuro".encode("utf-16-be")), "Kuro"),
        (b"Kuro".hex(), "Kuro"),
        (b"Kuro".hex().upper(), "Kuro"),
        ("7" + b"Kuro".hex(), "Kuro"),
        (b"Kuro".hex() + "7", "Kuro"),
        (b"Kuro".hex(":"), "Kuro"),
        (b"Kuro".hex(" "), "Kuro"),
        (b"Kuro".hex("-"), "Kuro"),
        (b"Kuro".hex(","), "Kuro"),
        ("Kuro".encode("utf-16-be").hex(), "Kuro"),
        ("Kuro".encode("utf-16-le").hex(), "Kuro"),
        (_b64(_b64("Zeldrim")), "Zeldrim"),
        (_b64("Ku&#114;o"), "Kuro"),
        (b"Ku%72o".hex(), "Kuro"),
        (_b64(b"Ku\\u0072o"), "Kuro"),
        (_b64(_b64("%4b%75%72%6f")), "Kuro"),
        (_b64("K\0u\0r\0o"), "Kuro"),
        (_b64("Zeldri") + "x", "Zeldri"),
        (_b64("أمينة".encode("utf-16-le")), "أمينة"),
        ("أمينة".encode("utf-16-be").hex(), "أمينة"),
    ],
)  # fmt: skip
def test_encoded_text_is_read(text, held):
    """Base64 at four offsets and hexadecimal at two are read, as UTF-8 and UTF-16, and again inside."""
    assert any(held in found for found in decoded(text))


def test_what_is_yielded():
    """Each readable text is given once, in order, then what is inside it, two layers deep and no more."""
    assert list(decoded("so it is calm")) == []
    assert list(decoded("Kuro")) == []
    assert "Kuro" in list(decoded(b"Kuro".hex()))
    one, two = _b64("Zeldrim Okvante"), _b64(_b64("Zeldrim Okvante"))
    three = _b64(two)
    assert "Zeldrim Okvante" in list(decoded(one, depth=1))
    assert "Zeldrim Okvante" not in list(decoded(two, depth=1))
    assert "Zeldrim Okvante" in list(decoded(two))
    assert "Zeldrim Okvante" not in list(decoded(three))
    assert "Zeldrim Okvante" in list(decoded(three, depth=3))
    found = list(decoded(b"Kuro Velda".hex() + " , ; " + b"Anko Pemra".hex()))
    assert "Anko Pemra" in found
    assert "Kuro Velda" in found
    assert found.index("Anko Pemra") < found.index("Kuro Velda")


def test_the_shortest_runs():
    """Six characters of base64 and eight of hexadecimal are read, and four readable ones kept."""
    assert list(decoded("S3Vyb=")) == []
    assert "Kuro" in list(decoded("S3Vybw"))
    assert list(decoded(b"Kur".hex())) == list(decoded(b"Kur".hex(), depth=1))
    assert not any("Kur" in one for one in decoded(b"Kur".hex()))
    assert any("Kuro" in one for one in decoded(b"Kuro".hex()))
    # five, found inside and beside another find, are still too few
    assert not any("Kur" in one for one in decoded("S3Vyb!\u00e9clat".encode().hex()))


def test_a_run_is_read_to_its_longest(monkeypatch):
    """Of a run longer than any pack holds, the beginning is read and the rest is not."""
    monkeypatch.setattr(_encoded, "_LONGEST_RUN", 24)
    for make in (_b64, lambda raw: raw.hex()):
        run = make(b"Kuro\0 Velda\0")
        assert any("Kuro" in one for one in decoded(run))
        assert any("Velda" in one for one in decoded(run))
        assert not any("Velda" in one for one in decoded(make(b"Kuro" + b"\0" * 20 + b"Velda\0")))
    assert any("Kuro" in one for one in decoded("a" * 30 + "\n" + _b64(b"Kuro Velda")))
