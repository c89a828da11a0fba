"""Every sample loads, is what its row says, and is the same each time."""

import io

import pandas as pd
import pytest

from core.tables.errors import TableError
from core.tables.profile import profile
from core.tables.samples import FOLDER, SAMPLES, load_sample

DRAWN = [name for name, sample in SAMPLES.items() if sample.draw]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_holds_its_target_and_names_its_licence(name):
    sample, frame = SAMPLES[name], load_sample(name)
    assert sample.target in frame.columns
    assert profile(frame).column(sample.target).target_kind
    assert all((sample.title, sample.what, sample.source, sample.licence))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_profile_of_a_sample_suggests_its_target(name):
    assert profile(load_sample(name)).suggested_target == SAMPLES[name].target


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_the_same_each_time(name):
    pd.testing.assert_frame_equal(load_sample(name), load_sample(name))


def test_files_and_rows_of_the_table_agree():
    assert {path.stem for path in FOLDER.glob("*.csv")} == set(SAMPLES) - set(DRAWN)


@pytest.mark.parametrize("name", SAMPLES)
def test_each_file_is_named_in_the_notice(name):
    assert name in DRAWN or f"{name}.csv" in (FOLDER / "NOTICE.md").read_text()


@pytest.mark.parametrize("name", DRAWN)
def test_a_drawn_sample_survives_a_csv_file(name):
    frame = load_sample(name)
    pd.testing.assert_frame_equal(pd.read_csv(io.BytesIO(frame.to_csv(index=False).encode())), frame)


@pytest.mark.parametrize("name", DRAWN)
def test_a_drawn_sample_has_two_classes_of_words_in_balance(name):
    frame = load_sample(name)
    assert list(frame.columns) == ["x", "y", "label"]
    assert len(frame) == 500
    assert frame["label"].value_counts(normalize=True).between(0.4, 0.6).all()


@pytest.mark.parametrize(
    ("given", "near"), [("penguin", "penguins"), ("Titanic", "titanic"), ("sacramento", "sacramento_homes")]
)
def test_an_unknown_sample_is_refused_with_the_nearest_name(given, near):
    with pytest.raises(TableError, match=f"did you mean '{near}'"):
        load_sample(given)


def test_a_name_like_none_is_refused_with_the_list():
    with pytest.raises(TableError, match="choose one of sacramento_homes, "):
        load_sample("zzz")
