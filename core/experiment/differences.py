"""The settings in which experiments differ, as a person would name them: data, layers, compile, fit."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.experiment.counts import count
from core.experiment.spec import Experiment

AREAS = ("Data", "Layers", "Compile", "Fit")
_ABSENT = "-"
Settings = dict[tuple[str, str], str]


def differences(experiments: Sequence[Experiment]) -> list[tuple[str, str, list[str]]]:
    """(area, setting, its value in each experiment) for every setting that is not alike in all of them, by area.

    What an experiment has not is "-". A layer is one setting, with its class and arguments; layers are compared by
    their place. Features are compared one by one where the table is the same, else counted.
    """
    same_table = len({experiment.data.table for experiment in experiments}) == 1
    flat = [_settings(experiment, same_table) for experiment in experiments]
    names = dict.fromkeys(name for settings in flat for name in settings)
    rows = [(*name, [settings.get(name, _ABSENT) for settings in flat]) for name in names]
    return sorted((row for row in rows if len(set(row[2])) > 1), key=lambda row: AREAS.index(row[0]))


def _settings(experiment: Experiment, same_table: bool) -> Settings:
    value = experiment.value()
    data, compiled = dict(value["data"]), dict(value["compile"])
    if not same_table:
        data["features"] = count(len(data["features"]), "column")
    optimizer = {**compiled["optimizer"], "learning_rate": experiment.compile.optimizer.value("learning_rate")}
    compiled["dtype_policy"] = experiment.compile.dtype_policy
    fit = dict(value["fit"])
    callbacks = {callback.pop("class"): callback or "yes" for callback in map(dict, fit.pop("callbacks"))}
    if value["start"]:
        fit["start"] = value["start"]
    layers = {f"layer {at}": _call(layer, "layer") for at, layer in enumerate(value["layers"], start=1)}
    areas: dict[str, Mapping[str, Any]] = {
        "Data": data,
        "Layers": layers,
        "Compile": {**compiled, "optimizer": optimizer},
        "Fit": {**fit, **callbacks},
    }
    return {
        (area, name): text for area, settings in areas.items() for name, text in _flat(settings) if name is not None
    }


def _flat(settings: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """(name, text) of each setting; those inside one are named after it: "split: seed"."""
    for name, value in settings.items():
        called = f"{before}: {name}" if before else name
        if isinstance(value, Mapping):
            inner = dict(value)
            if "class" in inner:
                yield called, str(inner.pop("class"))
            yield from _flat(inner, called)
        else:
            yield called, setting_text(value)


def _call(given: Mapping[str, Any], kind: str = "class") -> str:
    """{"layer": "Dense", "units": 16} -> "Dense (units 16)"."""
    arguments = ", ".join(f"{name} {setting_text(value)}" for name, value in given.items() if name != kind)
    return f"{given[kind]} ({arguments})" if arguments else str(given[kind])


def setting_text(value: Any) -> str:
    """A setting's value as a person reads it: None -> "none", {"class": "L2", "l2": 0.1} -> "L2 (l2 0.1)"."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return (
            _call(value)
            if "class" in value
            else ", ".join(f"{name} {setting_text(one)}" for name, one in value.items())
        )
    if isinstance(value, list | tuple):
        return ", ".join(map(setting_text, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
