"""Each figure of the page and of the report is saved as PNG and SVG, legible on light and dark."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from tests.browser.conftest import Deck
from tests.browser.expecting import expect
from tests.browser.kept_runs import KeptRun
from tests.browser.report.conftest import OpenReport

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def saved(page: Page, figure: Locator, button: str) -> tuple[str, bytes]:
    """Name and content of the file that a figure's button gives, which is called so."""
    with page.expect_download() as download:
        figure.get_by_role("button", name=re.compile(button)).first.click()
    return download.value.suggested_filename, download.value.path().read_bytes()


def light_of(colour: str) -> float:
    """How light a colour of CSS is, from 0 to 255."""
    numbers = [float(number) for number in re.findall(r"[\d.]+", colour)[:3]]
    if colour.startswith("#"):
        numbers = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return sum(numbers) / 3


def legible(page: Page, figure: Locator, file: str, title: str, dark: bool) -> None:
    """A PNG and an SVG of a figure, in the page's colours, with their title."""
    name, png = saved(page, figure, "^Save as PNG: ")
    assert name == f"{file}.png"
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    image = Image.open(io.BytesIO(png)).convert("RGB")
    assert image.width >= 1400
    assert image.height >= 400
    ground = sum(image.getpixel((2, 2))) / 3
    assert (ground < 60) if dark else (ground > 240)
    low, high = image.convert("L").getextrema()
    assert high - low > 150  # Letters and lines on it.
    name, svg = saved(page, figure, "^Save as SVG: ")
    assert name == f"{file}.svg"
    root = ElementTree.fromstring(svg)  # Well-formed.
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    letters = next(one for one in root.iter("{http://www.w3.org/2000/svg}text") if title in "".join(one.itertext()))
    colour = re.search(r"fill: ([^;]+);", letters.get("style", "")) or re.search("(.+)", letters.get("fill", ""))
    assert abs(light_of(colour[1]) - ground) > 120


def the_network(page: Page, file: str) -> None:
    """The network with the picture beside it, in both kinds: each unit, weight and name that is on the page."""
    board = page.locator(".ld-net")
    expect(board).to_have_attribute("data-epoch", re.compile(r"\d"))
    epoch = board.get_attribute("data-epoch")
    name, svg = saved(page, board, "^Save as SVG: ")
    assert name == f"{file}-at-epoch-{epoch}.svg"
    root = ElementTree.fromstring(svg)
    space = "{http://www.w3.org/2000/svg}"
    assert len(root.findall(f".//{space}path")) == board.locator(".ld-net-edge, .ld-net-more, .ld-net-less").count()
    texts = ["".join(text.itertext()) for text in root.iter(f"{space}text")]
    assert texts[0] == f"Homes in Sacramento: network at epoch {epoch}"
    assert {"Input", "Dense", "price", "Predictions"} <= set(texts)
    assert any(text.startswith("Validation rows: mean absolute error $") for text in texts)
    assert root.find(f".//{space}image").get("href").startswith("data:image/png;base64,")  # Predicted against actual.
    assert "color(" not in svg.decode()  # Only browsers know such colours.
    name, png = saved(page, board, "^Save as PNG: ")
    assert name == f"{file}-at-epoch-{epoch}.png"
    image = Image.open(io.BytesIO(png)).convert("RGB")
    assert image.size == tuple(2 * int(root.get(side)) for side in ("width", "height"))
    assert sum(image.getpixel((2, 2))) / 3 < 60  # The page's dark ground.
    assert image.convert("L").getextrema()[1] > 200


def test_figures_are_saved_as_png_and_svg_in_the_pages_colours(
    deck: Deck, homes_run: KeptRun, open_report: OpenReport
) -> None:
    name = "Homes-in-Sacramento"
    page = deck.open(f"build?run={homes_run.run}").page
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", scheme)
        deck.settled()
        card = page.locator(".ld-live-card").first
        expect(card.get_by_role("button", name="Save as PNG: Loss (MeanSquaredError)")).to_be_visible()
        legible(page, card, f"{name}-Loss-MeanSquaredError", "Loss (MeanSquaredError)", scheme == "dark")
    the_network(page, f"{name}-network")
    deck.view("Result")
    figure = page.locator(".ld-figure-box").first
    expect(figure.locator(".ld-figure")).to_have_attribute("data-drawn", re.compile(r"\d"))
    epoch = figure.locator(".ld-figure").get_attribute("aria-label").split()[-1]
    legible(page, figure, f"{name}-The-test-rows-at-epoch-{epoch}", "Predicted against actual, test rows", dark=True)
    the_result_page_hands_the_report_out(page, homes_run, open_report(homes_run))


def the_result_page_hands_the_report_out(page: Page, kept: KeptRun, report: Page) -> None:
    """The very report that the tests beside this one look at."""
    with page.expect_download(timeout=60_000) as download:
        page.get_by_role("button", name="Report (HTML)").click()
    assert download.value.suggested_filename == "Homes-in-Sacramento-report.html"
    assert download.value.path().read_text("utf-8") == kept.report_file.read_text("utf-8")
    tile = page.get_by_test_id("stMetric").filter(has_text="Test MAE").get_by_test_id("stMetricValue").inner_text()
    expect(report.locator(".tile").filter(has_text="MAE").locator("strong")).to_have_text(tile)
    expect(report.locator(".answer strong")).to_contain_text("$")


def drawings(browser: Browser, report: Path) -> Iterator[tuple[Page, Locator]]:
    """The drawings of a report, a few to a page: Chromium holds back the eleventh download of one."""
    page = browser.new_page(color_scheme="dark")
    page.goto(report.as_uri())
    for at in range(page.locator(".drawing").count()):
        if at and at % 4 == 0:
            page.close()
            page = browser.new_page(color_scheme="dark")
            page.goto(report.as_uri())
        yield page, page.locator(".drawing").nth(at)
    page.close()


def test_each_drawing_of_the_report_is_saved(homes_run: KeptRun, quick_browser: Browser) -> None:
    names = []
    for page, drawing in drawings(quick_browser, homes_run.report_file):
        name, png = saved(page, drawing, "PNG")
        assert re.fullmatch(r"Homes-in-Sacramento-[\w-]+\.png", name)
        image = Image.open(io.BytesIO(png)).convert("RGB")
        assert image.getpixel((1, 1)) == (0x14, 0x17, 0x1C)  # The report's own dark ground.
        assert image.convert("L").getextrema()[1] > 200  # Letters.
        vector_name, svg = saved(page, drawing, "SVG")
        assert vector_name == f"{name.removesuffix('.png')}.svg"
        root = ElementTree.fromstring(svg)
        assert image.size == tuple(int(2 * float(root.get(side))) for side in ("width", "height"))
        assert root.find("{http://www.w3.org/2000/svg}title").text.startswith("Homes in Sacramento: ")
        names.append(name.removeprefix("Homes-in-Sacramento-"))
    for title in ("The-network", "Loss", "MAE", "Predicted-against-actual-price", "Errors-against-predicted-price"):
        assert any(name.startswith(title) for name in names), (title, names)


def test_a_saved_curve_of_the_report_names_its_lines(titanic_run: KeptRun, open_report: OpenReport) -> None:
    page = open_report(titanic_run)
    for title, score in (("ROC curve of 1", "AUC"), ("Precision and recall of 1", "average precision")):
        drawing = page.locator(".drawing", has=page.get_by_role("img", name=title))
        name, svg = saved(page, drawing, "SVG")
        assert name.endswith(f"-{title.replace(' ', '-')}.svg")
        root = ElementTree.fromstring(svg)
        above = [text for text in root.iter("{http://www.w3.org/2000/svg}text") if float(text.get("y") or 1) < 0]
        legend = {part.text.strip(): part.get("fill") for text in above for part in text}
        beside = page.locator("figure", has=drawing).locator(".legend span").all_inner_texts()
        assert list(legend) == [title, *(text.strip() for text in beside)]
        assert len(beside) == 4  # The network and three baselines.
        assert all(score in text for text in beside)
        assert len({legend[text.strip()] for text in beside}) == 4  # Each has the colour of its line.
        assert min(float(text.get("y")) for text in above) > float(root.get("viewBox").split()[1])
