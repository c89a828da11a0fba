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
from playwright.sync_api import expect

from tests.browser.conftest import Deck

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


def test_units_typed_into_a_card(deck: Deck) -> None:
    deck.open("data?draft=1ea4e00000000001").view("Build")
    for number, leave in (("11", by_the_browsers_button), ("12", by_link)):
        typed(deck, "units of layer 1", number)
        left(deck, leave)
        # 107 x 11 + 11 = 1,188; 11 x 32 + 32 = 384; 32 + 1 = 33; in all 1,605. With 12: 1,296 + 416 + 33 = 1,745.
        expect(deck.page.get_by_test_id("total-parameters")).to_contain_text({"11": "1,605", "12": "1,745"}[number])
        assert deck.page.get_by_label("units of layer 1").input_value() == number


def test_cards_that_are_pressed(deck: Deck) -> None:
    page = deck.open("?draft=1ea4e00000000002").page
    page.get_by_role("button", name="Duplicate Dense, layer 2").click()
    left(deck, by_link)
    expect(page.locator(".ld-stack-card")).to_have_count(4)
    page.get_by_label("activation of layer 1").select_option("tanh")
    left(deck, by_link)
    expect(page.get_by_label("activation of layer 1")).to_have_value("tanh")
    page.get_by_role("button", name="Edit Dense, layer 1").click()
    left(deck, by_link)
    expect(page.get_by_text("Layer 1: Dense")).to_be_visible()


def test_a_row_that_is_unpinned(deck: Deck) -> None:
    page = deck.open("?draft=1ea4e00000000003").page
    page.get_by_role("button", name="Pin a row").click()
    page.get_by_role("button", name="Pin it").click()
    expect(page.locator(".ld-net-pin")).to_have_count(1)
    deck.settled()
    page.keyboard.press("Escape")
    page.get_by_role("button", name=re.compile("^Unpin")).click()
    left(deck, by_link)
    expect(page.locator(".ld-stack-card")).to_have_count(3)
    expect(page.locator(".ld-net-pin")).to_have_count(0)


@contextmanager
def held_up(workspace: Path) -> Iterator[None]:
    """The server hears nothing meanwhile, as under load: what is sent waits, and is merged."""
    server = int((workspace / "server.pid").read_text())
    os.kill(server, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server, signal.SIGCONT)


def test_streamlits_own_fields(deck: Deck, workspace: Path) -> None:
    def by_link_of_a_busy_page(_: Deck) -> None:
        with held_up(workspace):
            by_link(deck)

    page = deck.open("?draft=1ea4e00000000004").page
    typed(deck, "Name", "Left in a hurry")
    left(deck, by_link)
    expect(page.get_by_role("textbox", name="Name")).to_have_value("Left in a hurry")
    page.get_by_role("tab", name="Fit").click()
    deck.settled()
    typed(deck, "Epochs", "77")
    left(deck, by_link_of_a_busy_page)
    page.get_by_role("tab", name="Fit").click()
    expect(page.get_by_label("Epochs", exact=True)).to_have_value("77")
