"""The temperatures by which a run's classifications are recalibrated, as its card has them."""

from typing import Any

from core.evaluation.temperature_scaling import tempered_threshold

_DIGITS = 12  # Of a threshold that is taken back: what was typed comes back as it was.


def chosen_temperatures(card: dict[str, Any]) -> dict[str, float]:
    """Target -> its temperature, of those that are recalibrated."""
    return {one["target"]: one["temperature"] for one in card["targets"] if "temperature" in one}


def with_temperature(target: dict[str, Any], temperature: float | None) -> dict[str, Any]:
    """A card's target at a temperature, None: as it was trained. A threshold of two classes moves with the
    probabilities, so that it parts the rows as before.
    """
    plain = {name: value for name, value in target.items() if name != "temperature"}
    if target["task"] == "binary" and "decision" in target:
        decision = target["decision"]
        if "temperature" in target:
            decision = float(f"{tempered_threshold(decision, 1 / target['temperature']):.{_DIGITS}g}")
        plain["decision"] = decision if temperature is None else tempered_threshold(decision, temperature)
    return plain if temperature is None else {**plain, "temperature": temperature}


def as_it_was_trained(card: dict[str, Any]) -> dict[str, Any]:
    """The card of the run's network before it was recalibrated."""
    return {**card, "targets": [with_temperature(target, None) for target in card["targets"]]}
