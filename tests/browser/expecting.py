"""Playwright's assertions, each of which looks once its element is there.

Whenever one of Playwright's own looks in vain for an element, it describes all of the page for the message of a
failure, which takes as long as an edit does. To wait for the element before costs nothing of the kind.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import playwright.sync_api
from playwright.sync_api import Locator, TimeoutError

_PATIENCE = 30_000  # Milliseconds.
_OF_NO_ELEMENT = ("to_have_count", "to_be_hidden")
playwright.sync_api.expect.set_options(timeout=_PATIENCE)


class Assertions:
    """Those of a locator, by Playwright's names for them."""

    def __init__(self, locator: Locator) -> None:
        self._locator = locator

    def __getattr__(self, name: str) -> Callable[..., None]:
        assertion = getattr(playwright.sync_api.expect(self._locator), name)

        def look(*args: Any, timeout: float = _PATIENCE, **options: Any) -> None:
            if name not in _OF_NO_ELEMENT and not name.startswith("not_"):
                with suppress(TimeoutError):
                    self._locator.first.wait_for(
                        state="visible" if name == "to_be_visible" else "attached", timeout=timeout
                    )
            assertion(*args, timeout=timeout, **options)

        return look


def expect(locator: Locator) -> Assertions:
    """What is expected of a locator: expect(page.locator("h1")).to_have_text("Layerdeck")"""
    return Assertions(locator)
