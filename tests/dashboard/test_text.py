"""Text from a table as Streamlit's Markdown shows it."""

import ast
import html
import random
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

import dashboard
from dashboard.text import escape, output_words
from tests.sources import nodes_of, syntax_of

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


@pytest.mark.slow
def test_no_table_writes_none_in_a_cell_without_a_value() -> None:
    """Streamlit writes None where a table does not say what it writes: as if that were a word of the table."""
    calls = [
        call
        for path in Path(dashboard.__path__[0]).rglob("*.py")
        for call in nodes_of(syntax_of(path))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in ("dataframe", "data_editor")
    ]
    assert len(calls) > 20
    assert [ast.unparse(call) for call in calls if "placeholder" not in [one.arg for one in call.keywords]] == []


def test_the_output_of_a_class_is_a_probability_in_words() -> None:
    kind = {"target": "type", "classes": ["Condo", "House"]}
    assert output_words(kind, "Condo") == "probability that type is Condo"
    assert output_words({**kind, "margin": True}, "Condo") == "score of type Condo"
    assert output_words({"target": "price", "classes": []}, None) == "predicted price"
