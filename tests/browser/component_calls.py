"""The components' pure functions, called in a page of the tests' Chromium: no server, no Streamlit."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

COMPONENTS = Path(__file__).parents[2] / "dashboard" / "components"
Call = Callable[..., Any]
# Calls a function of a component; a path like "s.low" at the end of `results` reads what it has changed in its first
# argument. What JSON has no word for, infinity, comes as text.
_CALL = """([component, name, args, changed]) => {
  const result = window.ours[component](name)(...args);
  const value = changed ? args[0] : result;
  return JSON.parse(JSON.stringify(value ?? null, (_, one) => Math.abs(one) === Infinity ? String(one) : one));
}"""


def module(component: str) -> str:
    """A component's scripts as its Python side joins them, as a function that gives what it is asked for by name."""
    folder = COMPONENTS / component
    scripts = re.findall(r'"(\w+\.js)"', (folder / "__init__.py").read_text("utf-8"))
    assert scripts[0] == f"{component}.js"
    text = "\n".join(path.read_text("utf-8") for path in (COMPONENTS / "shared.js", *(folder / one for one in scripts)))
    assert text.count("export default ") == 1
    return f"""window.ours ??= {{}};
window.ours.{component} = (() => {{ {text.replace("export default ", "const mounted = ")}
return name => eval(name); }})();"""


@contextmanager
def calling(browser: Browser) -> Iterator[Call]:
    """A function that calls one of a component's: call("live", "step", 0.3)."""
    page = browser.new_page()
    for component in ("live", "race", "network", "playback", "stack", "search", "figure", "tour"):
        page.add_script_tag(content=module(component))
    yield lambda component, name, *args, changed=False: page.evaluate(_CALL, [component, name, list(args), changed])
    page.close()


def run(rows: list[list[float | None]], *names: str) -> dict:
    """A run's rows as the live curves hold them: the epoch, then a number for each name."""
    return {"rows": rows, "names": list(names), "low": [], "high": []}
