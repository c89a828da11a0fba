"""What was typed or pressed a moment before the page is left is kept: in every component, and in Streamlit's own
fields.
"""

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.browser.conftest import Deck
from tests.browser.expecting import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def typed(deck: Deck, label: str, text: str) -> None:
    """Types without Enter."""
    box = deck.page.get_by_label(label, exact=True)
    box.click()
    box.press("Control+a")
    deck.page.keyboard.type(text)


def by_link(deck: Deck) -> None:
    deck.page.get_by_role("link", name="Data", exact=True).click()


def by_the_browsers_button(deck: Deck) -> None:
    deck.page.go_back()


def left(deck: Deck, leave: Callable[[Deck], None]) -> Deck:
    """Leaves for the Data page and comes back."""
    leave(deck)
    deck.page.wait_for_url("**/data?**")
    expect(deck.page.get_by_role("heading", name="Table", exact=True)).to_be_visible()
    return deck.settled().view("Build")


@contextmanager
def held_up(workspace: Path) -> Iterator[None]:
    """The server hears nothing meanwhile, as under load: what is sent waits, and is merged."""
    server = int((workspace / "server.pid").read_text())
    os.kill(server, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server, signal.SIGCONT)


def test_a_page_whose_script_has_ended_is_loaded_again_but_not_again_and_again(deck: Deck) -> None:
    page = deck.open(f"data?draft={'e' * 16}").page
    white = """() => setTimeout(() => {
        window.was_white = true;
        document.getElementById("root").replaceChildren();  // As React leaves it.
        throw new Error("of Streamlit's script");
    })"""
    page.evaluate("() => setTimeout(() => { throw new Error('of no consequence'); })")
    page.wait_for_function("() => document.getElementById('root').firstElementChild")
    page.evaluate(white)
    page.wait_for_function("() => !window.was_white")
    expect(page.get_by_role("heading", name="Table", exact=True)).to_be_visible()
    assert f"draft={'e' * 16}" in page.url
    deck.settled()
    page.evaluate(white)
    page.wait_for_function("() => window.was_white")
    page.evaluate("() => new Promise(resolve => setTimeout(() => setTimeout(resolve)))")  # Behind what would load it.
    assert page.evaluate("() => window.was_white")
    assert {*deck.script_errors} == {"of no consequence", "of Streamlit's script"}
    deck.script_errors.clear()


def test_what_was_done_a_moment_before_is_kept(deck: Deck, workspace: Path) -> None:
    deck.open("data?draft=1ea4e00000000001").view("Build")
    units_typed_into_a_card(deck)
    cards_that_are_changed_and_pressed(deck)
    a_row_that_is_unpinned(deck)
    streamlits_own_fields(deck, workspace)


def units_typed_into_a_card(deck: Deck) -> None:
    typed(deck, "units of layer 1", "11")
    left(deck, by_the_browsers_button)
    # 107 x 11 + 11 = 1,188; 11 x 32 + 32 = 384; 32 + 1 = 33; in all 1,605.
    expect(deck.page.get_by_test_id("total-parameters")).to_contain_text("1,605")
    assert deck.page.get_by_label("units of layer 1").input_value() == "11"


def cards_that_are_changed_and_pressed(deck: Deck) -> None:
    page = deck.page
    page.get_by_label("activation of layer 1").select_option("tanh")
    page.get_by_role("button", name="Duplicate Dense, layer 2").click()
    typed(deck, "units of layer 1", "12")
    left(deck, by_link)
    expect(page.locator(".ld-stack-card")).to_have_count(4)
    expect(page.get_by_label("activation of layer 1")).to_have_value("tanh")
    # 107 x 12 + 12 = 1,296; 12 x 32 + 32 = 416; 32 x 32 + 32 = 1,056; 32 + 1 = 33; in all 2,801.
    expect(page.get_by_test_id("total-parameters")).to_contain_text("2,801")
    page.get_by_role("button", name="Edit Dense, layer 1").click()
    left(deck, by_link)
    expect(page.get_by_text("Layer 1: Dense")).to_be_visible()


def a_row_that_is_unpinned(deck: Deck) -> None:
    page = deck.page
    page.get_by_role("button", name="Pin a row").click()
    page.get_by_role("button", name="Pin it").click()
    expect(page.locator(".ld-net-pin")).to_have_count(1)
    deck.settled()
    page.keyboard.press("Escape")
    page.get_by_role("button", name=re.compile("^Unpin")).click()
    left(deck, by_link)
    expect(page.locator(".ld-stack-card")).to_have_count(4)
    expect(page.locator(".ld-net-pin")).to_have_count(0)


def streamlits_own_fields(deck: Deck, workspace: Path) -> None:
    def by_link_of_a_busy_page(_: Deck) -> None:
        with held_up(workspace):
            by_link(deck)

    page = deck.page
    typed(deck, "Name", "Left in a hurry")
    left(deck, by_link)
    expect(page.get_by_role("textbox", name="Name")).to_have_value("Left in a hurry")
    page.get_by_role("tab", name="Fit").click()
    deck.settled()
    typed(deck, "Epochs", "77")
    left(deck, by_link_of_a_busy_page)
    page.get_by_role("tab", name="Fit").click()
    expect(page.get_by_label("Epochs", exact=True)).to_have_value("77")
