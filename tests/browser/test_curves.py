"""The curves between two drawings by Plotly: they go on to the newest epoch by themselves, and are no other curves."""

import math
import re
from itertools import pairwise

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Deck, answer
from tests.browser.test_engine import training
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


def test_curves_follow_the_newest_epoch_keep_the_zoom_and_tell_it_at_the_pointer(deck: Deck) -> None:
    run, page = training(deck, "c0de000000000001", 9000), deck.page
    ends_at_its_row(deck, run, until(lambda: following(deck), 30, "a line that goes on by itself"))

    before, after = page.evaluate(_AROUND)
    for old, new in zip(before["lines"], after["lines"], strict=True):
        tail = [one for one in vertices(old, before) if one[0] > before["known"] + 0.5]
        assert len(tail) == before["points"] - before["known"]
        for epoch, number in tail:  # Plotly leaves out points that change less than a pixel.
            at = pixel(epoch, after["x"]), after["y"]["length"] - pixel(number, after["y"])
            assert min(away(at, *ends) for ends in pairwise(pixels(new))) < 1, (epoch, number)

    box = page.locator(".ld-live-plot").first.bounding_box()
    seen = page.evaluate(_SEEN)
    left, top = box["x"] + seen["x"]["offset"], box["y"] + seen["y"]["offset"]
    page.mouse.move(left + 0.2 * seen["x"]["length"], top + 0.3 * seen["y"]["length"])
    page.mouse.down()
    page.mouse.move(left + 0.7 * seen["x"]["length"], top + 0.8 * seen["y"]["length"], steps=3)
    page.mouse.up()
    reset = page.get_by_role("button", name="Reset zoom")
    expect(reset).to_be_visible()
    zoomed = page.evaluate(_SEEN)
    assert zoomed["x"]["range"] != seen["x"]["range"]
    later = until(lambda: (now := page.evaluate(_SEEN))["points"] > zoomed["points"] + 30 and now, 20, "more epochs")
    assert (later["x"], later["y"]) == (zoomed["x"], zoomed["y"])
    reset.click()
    until(lambda: (now := following(deck)) and now["x"]["range"][1] >= now["points"] and now, 10, "all epochs in sight")

    newest = deck.epoch()

    def told() -> bool:
        now = page.evaluate(_SEEN)
        page.mouse.move(left + pixel(now["points"], now["x"]), top + 0.5 * now["y"]["length"])
        title = re.search(r"epoch ([\d,]+)", page.locator(".ld-live-plot .hoverlayer").first.text_content() or "")
        return title is not None and int(title[1].replace(",", "")) >= newest

    until(told, 2, "the newest epoch at the pointer")
    page.get_by_role("button", name="Stop", exact=True).click()
    deck.ended("stopped")
    assert page.evaluate(_SEEN)["known"] == deck.epoch()


def test_a_run_that_ended_before_the_browser_looked_is_shown_whole(deck: Deck) -> None:
    deck.open("?draft=c0a4e50000000009")
    page = deck.page

    def late(route: Route) -> None:
        """Lets the browser hear of the run once it is over."""
        run = route.request.url.split("/runs/")[1].split("/")[0]
        until(
            lambda: (answer(f"{deck.server}/api/runs/{run}/epochs?since=0") or {}).get("state") == "finished",
            60,
            "the end of the run",
        )
        route.continue_()

    page.route("**/api/runs/*/epochs?*", late)
    page.locator(".st-key-train button").click()
    expect(page.locator(".st-key-tight-next")).to_be_visible(timeout=60_000)


def test_another_plotly_whose_private_parts_have_other_names_draws_each_epoch_itself(deck: Deck) -> None:
    warnings: list[str] = []
    deck.page.on("console", lambda said: warnings.append(said.text) if "Plotly.js" in said.text else None)

    def renamed(route: Route) -> None:
        """Plotly's own script, with other names for what is its own alone."""
        script = route.fetch()
        text = re.sub(r"\b_(fullLayout|fullData|offset)\b", r"_their_\1", script.text())
        route.fulfill(response=script, body=text)

    deck.page.route("**/api/plotly.min.js*", renamed)
    run, page = training(deck, "c0de000000000002", 9000), deck.page
    drawn = "() => document.querySelector('.ld-live-plot').data?.slice(0, 2).map(one => [one.x.at(-1), one.y.at(-1)])"
    first = until(lambda: (now := page.evaluate(drawn)) and now[0][0] > 3 and now, 60, "a chart")
    until(lambda: page.evaluate(drawn)[0][0] > first[0][0] + 3, 60, "later epochs")
    page.get_by_role("button", name="Stop", exact=True).click()
    deck.ended("stopped")
    told = deck.state(run)
    row = told["rows"][-1]
    assert row[0] == deck.epoch()
    expected = [[row[0], row[1 + told["names"].index(name)]] for name in ("loss", "val_loss")]
    until(lambda: page.evaluate(drawn) == expected, 10, "the last epoch's numbers")
    assert page.evaluate("() => document.querySelector('.ld-live-plot')._fullLayout") is None
    charts = "the axes of a chart", "the names of its traces"
    assert sorted(re.search("does not tell ([a-z ]+)", said)[1].strip() for said in warnings) == list(charts)


def test_a_hidden_baseline_stays_hidden_while_epochs_come(deck: Deck) -> None:
    training(deck, "f2", 9000)
    page = deck.page
    chips = page.get_by_role("group", name="Baselines")
    labels = page.locator(".ld-live-chart").first.locator(".annotation-text")

    def named(name: str) -> bool:
        return any(name in text for text in labels.all_text_contents())

    page.set_viewport_size({"width": 390, "height": 844})
    boosting = chips.get_by_role("button", name="gradient boosting")
    expect(boosting).to_be_visible(timeout=60_000)  # Its thread begins with the second epoch.
    page.locator(".ld-live-chart").first.scroll_into_view_if_needed()  # What is out of sight is not drawn.
    until(lambda: named("linear model") and named("gradient boosting"), 10, "the names of the baselines")
    for chip in chips.get_by_role("button").all():
        box = chip.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    chips.get_by_role("button", name="linear model").click()
    until(lambda: not named("linear model"), 10, "a hidden baseline")
    before = deck.epoch()
    until(lambda: deck.epoch() > before + 100, 20, "more epochs")
    until(lambda: int(page.locator(".ld-live-chart").first.get_attribute("data-points")) > before + 50, 10, "curves")
    assert named("gradient boosting")
    assert not named("linear model")
    expect(chips.get_by_role("button", name="linear model")).to_have_attribute("aria-pressed", "false")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator(".ld-live-chart").first.scroll_into_view_if_needed()
    until(lambda: named("mean") and not named("linear model"), 10, "the chart of a wide page")
    chips.get_by_role("button", name="linear model").click()
    until(lambda: named("linear model"), 10, "the baseline again")
