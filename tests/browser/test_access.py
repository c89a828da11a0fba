"""Every view for everyone: by keyboard alone, and with no serious finding of axe-core, light and dark, before and
after a training.
"""

import contextlib
import json

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Locator, Page

from tests.browser.conftest import Deck
from tests.browser.expecting import expect
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Streamlit's own: what a page of ours cannot change. Each is a rule and the start of what it is said of.
_STREAMLITS = {("scrollable-region-focusable", '<pre class="st-emotion')}  # The box of st.code.


_ALL: dict[str, list[str]] = {"resultTypes": ["violations"]}
# Schemes differ in colours alone: what else there is to find is looked for in the first of the two.
_COLOURS = _ALL | {"runOnly": ["color-contrast", "link-in-text-block"]}
# Streamlit blends schemes, which takes longer than to look at what comes of it.
_AT_ONCE = "*, *::before, *::after { transition: none !important; animation: none !important; }"


def still(deck: Deck) -> Deck:
    """Colours change at once from now on, until another page is loaded."""
    deck.page.add_style_tag(content=_AT_ONCE)
    return deck


def serious(deck: Deck, view: str, part: Locator | None = None) -> list[str]:
    """What axe finds that is serious or worse in a page, or in a part of one, in the scheme there is and then in the
    other one, each with where it is.
    """
    dark = deck.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    first, other = ("dark", "light") if dark else ("light", "dark")
    part = part or deck.page.locator("html")
    return _in(part, view, first, _ALL) + _in(part, view, other, _COLOURS)


def _in(part: Locator, view: str, scheme: str, options: dict[str, list[str]]) -> list[str]:
    part.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    expect(part.page.get_by_test_id("stApp")).to_have_css("color-scheme", scheme)
    last: list[str] = []

    def calm() -> bool:
        last[:] = _findings(part, f"{view}, {scheme}", options)
        return not last

    with contextlib.suppress(AssertionError):
        # What is about to be drawn anew fades.
        until(calm, 15, "colours that have changed")
    return last


def _findings(part: Locator, view: str, options: dict[str, list[str]]) -> list[str]:
    if part.page.evaluate("!window.axe"):
        part.page.evaluate(AXE_SCRIPT)
    found = part.evaluate("(node, options) => axe.run(node, options)", options)["violations"]
    return [
        f"{view}: {rule['id']} ({rule['help']}): {node['html'][:160]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
        if not any(rule["id"] == known and node["html"].startswith(start) for known, start in _STREAMLITS)
    ]


_FAINT = """() => {
  const linear = v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = c => c.match(/[\\d.]+/g).slice(0, 3).map(v => linear(v / 255));
  const of = c => light(c).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0.05);
  const ratio = (a, b) => Math.max(of(a), of(b)) / Math.min(of(a), of(b));
  const pre = document.querySelector('[data-testid="stCode"] pre'), ground = getComputedStyle(pre).backgroundColor;
  const tokens = [...pre.querySelectorAll('.token')];
  const kinds = new Map(tokens.map(e => [e.className, ratio(getComputedStyle(e).color, ground)]));
  return [kinds.size, [...kinds].filter(([, found]) => found < 4.5)];
}"""


def test_the_views_are_used_by_keyboard_and_have_no_serious_finding(deck: Deck) -> None:
    still(deck.open(f"?draft={'abc' + '0' * 13}"))
    deck.page.locator(".ld-net-node").first.wait_for()
    found = serious(deck, "Build, before")
    builds_and_trains_by_keyboard(deck)
    run = deck.live.get_attribute("data-run")
    looks_into_the_network_by_keyboard(deck.page)
    deck.page.locator(".ld-net-picture[data-kind=amounts]").wait_for()
    found += serious(deck, "Build, after")
    # The rest of the page stays as it is.
    below = deck.page.get_by_test_id("stTabs").filter(has=deck.page.get_by_role("tab", name="Loss landscape"))
    for tab, drawn in (
        ("Program", ".token.keyword"),
        ("Race", "[role=tab]"),
        ("Search", "[role=tab]"),
        ("Loss landscape", "[role=tab]"),
    ):
        deck.page.get_by_role("tab", name=tab).click()
        below.locator(drawn).first.wait_for()  # Streamlit colours code when it has loaded what it takes.
        deck.settled()
        found += serious(deck, tab, below)
        if tab == "Program":
            every_kind_of_word_can_be_read(deck)
    for view in ("Data", "Result", "Predict", "Runs"):
        deck.view(view)
        found += serious(deck, view)
    still(deck.open(f"present?run={run}"))
    found += serious(deck, "Presenter")
    assert found == [], json.dumps(found, indent=1)


def every_kind_of_word_can_be_read(deck: Deck) -> None:
    """In a program: axe looks at what stands in view only, not at the box's lower lines."""
    for scheme in ("light", "dark"):
        deck.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        expect(deck.page.get_by_test_id("stApp")).to_have_css("color-scheme", scheme)
        deck.settled()
        kinds, faint = deck.page.evaluate(_FAINT)
        assert (kinds > 5, faint) == (True, [])


def tab_to(page: Page, name: str) -> None:
    """Tabs on until the control of that name has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "(e => e.tagName === 'BUTTON' ? (e.getAttribute('aria-label') || e.textContent).trim() : "
            "'')(document.activeElement)"
        )
        if said.startswith(name) or said.endswith(name):  # An icon of Streamlit's is a word before the label.
            return
    raise AssertionError(f"{name} cannot be reached")


def builds_and_trains_by_keyboard(deck: Deck) -> None:
    page = deck.page
    tab_to(page, "Move Dense, layer 1")
    page.keyboard.press("ArrowDown")
    deck.edited()
    tab_to(page, "Add a layer")
    page.keyboard.press("Enter")
    page.keyboard.type("Dropout")
    page.keyboard.press("Enter")
    deck.edited()
    assert page.locator(".ld-stack-card .ld-stack-words b").all_inner_texts() == ["Dense", "Dense", "Dropout", "Dense"]
    tab_to(page, "Train")
    page.keyboard.press("Enter")
    deck.ended()


def looks_into_the_network_by_keyboard(page: Page) -> None:
    tab_to(page, "Dense32")
    page.keyboard.press("Enter")
    expect(page.locator(".ld-net-facts")).to_contain_text("Dead units")
    tab_to(page, "Close")
    page.keyboard.press("Enter")
    expect(page.locator(".ld-net-facts")).to_have_count(0)
    tab_to(page, "Log scale")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Log scale")).to_have_attribute("aria-pressed", "true")
