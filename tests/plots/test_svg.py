"""The elements that pictures are made of."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.plots.svg import document, element, escape, shorten, words

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=30)


@given(ANY_TEXT)
@settings(deadline=None, derandomize=True)
def test_any_text_makes_well_formed_xml_and_comes_back(text: str) -> None:
    svg = document(10, 10, text, words(0, 0, text))
    root = ElementTree.fromstring(svg)
    held = root[-1].text or ""
    assert len(held.replace("\r\n", "\n")) <= len(text)
    for sent, kept in zip(text, held, strict=False):
        if sent.isprintable():
            assert kept == sent
    assert root.get("aria-label") is not None


def test_escape_closes_every_door() -> None:
    assert escape("</script>'\"&") == "&lt;/script&gt;&#x27;&quot;&amp;"
    assert escape("a\x00b\x1bc\ud800d\uffffe") == "a?b?c?d?e"


def test_numbers_are_short() -> None:
    assert element("line", x1=1.0, x2=2.3456, stroke_width=2) == '<line x1="1" x2="2.35" stroke-width="2"/>'


def test_shorten() -> None:
    assert shorten("abcdef", 6) == "abcdef"
    assert shorten("abcdefg", 6) == "abcde\u2026"
