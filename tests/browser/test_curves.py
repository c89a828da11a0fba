"""The curves between two drawings by Plotly: they go on to the newest epoch by themselves, and are no other curves."""

import math
import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page, Route

from core.runs.journal import Journal
from tests.browser.conftest import Deck
from tests.browser.expecting import expect
from tests.browser.test_engine import SLOWLY, training
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_SEEN = """() => {
  const box = document.querySelector('.ld-live-chart'), gd = box.querySelector('.ld-live-plot');
  const { xaxis, yaxis } = gd._fullLayout ?? {};
  if (!xaxis || !gd.data) return null;
  const axis = one => ({ range: [...one.range], length: one._length, offset: one._offset });
  const paths = i => [...gd.querySelectorAll(`.scatterlayer .trace${gd._fullData[i].uid} .js-line`)];
  const path = i => paths(i).map(one => one.getAttribute('d')).join('');
  const points = Number(box.dataset.points), known = gd.data[0].x.at(-1);
  return { points, known, x: axis(xaxis), y: axis(yaxis), lines: [path(0), path(1)] };
}"""
# The last that was seen before Plotly draws all there is, and the first after it.
_AROUND = f"""() => new Promise(done => {{
  const seen = {_SEEN};
  let before = seen();
  const look = () => {{
    const now = seen();
    if (now.known > before.known && before.points > before.known) return done([before, now]);
    before = now;
    requestAnimationFrame(look);
  }};
  look();
}})"""


def vertices(d: str, seen: dict) -> list[tuple[float, float]]:
    """A path's points as epochs and numbers."""
    return [(value(x, seen["x"]), value(seen["y"]["length"] - y, seen["y"])) for x, y in pixels(d)]


def pixels(d: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML]([-\d.e]+),([-\d.e]+)", d)]


def value(pixel: float, axis: dict) -> float:
    low, high = axis["range"]
    return low + pixel / axis["length"] * (high - low)


def pixel(value: float, axis: dict) -> float:
    low, high = axis["range"]
    return (value - low) / (high - low) * axis["length"]


def away(at: tuple[float, float], start: tuple[float, float], end: tuple[float, float]) -> float:
    """How far a point is from a straight line between two others."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    part = ((at[0] - start[0]) * dx + (at[1] - start[1]) * dy) / (dx * dx + dy * dy or 1)
    part = min(max(part, 0.0), 1.0)
    return math.dist(at, (start[0] + part * dx, start[1] + part * dy))


def following(deck: Deck) -> dict | None:
    """What is drawn, while the line is longer than Plotly knows."""
    seen = deck.page.evaluate(_SEEN)
    return seen if seen and 3 < seen["known"] < seen["points"] else None


def ends_at_its_row(deck: Deck, run: str, seen: dict) -> None:
    """Whether both lines end where the newest drawn epoch is."""
    told = deck.state(run)
    row = told["rows"][seen["points"] - 1]
    for name, d in zip(("loss", "val_loss"), seen["lines"], strict=True):
        x, y = pixels(d)[-1]
        assert x == pytest.approx(pixel(row[0], seen["x"]), abs=0.02)
        number = row[1 + told["names"].index(name)]
        assert y == pytest.approx(seen["y"]["length"] - pixel(number, seen["y"]), abs=0.02)


def test_curves_of_a_training_that_goes_on(deck: Deck) -> None:
    run = another_plotly_whose_private_parts_have_other_names_draws_each_epoch_itself(deck)
    deck.open("?draft=c0de000000000001").page.get_by_role("button", name="Resume").click()
    curves_follow_the_newest_epoch(deck, run)
    a_zoom_is_kept(deck.page)
    the_newest_epoch_is_told_at_the_pointer(deck)
    Journal(deck.workspace, run).order(SLOWLY)
    a_hidden_baseline_stays_hidden_while_epochs_come(deck)
    deck.page.get_by_role("button", name="Stop", exact=True).click()
    deck.ended("stopped")
    assert deck.page.evaluate(_SEEN)["known"] == deck.epoch()
    the_best_epoch_was_kept(deck, run)


def curves_follow_the_newest_epoch(deck: Deck, run: str) -> None:
    ends_at_its_row(deck, run, until(lambda: following(deck), 30, "a line that goes on by itself"))
    before, after = deck.page.evaluate(_AROUND)
    for old, new in zip(before["lines"], after["lines"], strict=True):
        tail = [one for one in vertices(old, before) if one[0] > before["known"] + 0.5]
        assert len(tail) == before["points"] - before["known"]
        for epoch, number in tail:  # Plotly leaves out points that change less than a pixel.
            at = pixel(epoch, after["x"]), after["y"]["length"] - pixel(number, after["y"])
            assert min(away(at, *ends) for ends in pairwise(pixels(new))) < 1, (epoch, number)


def corner(page: Page) -> tuple[float, float]:
    """Of the first chart's plot: left and top."""
    box, seen = page.locator(".ld-live-plot").first.bounding_box(), page.evaluate(_SEEN)
    return box["x"] + seen["x"]["offset"], box["y"] + seen["y"]["offset"]


def a_zoom_is_kept(page: Page) -> None:
    (left, top), seen = corner(page), page.evaluate(_SEEN)
    page.mouse.move(left + 0.2 * seen["x"]["length"], top + 0.3 * seen["y"]["length"])
    page.mouse.down()
    page.mouse.move(left + 0.7 * seen["x"]["length"], top + 0.8 * seen["y"]["length"], steps=3)
    page.mouse.up()
    reset = page.get_by_role("button", name="Reset zoom")
    expect(reset).to_be_visible()
    zoomed = page.evaluate(_SEEN)
    assert zoomed["x"]["range"] != seen["x"]["range"]
    later = until(lambda: (now := page.evaluate(_SEEN))["points"] > zoomed["points"] + 30 and now, 30, "more epochs")
    assert (later["x"], later["y"]) == (zoomed["x"], zoomed["y"])
    reset.click()


def the_newest_epoch_is_told_at_the_pointer(deck: Deck) -> None:
    page = deck.page
    until(lambda: (now := following(deck)) and now["x"]["range"][1] >= now["points"] and now, 30, "all epochs in sight")
    newest, (left, top) = deck.epoch(), corner(page)

    def told() -> bool:
        now = page.evaluate(_SEEN)
        page.mouse.move(left + pixel(now["points"], now["x"]), top + 0.5 * now["y"]["length"])
        title = re.search(r"epoch ([\d,]+)", page.locator(".ld-live-plot .hoverlayer").first.text_content() or "")
        return title is not None and int(title[1].replace(",", "")) >= newest

    until(told, 30, "the newest epoch at the pointer")  # A slow browser is given ten times what a drawing takes it.


def a_hidden_baseline_stays_hidden_while_epochs_come(deck: Deck) -> None:
    page = deck.page
    chips = page.get_by_role("group", name="Baselines")
    labels = page.locator(".ld-live-chart").first.locator(".annotation-text")

    def named(name: str) -> bool:
        return any(name in text for text in labels.all_text_contents())

    page.set_viewport_size({"width": 390, "height": 844})
    boosting = chips.get_by_role("button", name="gradient boosting")
    expect(boosting).to_be_visible(timeout=60_000)  # Its thread begins with the second epoch.
    page.locator(".ld-live-chart").first.scroll_into_view_if_needed()  # What is out of sight is not drawn.
    until(lambda: named("linear model") and named("gradient boosting"), 30, "the names of the baselines")
    for chip in chips.get_by_role("button").all():
        box = chip.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    chips.get_by_role("button", name="linear model").click()
    until(lambda: not named("linear model"), 30, "a hidden baseline")
    chart, before = page.locator(".ld-live-chart").first, deck.epoch()
    until(lambda: int(chart.get_attribute("data-points")) > before + 20, 30, "curves of more epochs")
    assert named("gradient boosting")
    assert not named("linear model")
    expect(chips.get_by_role("button", name="linear model")).to_have_attribute("aria-pressed", "false")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator(".ld-live-chart").first.scroll_into_view_if_needed()
    until(lambda: named("mean") and not named("linear model"), 30, "the chart of a wide page")
    chips.get_by_role("button", name="linear model").click()
    until(lambda: named("linear model"), 30, "the baseline again")


_DRAWN = "() => document.querySelector('.ld-live-plot')?.data?.slice(0, 2).map(one => [one.x.at(-1), one.y.at(-1)])"


def another_plotly_whose_private_parts_have_other_names_draws_each_epoch_itself(deck: Deck) -> str:
    """In a tab of its own; the run, which is paused."""
    other = Deck(deck.page.context.new_page(), deck.server)
    page, warnings = other.page, []
    page.on("console", lambda said: warnings.append(said.text) if "Plotly.js" in said.text else None)

    def renamed(route: Route) -> None:
        """Plotly's own script, with other names for what is its own alone."""
        script = route.fetch()
        text = re.sub(r"\b_(fullLayout|fullData|offset)\b", r"_their_\1", script.text())
        route.fulfill(response=script, body=text)

    page.route("**/api/plotly.min.js*", renamed)
    run = training(other, "c0de000000000001", 9000)
    drawn = "() => document.querySelector('.ld-live-plot').data?.slice(0, 2).map(one => [one.x.at(-1), one.y.at(-1)])"
    first = until(lambda: (now := page.evaluate(drawn)) and now[0][0] > 3 and now, 60, "a chart")
    until(lambda: page.evaluate(drawn)[0][0] > first[0][0] + 3, 60, "later epochs")
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(other.live).to_have_attribute("data-state", "paused")
    told = other.state(run)
    row = told["rows"][-1]
    expected = [[row[0], row[1 + told["names"].index(name)]] for name in ("loss", "val_loss")]
    until(lambda: page.evaluate(drawn) == expected, 30, "the last epoch's numbers")
    assert row[0] == other.epoch()
    assert page.evaluate("() => document.querySelector('.ld-live-plot')._fullLayout") is None
    charts = "the axes of a chart", "the names of its traces"
    assert sorted(re.search("does not tell ([a-z ]+)", said)[1].strip() for said in warnings) == list(charts)
    assert not other.script_errors
    page.close()
    return run


def the_best_epoch_was_kept(deck: Deck, run: str) -> None:
    said = deck.state(run)
    column = said["names"].index("val_loss") + 1
    best = min(said["rows"], key=lambda row: row[column])[0]
    assert said["best"] == best
    assert f"best epoch, {best}, were kept" in said["says"]
    deck.view("Result")
    expect(deck.page.get_by_text(f"best epoch, {best}, were kept.")).to_have_count(1)  # Said once.
    expect(deck.page.get_by_test_id("stDataFrame").first).to_be_visible()
