"""Texts that are no program, or mean harm, are answered soon and in words."""

import json
import re
import textwrap
import time

import pytest

from core.experiment.spec import Experiment, Layer
from core.keras_code.parse import NotReadable, stack_of, unfitting, with_stack
from tests.core.test_reading_back import CONFIG, experiment

BASE = "model = Sequential([Dense({})])"
HOSTILE = {
    "a huge number": BASE.format("9" * 4000),
    "a number beyond Python's own limit": BASE.format("9" * 6000),
    "a huge hexadecimal number": BASE.format("0x" + "f" * 100_000),
    "a huge power": BASE.format("9**9**9**9"),
    "a shift": BASE.format("1 << 10**12"),
    "a long text": BASE.format("'a' * 10**12"),
    "a long list": "a = [0] * 10**12\n" + BASE.format("a[0]"),
    "a growing list": "a = [1]\nfor _ in range(900):\n    a = a + a\n" + BASE.format("a"),
    "a growing text": "a = 'x'\nfor _ in range(900):\n    a = a + a\n" + BASE.format("a"),
    "a growing number": "a = 7\nfor _ in range(900):\n    a = a * a\n" + BASE.format("a"),
    "lists in lists": "a = [1]\nfor _ in range(900):\n    a = [a, a]\n" + BASE.format("a"),
    "dictionaries in dictionaries": "a = {}\nfor _ in range(900):\n    a = {'b': a, 'c': a}\n" + BASE.format("a"),
    "a dictionary in itself": "a = {}\na['b'] = a\n" + BASE.format("a"),
    "a list in itself": "a = [1]\na.append(a)\na.append(a)\n" + BASE.format("a"),
    "a model in itself": "m = Sequential([Dense(1)])\nfor _ in range(900):\n    m.add(m)\n",
    "a model of a model": "m = Sequential([Dense(1)])\nx = Input((1,))\nfor _ in range(900):\n    x = m(m(x))\n    m "
    "= Model(x, x)\n",
    "loops in loops": "for a in range(999):\n    for b in range(999):\n        for c in range(999):\n            d = "
    "1\n" + BASE.format("1"),
    "a function of itself": "def f(n):\n    return [f(n), f(n)]\n" + BASE.format("f(1)"),
    "functions of functions": "def a():\n    return 1\n"
    + "".join(f"def a{n}():\n    return [a{n - 1 or ''}(), a{n - 1 or ''}()]\n" for n in range(1, 40))
    + BASE.format("a39()"),
    "deep brackets": "(" * 150 + "1" + ")" * 150 + "\n" + BASE.format("1"),
    "deeper brackets": "[" * 100_000,
    "a long chain": "a = " + "+".join(["1"] * 50_000) + "\n" + BASE.format("1"),
    "long signs": "a = " + "-" * 100_000 + "1",
    "long attributes": "a" + ".b" * 100_000,
    "long nots": "a = " + "not " * 50_000 + "b",
    "deep blocks": "".join("    " * depth + "if a:\n" for depth in range(99))
    + "    " * 99
    + "b = 1\n"
    + BASE.format("1"),
    "a comprehension of comprehensions": BASE.format(
        "[[[[c for c in range(999)] for b in range(999)] for a in range(999)] for _ in range(999)]"
    ),
    "an import": "__import__('os').abort()\nopen('/etc/passwd').read()\n" + BASE.format("1"),
    "an evaluation": "eval('__import__(\"os\").abort()')\nexec('1/0')\n" + BASE.format("1"),
    "a division": BASE.format("1 / 0"),
    "half a character": "# \ud800\n" + BASE.format("1"),
    "no character": "\x00" + BASE.format("1"),
    "deep JSON": '{"a":' * 100_000,
    "deep layers": '{"layers": [' + '{"class_name": "Sequential", "config": {"layers": [' * 400 + "]}}" * 400 + "]}",
    "deep arguments": '{"layers": [{"class_name": "Dense", "config": {"units": ' + "[" * 500 + "]" * 500 + "}}]}",
    "a huge number in JSON": '{"layers": [{"class_name": "Dense", "config": {"units": ' + "9" * 4000 + "}}]}",
    "a number that is none": '{"layers": [{"class_name": "Dense", "config": {"units": NaN}}]}',
    "a number without end": '{"layers": [{"class_name": "Dropout", "config": {"rate": -Infinity}}]}',
}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*:SyntaxWarning")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_answered_soon_and_in_words(name):
    begun = time.monotonic()
    said = []
    try:
        parsed = stack_of(HOSTILE[name])
        said += parsed.left_out
        assert all(isinstance(layer, Layer) for layer in parsed.layers)
    except NotReadable as refused:
        said.append(str(refused))
    assert all(10 < len(sentence) < 600 for sentence in said)
    assert time.monotonic() - begun < 30


def places(value, path=()):
    """The paths of all values in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*path, key)
        yield from places(one, (*path, key))


def answered(text: str) -> None:
    """A stack, which makes an experiment, or a refusal: nothing else may come of a text."""
    try:
        parsed = stack_of(text)
    except NotReadable:
        return
    assert isinstance(with_stack(experiment(), parsed), Experiment)
    unfitting(experiment(), parsed)


@pytest.mark.slow
def test_a_configuration_with_anything_in_any_place_is_answered():
    odd = [
        None,
        True,
        [],
        {},
        -1,
        1.5,
        "x",
        [[1]],
        {"class_name": 3},
        {"class_name": "Sequential", "config": []},
        ["a", 0, 0],
    ]
    odd += [{"class_name": "Dense", "config": {"units": 3}}, {"keras_history": ["z"]}, {"config": {}}]
    for path in places(CONFIG):
        for put in odd:
            value = json.loads(json.dumps(CONFIG))
            within = value
            for key in path[:-1]:
                within = within[key]
            within[path[-1]] = put
            answered(json.dumps(value))
            if put is None and isinstance(within, dict):
                del within[path[-1]]
                answered(json.dumps(value))


# A third of the oddities in each place, other ones in the next; the others are among the long trials.
@pytest.mark.slow
@pytest.mark.parametrize("third", [0, *(pytest.param(third, marks=pytest.mark.soak) for third in (1, 2))])
def test_a_program_with_anything_in_any_place_is_answered(third):
    source = textwrap.dedent(
        """
        def build(n=2, rate=0.5):
            model = keras.Sequential()
            for i, u in enumerate([64, 32]):
                price = regularizers.l2(0.01)
                model.add(layers.Dense(u // 2, "relu", kernel_regularizer=price, kernel_initializer="he_normal"))
                model.add(layers.Dropout(rate))
            return model
        model = build(3, rate=0.1)
        x = keras.Input((3,))
        model = keras.Model(x, {"a": model(x), "b": layers.Dense(2)(x)})
        schedule = keras.optimizers.schedules.PiecewiseConstantDecay([1, 2], [0.1, 0.2, 0.3])
        model.compile(keras.optimizers.Adam(schedule), loss={"a": "mse"}, metrics={"a": ["accuracy"]}, loss_weights=[1])
        rates = LearningRateScheduler(lambda e: float(schedule(e)))
        model.fit(x, y, epochs=5, callbacks=[EarlyStopping(patience=3), rates])
        """
    )
    odd = [
        "None",
        "[]",
        "{}",
        "-1",
        "model",
        "lambda: 1",
        "[[]]",
        "{1: [2]}",
        "keras.layers.Dense",
        "build()",
        "*model.layers",
        "1e999",
    ]
    odd += [
        "min()",
        "zip(1)",
        "x[None]",
        "[1][5]",
        "keras.Sequential()",
        "keras.Model(1, 2)",
        "model(model)",
        "b'x'",
        "1j",
    ]
    places = re.finditer(r"[A-Za-z_][\w.]*|\d[\w.]*|\"[^\"]*\"|\[[^\[\]]*\]", source)
    for place, found in enumerate(places, start=third):
        for put in odd[place % 3 :: 3]:
            answered(source[: found.start()] + put + source[found.end() :])
