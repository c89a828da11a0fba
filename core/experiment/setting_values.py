"""The settings of experiments as numbers and words, for figures of settings against scores.

setting_values([experiment, ...])     {"optimizer: learning_rate": [0.001, 0.01], "layer 1: units": [16, 64], ...}
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.experiment.spec import Experiment

SettingValue = float | str | None
_NO_SETTINGS = ("version", "name", "start", "aside")


def setting_values(experiments: Sequence[Experiment]) -> dict[str, list[SettingValue]]:
    """Setting -> its value in each experiment, of those that are not alike in all: numbers as floats, all else in
    words, None where an experiment has it not. "layers", "features" and "targets" are how many there are.
    """
    flat = [dict(_settings(experiment)) for experiment in experiments]
    names = dict.fromkeys(name for settings in flat for name in settings)
    found = {name: [settings.get(name) for settings in flat] for name in names}
    return {name: values for name, values in found.items() if len(set(values)) > 1}


def _settings(experiment: Experiment) -> Iterator[tuple[str, SettingValue]]:
    value = {name: part for name, part in experiment.value().items() if name not in _NO_SETTINGS}
    yield "layers", float(len(experiment.layers))
    for number, layer in enumerate(value.pop("layers"), start=1):
        yield from _flat(layer, f"layer {number}", "layer")
    rate = experiment.compile.optimizer.value("learning_rate")
    value["compile"]["optimizer"] = {**value["compile"]["optimizer"], "learning_rate": rate}
    value["compile"]["dtype_policy"] = experiment.compile.dtype_policy
    data, fit = value.pop("data"), value.pop("fit")
    for name in ("features", "targets"):
        yield name, float(len(data.pop(name)))
    for callback in fit.pop("callbacks"):
        yield from _flat(callback, callback["class"], "class")
    for part in (value.pop("compile"), fit, data):
        yield from _flat(part)


def _flat(settings: Mapping[str, Any], before: str = "", kind: str = "class") -> Iterator[tuple[str, SettingValue]]:
    """(name, value) of each setting; those inside one are named after it: "split: seed"."""
    for name, value in settings.items():
        called = before if name == kind and before else f"{before}: {name}" if before else name
        if isinstance(value, Mapping):
            yield from _flat(value, called)
        else:
            yield called, _plain(value)


def _plain(value: Any) -> SettingValue:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return float(value)
    return ", ".join(str(one["class"]) if isinstance(one, Mapping) and "class" in one else str(one) for one in value)
