"""From a report's value to one HTML file that fetches nothing and runs no script but its own."""

import base64
import hashlib
import json
import re
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent
# In the order in which they need each other.
_SCRIPTS = (
    "network",
    "elements",
    "pictures",
    "drawing",
    "curves",
    "scores",
    "figures",
    "plots",
    "evaluation",
    "form",
    "contributions",
    "main",
)


def page(value: dict[str, Any]) -> str:
    """The file's text. Names from a table or a person stand in its JSON alone, and in the title, where they are
    escaped.
    """
    script, style = _script(), _file("page.css")
    parts = {
        "policy": f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'",
        "title": escape(value["title"]).encode("ascii", "xmlcharrefreplace").decode(),
        "style": style,
        "value": _json(value),
        "script": script,
    }
    # In one go: no value is read as a template.
    return re.sub(r"{{(\w+)}}", lambda found: parts[found[1]], _file("page.html"))


def _json(value: dict[str, Any]) -> str:
    """JSON in which no character means anything to HTML; plain ASCII."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return text.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _script() -> str:
    return "(() => {\n'use strict';\n" + "\n".join(_file(f"{name}.js") for name in _SCRIPTS) + "})();\n"


@cache
def _file(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
