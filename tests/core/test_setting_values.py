"""The settings of experiments as numbers and words."""

from core.experiment.setting_values import setting_values
from core.experiment.spec import read
from tests.core.test_experiment_differences import HOMES


def test_settings_that_differ_are_numbers_or_words():
    one = read(HOMES)
    two = read(
        {
            **HOMES,
            "layers": [
                {"layer": "Dense", "units": 64, "activation": "tanh"},
                {"layer": "Dropout", "rate": 0.2},
                {"layer": "Dense", "units": 1},
            ],
            "compile": {**HOMES.get("compile", {}), "optimizer": {"class": "SGD", "learning_rate": 0.1}},
            "fit": {**HOMES.get("fit", {}), "batch_size": 8, "callbacks": [{"class": "EarlyStopping", "patience": 3}]},
        }
    )
    found = setting_values([one, two])
    assert found["layers"] == [2.0, 3.0]
    assert found["layer 1: units"] == [16.0, 64.0]
    assert found["layer 1: activation"] == ["relu", "tanh"]
    assert found["layer 2"] == ["Dense", "Dropout"]
    assert found["layer 2: rate"] == [None, 0.2]
    assert found["optimizer: learning_rate"] == [0.001, 0.1]
    assert found["optimizer"] == ["Adam", "SGD"]
    assert found["batch_size"][1] == 8.0
    assert found["EarlyStopping: patience"] == [5.0, 3.0]
    assert "layer 1" not in found  # Both are Dense.
    assert setting_values([one, one]) == {}


def test_a_schedule_is_told_by_its_class_and_its_first_rate():
    rate = {"class": "CosineDecay", "initial_learning_rate": 0.01}
    two = read({**HOMES, "compile": {"optimizer": {"class": "Adam", "learning_rate": rate}}})
    found = setting_values([read(HOMES), two])
    assert found["optimizer: learning_rate"] == [0.001, "CosineDecay"]
    assert found["optimizer: learning_rate: initial_learning_rate"] == [None, 0.01]
