"""Which epochs are played, and when their scenes are drawn anew."""

import itertools
import json

import pytest

from core.runs.journal import Journal
from core.runs.live_view_files import Viewer
from core.runs.playback import MOST, Playback, played_epochs
from core.workspace import write_whole


@pytest.mark.parametrize(
    ("kept", "best", "expected"),
    [
        ([], None, []),
        ([7], 7, []),
        ([3, 4], 4, [3, 4]),
        (list(range(1, 41)), 12, list(range(1, 41))),
        (list(range(1, 31)), 99, list(range(1, 31))),  # The best is not kept.
    ],
)
def test_few_epochs_are_all_played(kept, best, expected):
    assert played_epochs(kept, best) == expected


@pytest.mark.parametrize("best", [1, 777, 1000, None])
def test_of_many_epochs_the_first_the_last_the_best_and_even_ones_are_played(best):
    found = played_epochs(list(range(1, 1001)), best)
    assert len(found) <= MOST
    assert {1, 1000, best or 1} <= set(found)
    steps = [after - before for before, after in itertools.pairwise(found)]
    assert max(steps) <= 18  # 999 / 58 = 17.2


def test_scenes_are_those_of_what_is_wanted_now(tmp_path):
    journal = Journal(tmp_path, "0123456789ab")
    journal.begin("{}")
    playback, viewer = Playback(journal, None), Viewer(journal)
    assert playback.text() is None
    write_whole(journal.folder / "show" / "playback.json", f'{{"key":"{playback.key}","still":{{}},"scenes":[]}}')
    assert json.loads(playback.text()) == {"key": playback.key, "still": {}, "scenes": []}
    viewer.want([], None)  # As it was.
    assert playback.text() is not None
    viewer.want([{"x0": "1"}], None)
    assert playback.text() is None
    viewer.want([], None)
    assert playback.text() is not None
