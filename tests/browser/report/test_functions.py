"""Functions of the report's script, called one by one in Chromium."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from core.experiment.score_words import number

AMOUNTS = (278.1, -699.0, 999.96, 999.996, 12.5, 0.851, 0.0421, 0.0004, 1500.4, 0.0)

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_target_of_small_spread_has_its_digits_in_the_figure_and_the_form(browser: Browser) -> None:
    """As `core.experiment.digits` writes them; marks of an axis differ, and lie within the drawing."""
    sources = Path(__file__).parents[3] / "core" / "report"
    alone = browser.new_page()
    alone.add_script_tag(
        content="".join(
            (sources / f"{name}.js").read_text(encoding="utf-8") for name in ("elements", "pictures", "figures")
        )
    )
    asked = [
        (1_000_000_123.42, "$", 999_999_900, 1_000_000_400),
        (-121.55071, "", -121.552, -121.5496),
        (8.17e9, "", 1e9, 9e9),
        *((value, unit, None, None) for unit in ("$", "EUR", "MPa", "€/m²") for value in AMOUNTS),
        *((value, "$", 699.01, 699.05) for value in AMOUNTS),
    ]
    assert alone.evaluate("asked => asked.map(one => number(...one))", asked) == [
        "$1,000,000,123.42",
        "-121.550710",
        "8.17 billion",
        *(number(*one) for one in asked[3:]),
    ]
    assert alone.evaluate("[0.5, 1, 1250, 0.02, -7.5, 20000].map((one) => brief(one, '$'))") == [
        *("$0.50", "$1", "$1,250", "$0.02", "-$7.50", "$20k")
    ]
    marks = alone.evaluate("[[1190, 1210], [1201000, 1204000]].map((ends) => ticks(...ends).map((one) => brief(one)))")
    assert marks[0] == ["1,190", "1,195", "1,200", "1,205", "1,210"]
    assert marks[1] == ["1.201M", "1.202M", "1.203M", "1.204M"]
    assert alone.evaluate("[0.5, 7.25].map((one) => brief(one, 'MPa'))") == ["0.5", "7.25"]
    marks = alone.evaluate(
        """([actual, target]) => {
            document.body.append(scatter({ actual, predicted: actual }, target));
            const box = document.querySelector('svg').getBoundingClientRect();
            return [...document.querySelectorAll('.grid text[text-anchor=end]')].map(
                (one) => [one.textContent, one.getBoundingClientRect().left >= box.left]);
        }""",
        [
            [999_999_960, 1e9, 1_000_000_040.4],
            {"target": "balance", "unit": "", "low": 999_999_950, "high": 1_000_000_050},
        ],
    )
    assert marks == [["999,999,975", True], ["1,000,000,000", True], ["1,000,000,025", True]]
    alone.close()


def test_a_long_mark_at_the_end_of_an_axis_stays_within_the_drawing(browser: Browser) -> None:
    """The last day of a feature lost its end on the right."""
    sources = Path(__file__).parents[3] / "core" / "report"
    alone = browser.new_page()
    names = ("network", "elements", "pictures", "plots", "form", "contributions")
    alone.add_style_tag(path=sources / "page.css")
    alone.add_script_tag(content="".join((sources / f"{name}.js").read_text(encoding="utf-8") for name in names))
    ends = alone.evaluate(
        """() => {
            const across = { low: 0, high: 1, title: "started", marks: [[0, "2024-03-02"], [1, "2024-03-21"]] };
            const shown = plot("", across, { low: 0, high: 1, tick: String }, () => []);
            document.body.append(shown);
            const box = shown.getBoundingClientRect();
            return [...shown.querySelectorAll("text")].filter((one) => one.textContent.startsWith("2024"))
                .map((one) => one.getBoundingClientRect().right <= box.right);
        }"""
    )
    assert ends == [True, True]
    written = alone.evaluate("""cell({ name: "started", kind: "date", timed: true }, "2024-03-11T15:08")""")
    assert written == "2024-03-11 15:08"
    alone.close()


def test_a_date_with_its_time_of_day_and_a_text_are_read_from_their_fields(browser: Browser) -> None:
    sources = Path(__file__).parents[3] / "core" / "report"
    alone = browser.new_page()
    alone.add_script_tag(
        content="".join(
            (sources / f"{name}.js").read_text(encoding="utf-8")
            for name in ("network", "elements", "pictures", "figures", "form")
        )
    )
    said = alone.evaluate(
        """() => {
            const feature = { name: "at", kind: "date", timed: true, low: 19000, high: 19001, usual: 19000.75 };
            const told = [];
            document.body.append(field(feature, (value) => told.push(rawValue(feature, value))));
            const box = document.querySelector("input");
            box.value = "2022-01-08T06:00";
            box.dispatchEvent(new Event("input"));
            return [box.type, ...told, document.querySelector(".range").textContent];
        }"""
    )
    assert said == ["datetime-local", 19000.75, 19000.25, "training range 2022-01-08 00:00 to 2022-01-09 00:00"]
    said = alone.evaluate(
        """() => {
            const feature = { name: "from", kind: "number", clock: "time", low: 8, high: 19.75, usual: 18.75 };
            const told = [], shown = field(feature, (value) => told.push(value));
            const [box, slider] = shown.querySelectorAll("input");
            const first = [box.type, box.value, slider.value, shown.querySelector(".ends").textContent];
            box.value = "14:30";
            box.dispatchEvent(new Event("input"));
            slider.value = 9.2583;
            slider.dispatchEvent(new Event("input"));
            return [...first, ...told, box.value, notes([feature], { from: 6.5 }).join(), clockText("duration", 75)];
        }"""
    )
    assert said[:4] == ["time", "18:45", "18.75", "08:0019:45"]
    assert said[4:7] == pytest.approx([18.75, 14.5, 9.25], abs=1e-9)
    assert said[7:] == ["09:15", "from 06:30 is outside the training range 08:00 to 19:45", "00:01:15"]
    said = alone.evaluate(
        """() => {
            const words = Array.from({ length: 300 }, (_, at) => `shop ${at}`), told = [];
            const feature = { name: "shop", kind: "category", usual: "shop 7", words, cut: ["shop 999"] };
            document.body.append(field(feature, (value) => told.push(value)));
            const box = document.querySelector("input[list]");
            for (const text of ["shop 299", "shop 999", "new", ""]) {
                box.value = text;
                box.dispatchEvent(new Event("input"));
            }
            return [box.list.options.length, ...told.map((value) => notes([feature], { shop: value }).join())];
        }"""
    )
    assert said == [
        300,
        "",
        "",
        'shop "shop 999" is not among the 300 most frequent words that are known: treated as an unknown category',
        'shop "new" was not seen in training',
        "shop is missing: treated as an unknown category",
    ]
    said = alone.evaluate(
        """() => {
            const feature = { name: "said", kind: "text", usual: "A <b>fine</b> home", vocabulary: ["fine", "home"] };
            const told = [];
            document.body.append(field(feature, (value) => told.push(value)));
            const box = document.querySelector("textarea");
            for (const text of ["Unheard of", "FINE!", ""]) {
                box.value = text;
                box.dispatchEvent(new Event("input"));
            }
            return told.map((value) => [rawValue(feature, value), notes([feature], { said: value }).join()]);
        }"""
    )
    assert said == [
        ["A <b>fine</b> home", ""],
        ["Unheard of", "said has none of the words that were kept from the training texts"],
        ["FINE!", ""],
        ["", "said is missing: treated as a text without known words"],
    ]
    said = alone.evaluate(
        """() => {
            const targets = [{ target: "y", unit: "", classes: [] }];
            const asked = form({ features: [], targets }, () => ({ y: { answer: 1 } }), () => new Promise(() => {}));
            return asked.querySelector(".whys").textContent;
        }"""
    )
    assert said == "Computing the contributions to this prediction…"
    alone.close()
