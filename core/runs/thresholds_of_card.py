"""The thresholds of a run's targets of two classes, as its card has them."""

from typing import Any


def default_threshold(target: dict[str, Any]) -> float:
    """The threshold of a card's target for which none was chosen."""
    return 0.0 if target.get("margin") else 0.5


def chosen_thresholds(card: dict[str, Any]) -> dict[str, float]:
    """Target -> its threshold, of those whose threshold a person has chosen."""
    return {
        one["target"]: one["decision"]
        for one in card["targets"]
        if one["task"] == "binary" and one.get("decision", default_threshold(one)) != default_threshold(one)
    }
