"""What differs between experiments, by the names of their settings."""

import copy

from core.experiment.differences import differences
from core.experiment.setting_values import setting_values
from core.experiment.spec import read

HOMES = {
    "version": 1,
    "data": {
        "table": "sample:sacramento_homes",
        "targets": ["price"],
        "features": {"sqft": "number", "city": "category"},
    },
    "layers": [{"layer": "Dense", "units": 16, "activation": "relu"}, {"layer": "Dense", "units": 1}],
    "compile": {"optimizer": {"class": "Adam"}, "loss": {"class": "MeanSquaredError"}},
    "fit": {"epochs": 50, "callbacks": [{"class": "EarlyStopping", "patience": 5}]},
}


def changed(**areas):
    """HOMES with some areas in the place of its own."""
    return read({**copy.deepcopy(HOMES), **areas})


def test_equal_experiments_differ_in_nothing_whatever_their_names():
    assert differences([changed(), changed(name="Another")]) == []


def test_each_setting_that_differs_is_named_with_its_values():
    first = changed()
    second = changed(
        data={**HOMES["data"], "features": {"sqft": "number"}, "split": {"seed": 3}},
        layers=[
            {"layer": "Dense", "units": 64, "activation": "tanh", "kernel_regularizer": {"class": "L2", "l2": 0.1}},
            *HOMES["layers"][1:],
        ],
        compile={
            "optimizer": {"class": "SGD", "learning_rate": {"class": "CosineDecay", "initial_learning_rate": 0.1}},
            "loss": {"class": "MeanSquaredError"},
        },
        fit={"epochs": 50, "batch_size": 8},
    )
    found = {(area, setting): values for area, setting, values in differences([first, second])}
    assert found["Data", "features: city"] == ["category", "-"]
    assert found["Data", "split: seed"] == ["0", "3"]
    assert found["Layers", "layer 1"] == [
        "Dense (units 16, activation relu)",
        "Dense (units 64, activation tanh, kernel_regularizer L2 (l2 0.1))",
    ]
    assert found["Compile", "optimizer"] == ["Adam", "SGD"]
    assert found["Compile", "optimizer: learning_rate"] == ["0.001", "CosineDecay"]  # Keras's default, said.
    assert found["Fit", "batch_size"] == ["32", "8"]
    assert found["Fit", "EarlyStopping: patience"] == ["5", "-"]
    assert ("Layers", "layer 2") not in found
    assert ("Fit", "epochs") not in found


def test_the_policy_of_an_experiment_that_does_not_name_one_is_float32():
    mixed = changed(compile={**HOMES["compile"], "dtype_policy": "mixed_bfloat16"})
    assert differences([changed(), mixed]) == [("Compile", "dtype_policy", ["float32", "mixed_bfloat16"])]
    assert setting_values([changed(), mixed]) == {"dtype_policy": ["float32", "mixed_bfloat16"]}


def test_a_layer_more_is_seen_at_its_place_and_areas_come_in_order():
    third = changed(layers=[*HOMES["layers"][:1], {"layer": "Dropout", "rate": 0.2}, *HOMES["layers"][1:]])
    rows = differences([changed(), third, changed(fit={"epochs": 9})])
    assert [area for area, _, _ in rows] == sorted(
        (area for area, _, _ in rows), key=["Data", "Layers", "Compile", "Fit"].index
    )
    found = {setting: values for _, setting, values in rows}
    assert found["layer 3"] == ["-", "Dense (units 1)", "-"]
    assert found["epochs"] == ["50", "50", "9"]


def test_of_different_tables_the_columns_are_counted():
    other = changed(data={"table": "sample:titanic", "targets": ["survived"], "features": {"age": "number"}})
    found = {setting: values for _, setting, values in differences([changed(), other])}
    assert found["features"] == ["2 columns", "1 column"]
    assert found["table"] == ["sample:sacramento_homes", "sample:titanic"]
