"""An experiment as a link: it comes back as it was, and whatever else is given is refused with a sentence."""

import base64
import re
import zlib

import pytest

from core.experiment.share_link import packed, unpacked
from core.experiment.spec import InvalidExperiment, read

FULL = read(
    {
        "version": 1,
        "name": 'größe "x" 🙂 & more',
        "data": {
            "table": "sample:titanic",
            "targets": ["survived", "pclass"],
            "features": {"age": "number", "a.b\\c=": "category"},
            "split": {"method": "time", "column": "day", "train": 0.5, "validation": 0.25, "test": 0.25, "seed": 4},
        },
        "layers": [
            {
                "layer": "Dense",
                "units": 3,
                "activation": "relu",
                "kernel_regularizer": {"class": "L2", "l2": 0.1 + 0.2},
            },
            {"layer": "Dense", "units": 1},
        ],
        "compile": {
            "optimizer": {
                "class": "SGD",
                "learning_rate": {"class": "PiecewiseConstantDecay", "boundaries": [1, 2], "values": [3, 2, 1]},
            },
            "loss": {"survived": "BinaryCrossentropy", "pclass": "CategoricalCrossentropy"},
            "metrics": {"survived": ["AUC"], "pclass": []},
        },
        "fit": {"epochs": 7, "class_weight": "balanced", "callbacks": ["TerminateOnNaN"], "seed": 9},
    }
)
BARE = read({"version": 1, "data": {"table": "file:" + "a" * 64}})


@pytest.mark.parametrize("given", [FULL, BARE])
def test_an_experiment_comes_back_from_its_link(given):
    text = packed(given)
    assert re.fullmatch(r"1\.[A-Za-z0-9_-]+", text)  # What no address escapes.
    assert unpacked(text) == given
    assert unpacked(text).text() == given.text()
    assert packed(unpacked(text)) == text


def test_a_whole_address_is_read_as_it_is_copied():
    text = packed(FULL)
    assert unpacked(f"  https://deck.example.org/build?draft=1&experiment={text}&x=2#top\n") == FULL
    assert unpacked(f"http://127.0.0.1:8501/?experiment={text[:70]}\n  {text[70:]}") == FULL


def link(content: bytes) -> str:
    return "1." + base64.urlsafe_b64encode(zlib.compress(content)).decode().rstrip("=")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "it contains no experiment"),
        ("hello", "it contains no experiment"),
        ("https://example.org/?experiment=", "it contains no experiment"),
        (
            "2.eNqrVg",
            "This link cannot be opened: it is of format 2, and this Layerdeck, which is older than the link, reads "
            "format 1. Update Layerdeck, or open the link where it was made.",
        ),
        ("0.eNqrVg", "it contains no experiment. Copy the whole link again."),
        ("1.", "characters that no such link has"),
        ("1.a+b/c", "characters that no such link has"),
        ("1.größe", "characters that no such link has"),
        ("1.AAAA", "cut off or damaged"),
        ("1.A", "cut off or damaged"),
        (packed(FULL)[:-9], "cut off or damaged"),
        ("1." + "A" * 600_000, "more than 500,000"),
        (link(b"0" * 30_000_000), "unpacks to more than 2,000,000 bytes"),
        (link(b"no JSON"), "This is not JSON"),
        (link(b"\xff\xfe"), "This is not JSON"),
        (link(b"[" * 100_000), "nested too deeply"),
        (link(b'{"version": 1, "data": {"table": "x"}, "layers": [{"layer": "Dens"}]}'), 'Did you mean "Dense"?'),
        (link(b'{"version": 2, "data": {"table": "x"}}'), "this program reads version 1"),
    ],
)
def test_what_is_no_link_is_refused_with_a_sentence(text, told):
    with pytest.raises(InvalidExperiment) as refused:
        unpacked(text)
    assert told in str(refused.value)
