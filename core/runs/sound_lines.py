"""Whether a line of a journal, or a small file, is one that Layerdeck writes. A line with anything else in it, of a
damaged file or of another version, counts as none, as one that a crash cut short: whoever reads the others goes on.
"""

from collections.abc import Callable, Mapping
from typing import Any

Line = Mapping[str, Any]
_Check = Callable[[Any], bool]
_PLAIN = {int, float, type(None)}


def is_event(line: Line) -> bool:
    """Whether it tells what became of a run (`events.jsonl`)."""
    return _sound(line, _OF_EVENT)


def is_order(line: Line) -> bool:
    """Whether it is what a person asked of a run (`orders.jsonl`)."""
    needed = _NEEDED.get(line.get("do", ""), ()) if isinstance(line.get("do"), str) else ("do",)
    return _sound(line, _OF_ORDER) and all(name in line for name in needed)


def is_search_event(line: Line) -> bool:
    """Whether it tells what became of a search (`events.jsonl` of its folder)."""
    whole = "trial" not in line or ("run" in line and "values" in line)
    return "at" in line and whole and _sound(line, _OF_SEARCH)


def is_plan(value: Any) -> bool:
    """Whether it says which runs train some variants of a search again, and what came of them: the value of
    `finalists.json` and of `confirmation.json`.
    """
    if (
        not isinstance(value, dict)
        or not isinstance(value.get("seeds"), list)
        or not isinstance(value.get("runs"), dict)
    ):
        return False
    seeds, runs = value["seeds"], value["runs"]
    parts = [value[part] for part in ("validation", "test") if part in value]
    return (
        all(map(_whole, seeds))
        and all(isinstance(of_one, list) and len(of_one) == len(seeds) for of_one in runs.values())
        and all(isinstance(run, str) for of_one in runs.values() for run in of_one)
        and all(isinstance(part, dict) for part in parts)
        and all(
            isinstance(scores, list) and all(score is None or _number(score) for score in scores)
            for part in parts
            for scores in part.values()
        )
    )


def is_stop(value: Any) -> bool:
    """Whether it is how a person ended a search: the value of `stop`."""
    return isinstance(value, dict) and isinstance(value.get("confirm"), bool)


def _sound(line: Line, checks: Mapping[str, _Check]) -> bool:
    return all(checks[name](value) for name, value in line.items() if name in checks)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: Any) -> bool:
    return type(value) is int


def _maybe(check: _Check) -> _Check:
    return lambda value: value is None or check(value)


def _numbers(value: Any) -> bool:
    """Whether it is name -> number, or none."""
    return type(value) is dict and {*map(type, value.values())} <= _PLAIN


def _epochs(value: Any) -> bool:
    """Whether it is [[epoch, name -> number], ...]. A journal has very many of them."""
    return type(value) is list and all(
        type(one) is list and len(one) == 2 and type(one[0]) is int and _numbers(one[1]) for one in value
    )


def _state(value: Any) -> bool:
    return value in ("queued", "finished", "stopped", "failed", "interrupted")


_OF_EVENT: dict[str, _Check] = {
    "at": _number,
    "killed": _number,
    "stage": _text,
    "rows": lambda value: isinstance(value, list) and len(value) >= 2 and all(map(_number, value)),
    "baselines": lambda value: isinstance(value, dict) and all(map(_numbers, value.values())),
    "mark": lambda value: _numbers(value) and _whole(value.get("epoch")) and _whole(value.get("epochs", 0)),
    "epochs": _epochs,
    "state": _state,
    "says": _text,
    "ended": _text,
    "best": _maybe(_whole),
    "best_scores": _numbers,
}
_OF_ORDER: dict[str, _Check] = {"do": _text, "keep": _text, "epoch": _number, "value": _number, "more": _whole}
_NEEDED = {"speed": ("value",), "rate": ("value",), "epochs": ("more",)}
_OF_SEARCH: dict[str, _Check] = {
    "at": _number,
    "trial": _whole,
    "run": _text,
    "values": lambda value: isinstance(value, dict),
    "ended": _whole,
    "state": _text,
    "says": _text,
    "epoch": _whole,
    "epochs": _whole,
    "latest": _maybe(_number),
    "best": _maybe(_number),
    "best_epoch": _maybe(_whole),
    "importances": _maybe(_numbers),
}
