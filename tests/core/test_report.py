"""A report's value from a run's parts, and the page from its value: nothing that a table says is taken for HTML."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from core.inspect.diagram import _chosen
from core.inspect.graph import Step
from core.report.page import page
from core.runs.report_data import _figure, _history, _plain, _why_not

pytestmark = pytest.mark.slow

HOSTILE = [
    "</script><script>window.hacked = 1</script>",
    "<!--",
    '"><img src=x onerror="window.hacked = 1">',
    "{{script}}",
    "\ud800 & \u2028",
]


class Read(HTMLParser):
    """The elements of a page, and what stands in its title and in each script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.inside, self.title = "", ""
        self.scripts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, _attrs: list) -> None:
        self.elements.append(tag)
        self.inside = tag
        self.scripts += [""] * (tag == "script")

    def handle_endtag(self, _tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "script":
            self.scripts[-1] += data
        elif self.inside == "title":
            self.title += data


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_table_says_stays_text(name):
    value = {"title": name, "features": [{"name": name, "words": [name]}]}
    written, plain = Read(page(value)), Read(page({"title": "plain"}))
    assert written.elements == plain.elements
    assert json.loads(written.scripts[0]) == value
    assert written.scripts[1:] == plain.scripts[1:]
    assert written.title == name.replace("\ud800", "\ufffd")  # Half a letter is none.
    page(value).encode("utf-8")


def test_the_page_may_fetch_nothing_and_run_only_its_own_script():
    text = page({"title": "x"})
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert not re.search(r"(src|href)\s*=|@import|url\(|https?://(?!www\.w3\.org/2000/svg)", text)
    assert len(text) < 100_000


def test_of_many_epochs_some_are_drawn_those_that_matter_among_them():
    history = {"loss": [1 / (epoch + 1) for epoch in range(5000)], "val_loss": [None, *range(4999)]}
    found = _history(history, 10, (3008, 5010))
    assert len(found["epochs"]) <= 1002
    assert (found["epochs"][0], found["epochs"][-1]) == (11, 5010)
    assert 3008 in found["epochs"]
    assert found["train"]["loss"][found["epochs"].index(3008)] == pytest.approx(1 / 2998, rel=1e-5)
    assert found["validation"]["loss"][0] is None


def test_of_many_classes_the_most_frequent_mistakes_are_told():
    counts = [[100 * (row == column) for column in range(30)] for row in range(30)]
    counts[3][5], counts[7][2] = 4, 9
    assert _figure({"confusion": counts}) == {"mistakes": [[7, 2, 9], [3, 5, 4]], "right": 3000, "rows": 3013}
    assert _figure({"confusion": counts[:2]}) == {"confusion": counts[:2]}


def test_a_network_that_is_too_large_for_a_mail_says_so():
    steps = [
        Step("input", []),
        Step("dense", [0], arguments={"kernel": np.zeros((2000, 2000), "float32"), "bias": None}),
    ]
    assert _why_not(steps).startswith("This network has 4,000,000 weights, too many")
    assert _why_not(steps[:1]) == ""


def test_the_drawing_shows_each_feature_before_the_second_word_of_another():
    names = ["sqft", *(f"city = {word}" for word in range(20)), "sold, year (sine)", "baths missing", "baths"]
    kernel = np.ones((len(names), 3))
    kernel[1:21] = np.arange(2, 22)[:, None]  # The words' weights are the larger ones.
    drawn = [names[at] for at in _chosen(kernel, names, ("baths", "sqft", "city", "sold"))]
    assert drawn == ["sqft", *(f"city = {word}" for word in range(11, 20)), "sold, year (sine)", "baths missing"]


def test_what_is_no_number_becomes_none():
    assert _plain({"a": (1.5, float("nan")), "b": [float("-inf"), "nan"]}) == {"a": [1.5, None], "b": [None, "nan"]}
