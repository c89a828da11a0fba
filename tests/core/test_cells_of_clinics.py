"""Ages with an open end, heights in feet and inches, weeks and days of a pregnancy, ordinals and a runner's paces. The
expected values are arithmetic.
"""

import pytest

from core.experiment.reading_edits import alternatives
from core.tables.profile import profile
from core.tables.sources import read_bytes


def read(cells, name="value"):
    """The values of a column with these cells, their unit, and what is said of it."""
    content = f"{name};y\n" + "".join(f"{cell};{at}.5\n" for at, cell in enumerate(cells))
    frame, info = read_bytes("a.csv", content.encode())
    values = frame[name].astype(object).where(frame[name].notna(), None).tolist()
    return values, info.units.get(name, ""), " ".join(info.notes)


OPEN = {
    "%s+": "",
    "%s +": "",
    "%s+ years": "years",
    "%s years+": "years",
    "%s and over": "",
    "%s years and over": "years",
    "%s or more": "",
    "%s years or older": "years",
    "%s plus": "",
    "%s und \u00e4lter": "",
    "%s ans et plus": "ans",
    "%s y m\u00e1s": "",
}


@pytest.mark.parametrize(("form", "unit"), OPEN.items())
def test_a_number_with_an_open_end_is_its_least(form, unit):
    ages = [at % 70 + 20 for at in range(60)]
    values, of, said = read([*(f"{age} {unit}".strip() for age in ages), *([form % 90] * 4)], "age")
    assert (values, of) == ([*ages, 90, 90, 90, 90], unit)
    assert f"numbers with an open end like {form % 90} in 4 cells, read as 90" in said


def test_a_plus_between_other_numbers_is_no_open_end():
    values, _, said = read([*map(str, range(60)), "12+"])
    assert values == [*range(60), None]
    assert "12+ (row 62)" in said
    assert "numbers like 12+" not in said


@pytest.mark.parametrize(
    "words", [["4+", "9+", "12+", "17+"], ["neg", "trace", "1+", "2+", "3+"], [*("0", "1", "2") * 10, "3+"]]
)
def test_classes_with_a_plus_stay_words(words):
    assert read(words * 10)[0] == words * 10


def test_installations_that_all_have_an_open_end_are_numbers():
    counts = [10**at for at in range(8)] + [5 * 10**at for at in range(8)]
    assert read([f"{count:,}+" for count in counts] * 2)[0] == counts * 2


def test_an_open_end_can_be_read_as_words():
    content = "age;y\n" + "".join(f"{at % 70};{at}.5\n" for at in range(60)) + "90+;3\n90+;4\n"
    _, info = read_bytes("a.csv", content.encode())
    note = next(note for note in info.noted if "open end" in note.text)
    (label, again), *_ = alternatives(note, info.decided)
    assert label == "Read as words"
    assert read_bytes("a.csv", content.encode(), again)[0]["age"].tolist()[-1] == "90+"


def test_less_than_a_year_is_below_a_bound():
    """As length of employment has it in the table of a lender."""
    cells = [*(f"{at} years" for at in range(2, 10)), "1 year", "10+ years"] * 4 + ["less than 1 year"] * 2
    content = "work;y\n" + "".join(f"{cell};{at}.5\n" for at, cell in enumerate(cells))
    frame, info = read_bytes("a.csv", content.encode())
    assert frame["work"].fillna(-1).tolist() == [*range(2, 10), 1, 10] * 4 + [-1, -1]
    note = next(note for note in info.noted if "are not numbers" in note.text)
    assert "less than 1 year" in note.text
    (label, again), *_ = alternatives(note, info.decided)
    assert label == "Read as the bound"
    assert read_bytes("a.csv", content.encode(), again)[0]["work"].tolist()[-2:] == [1, 1]


_LESS = "under|less than|fewer than|below|unter|weniger als|moins de|menos de|meno di|minder dan|<"
_MORE = "over|more than|above|\u00fcber|mehr als|plus de|m\u00e1s de|meer dan|>"


@pytest.mark.parametrize("bound", f"{_LESS}|{_MORE}".split("|"))
def test_what_is_read_as_a_bound_is_offered_as_one(bound):
    """The reader of cells and the button below its note know the same words."""
    content = "work;y\n" + "".join(f"{at};{at}.5\n" for at in range(10, 90)) + f"{bound} 5;1\n{bound} 5;2\n"
    _, info = read_bytes("a.csv", content.encode())
    note = next(note for note in info.noted if "are not numbers" in note.text)
    (label, again), *_ = alternatives(note, info.decided)
    assert label == "Read as the bound"
    assert read_bytes("a.csv", content.encode(), again)[0]["work"].tolist()[-2:] == [5, 5]


@pytest.mark.parametrize("name", ["Height", "player_height", "Ht", "Gr\u00f6\u00dfe"])
def test_feet_and_inches_with_a_dash_are_a_height(name):
    cells = [f"{feet}-{inches}" for feet in (5, 6) for inches in range(12)]
    values, unit, said = read(cells, name)
    assert values == pytest.approx([feet + inches / 12 for feet in (5, 6) for inches in range(12)])
    assert unit == "ft"
    assert "like 5-0, read as one number in ft (5)" in said


@pytest.mark.parametrize("name", ["score", "result", "weight"])
def test_two_numbers_with_a_dash_are_no_height_under_other_names(name):
    cells = [f"{first}-{second}" for first in (5, 6) for second in range(8)]
    assert read(cells, name)[0] == cells


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("%sw%sd", "x"),
        ("%s w %s d", "x"),
        ("%s weeks %s days", "x"),
        ("%s %s/7", "x"),
        ("%s+%s", "gestational_age"),
        ("%s+%s", "GA"),
        ("%s+%s/7", "ga_weeks"),
    ],
)
def test_weeks_and_days_are_weeks(form, name):
    values, unit, _ = read([form % (at % 18 + 24, at % 7) for at in range(60)], name)
    assert values == pytest.approx([at % 18 + 24 + at % 7 / 7 for at in range(60)])
    assert unit == "w"


def test_two_numbers_with_a_plus_are_no_weeks_under_other_names():
    cells = [f"{at % 18 + 24}+{at % 7}" for at in range(60)]
    assert read(cells, "rooms")[0] == cells


def ordinal(number):
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if number in (11, 12, 13) else ends.get(number % 10, 'th')}"


def test_many_ordinals_are_numbers():
    places = [at % 33 + 1 for at in range(60)]
    values, _, said = read([ordinal(place) for place in places], "finish")
    assert values == places
    assert "ordinals like 1st, read as numbers" in said
    assert read([ordinal(place) if place % 2 else str(place) for place in places])[0] == places


@pytest.mark.parametrize("most", [3, 12])
def test_classes_and_grades_stay_words(most):
    cells = [ordinal(at % most + 1) for at in range(60)]
    assert read(cells, "class")[0] == cells


@pytest.mark.parametrize(
    ("form", "unit"),
    [("%d:%02d /km", "s/km"), ("%d:%02d/mi", "s/mi"), ("%d:%02d min/km", "s/km"), ('%d\'%02d""/100m', "s/100m")],
)
def test_a_pace_is_seconds_for_a_length(form, unit):
    cells = [form % (at % 5 + 3, at % 60) for at in range(60)]
    quoted = [f'"{cell}"' for cell in cells]
    values, of, _ = read(quoted, "split")
    assert (values, of) == ([60 * (at % 5 + 3) + at % 60 for at in range(60)], unit)


def test_paces_for_different_lengths_are_no_numbers():
    cells = [f"{at % 5 + 3}:{at % 60:02} /{('km', 'mi')[at % 2]}" for at in range(60)]
    values, _, said = read(cells, "pace")
    assert values == cells
    assert "times for different lengths, like 3:00 /km and 4:01 /mi" in said


def test_rows_to_predict_for_are_read_alike():
    def rows(ages, heights, places):
        lines = (f"{age},{height},{place}" for age, height, place in zip(ages, heights, places, strict=True))
        return "\n".join(["age,height,place,y", *(f"{line},{at}.5" for at, line in enumerate(lines))]).encode()

    ages = [*(str(at % 70) for at in range(57)), "90+", "90+", "90+"]
    heights = [f"{at % 2 + 5}-{at % 12}" for at in range(60)]
    content = rows(ages, heights, [ordinal(at % 30 + 1) for at in range(60)])
    frame, info = read_bytes("a.csv", content)
    kinds = {column.name: column.kind for column in profile(frame).columns}
    assert kinds["age"] == kinds["height"] == kinds["place"] == "number"
    asked, _ = read_bytes("b.csv", rows(["85+", "30"], ["6-6", "5-0"], ["2nd", "41st"]), info.decided.carried())
    assert asked[["age", "height", "place"]].to_numpy().tolist() == [[85, 6.5, 2], [30, 5, 41]]


def test_scores_at_half_time_are_no_heights():
    cells = [f"{at % 4}-{at % 3}" for at in range(40)]
    assert read(cells, "HT")[0] == cells


def test_times_behind_the_winner_are_durations():
    cells = ["", *(f"+{at // 6}:{at % 60:02}" for at in range(1, 50))]
    values, unit, _ = read(cells, "gap")
    assert values == [None, *(at // 6 * 60 + at % 60 for at in range(1, 50))]
    assert unit == "s"
    mixed = ["1:32:03.897", *(f"+{at}.041s" for at in range(1, 30))]
    assert read(mixed, "time")[0] == [
        None,
        *(at + 0.041 for at in range(1, 30)),
    ]  # The first is no time behind another.


def test_a_minus_behind_the_least_number_beside_open_ends_is_no_sign():
    """As the tables of a census have incomes: 2,500 or less, and 250,000 or more."""
    incomes = [f"{at * 900 + 3_000}" for at in range(60)]
    values, _, said = read([*incomes, "2,500-", "250,000+", "2,500-"], "income")
    assert values == [*map(int, incomes), 2_500, 250_000, 2_500]
    assert "numbers with an open end like 250,000+" in said
    values, _, _ = read([*incomes, "2,500-", "4,000-"], "balance")  # As ledgers write numbers below 0.
    assert values == [*map(int, incomes), -2_500, -4_000]


@pytest.mark.parametrize("form", ["{:_}", "ca {}", "ca. {}"])
def test_underscores_between_thousands_and_about_are_no_words(form):
    numbers = [at * 1_037 + 40_000 for at in range(40)]
    assert read([form.format(number) for number in numbers])[0] == numbers


def test_parts_of_names_joined_by_underscores_stay_words():
    cells = [f"{at % 4}_{at}" for at in range(40)]
    assert read(cells)[0] == cells
