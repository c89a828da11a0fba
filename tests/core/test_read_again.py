"""A file that is read otherwise keeps what was chosen, as far as its columns stay."""

import pandas as pd

from core.experiment.reading import TableReading
from core.experiment.spec import read
from core.tables.profile import profile
from core.tables.read_again import with_reading

READING = TableReading(header=(1,))


def table(**changes: object) -> pd.DataFrame:
    columns: dict[str, object] = {
        "area": [f"{at} m²" if at % 3 else "large" for at in range(60)],
        "kind": ["house", "flat", "barn"] * 20,
        "weight": [1.0, 2.0] * 30,
        "price": [100.0 * at + at % 7 for at in range(60)],
    }
    return pd.DataFrame({**columns, **changes})


def experiment(**data: object):
    return read(
        {
            "version": 1,
            "data": {
                "table": "file:" + "0" * 64,
                "targets": ["price"],
                "features": {"area": "category", "kind": "code"},
                **data,
            },
            "layers": [{"layer": "Dense", "units": 8, "activation": "relu"}, {"layer": "Dense", "units": 1}],
        }
    )


def read_otherwise(now: pd.DataFrame, **data: object):
    return with_reading(experiment(**data), READING, profile(table()), profile(now))


def test_a_column_whose_cells_are_numbers_now_is_a_number_and_the_rest_stays():
    now = read_otherwise(table(area=[float(at) if at % 3 else None for at in range(60)]), weight="weight")
    assert now.data.reading == READING
    assert now.data.features == {"area": "number", "kind": "code"}  # A code by the person's choice.
    assert (now.data.targets, now.data.weight) == (("price",), "weight")
    assert now.layers == experiment().layers


def test_columns_that_are_gone_leave_and_new_ones_join():
    renamed = table().rename(columns={"area": "Area", "weight": "Weight"})
    split = {"method": "group", "column": "area"}
    now = read_otherwise(renamed, weight="weight", split=split, preparation={"kind": {}})
    assert now.data.features == {"kind": "code", "Area": "category", "Weight": "number"}
    assert (now.data.weight, now.data.split.method) == (None, "random")


def test_a_target_that_is_gone_is_guessed_anew_and_the_network_suits_it():
    now = read_otherwise(table().drop(columns="price").rename(columns={"kind": "class"}))
    assert now.data.targets == ("class",)
    assert now.layers[-1].arguments == {"units": 3, "activation": "softmax"}
    assert now.compile.single_loss.row.target == "integer"


def test_a_table_without_a_column_that_can_be_predicted_has_no_target():
    now = read_otherwise(pd.DataFrame({"a": ["x"] * 60}))
    assert now.data.targets == ()
