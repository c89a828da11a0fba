"""Text from a table as Streamlit's Markdown shows it."""

import html
import random

import pytest
from markdown_it import MarkdownIt

from dashboard.text import escape

_SHOWN = MarkdownIt("commonmark").enable("strikethrough")
_PIECES = [*"\\`*_{}[]<>()#+-.!|$~:&;='\"1aZß ", "12.", "&amp;", "](x)", "**", "http://a.b", "<b>", "---", "> "]


def shown(text: str) -> str:
    """What a reader of Markdown makes of an escaped text."""
    return _SHOWN.render(escape(text)).replace("\u2060", "")


def test_any_text_is_shown_as_it_is() -> None:
    draw = random.Random(0)
    for _ in range(4000):
        text = " ".join("".join(draw.choices(_PIECES, k=draw.randint(1, 9))).split())
        expected = f"<p>{html.escape(text, quote=False).replace(chr(34), '&quot;')}</p>\n" if text else ""
        assert shown(text) == expected, text


@pytest.mark.parametrize(
    "name",
    ["Mileage (mi)", "sale_price", "Year-built", "Price, EUR", "R&D", "50 %", "A.B", "c#"],
)
def test_usual_names_carry_no_backslash(name: str) -> None:
    """A label is a control's accessible name, too."""
    assert escape(name) == name


@pytest.mark.parametrize(
    ("text", "pattern"),
    [(":smile:", ":s"), (":+1:", ":+"), (":100:", ":1"), ("a -> b", "->"), ("www.a.b", "www."), ("x@y.z", "@y")],
)
def test_what_streamlit_makes_of_plain_text_is_broken(text: str, pattern: str) -> None:
    assert pattern not in escape(text)
    assert escape(text).replace("\u2060", "") == text
