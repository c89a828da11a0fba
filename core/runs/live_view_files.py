"""How a training and its watchers meet over what is drawn of it: small files in the run's folder, each written whole.

watched       touched by who looks; a training shows nothing that no one has asked for lately
looks.json    what they want to see: {"pins": [rows], "plane": [two features] or null}
still.json    what does not move, with a number
scene.json    what does, with a number that grows and that of the `still` it belongs to
"""

import json
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.runs.journal import Journal
from core.workspace import write_whole

if TYPE_CHECKING:
    from core.inspect.decision_surface import Looks

_RECENT = 5.0  # Seconds since someone asked for the scene.
_GLANCE = 0.2  # Seconds between two looks at the file of watchers.
MOST_PINS = 8
_LOOKS, _STILL, _SCENE, _WATCHED = "show/looks.json", "show/still.json", "show/scene.json", "show/watched"


class Viewer:
    """Of those who look."""

    def __init__(self, journal: Journal) -> None:
        self._folder = journal.folder

    def watch(self) -> None:
        """Says that someone looks. What the disk refuses is only not shown."""
        path = self._folder / _WATCHED
        try:
            if self._folder.exists():
                path.parent.mkdir(exist_ok=True)
                path.touch()
        except OSError:
            return

    def health(self) -> list[dict[str, float | None]]:
        """For each column of units of the newest scene its health; [] when there is none."""
        try:
            _, _, text = (self._folder / _SCENE).read_text(encoding="utf-8").split(" ", 2)
            return [column["health"] for column in json.loads(text)["columns"]]
        except (OSError, ValueError, KeyError, TypeError):
            return []

    @property
    def shown(self) -> bool:
        """Whether there is a scene."""
        return (self._folder / _SCENE).exists()

    def want(self, pins: Sequence[Mapping[str, Any]], plane: Sequence[str] | None) -> bool:
        """Says what is to be seen; whether that is another wish than before. Raises OSError."""
        text = json.dumps({"pins": list(pins)[:MOST_PINS], "plane": None if plane is None else list(plane)})
        path = self._folder / _LOOKS
        if path.exists() and path.read_text(encoding="utf-8") == text:
            return False
        write_whole(path, text)
        return True

    def wanted(self) -> dict[str, Any]:
        """What is to be seen: {"pins": rows, "plane": two features, [] for none, or None}."""
        try:
            found = json.loads((self._folder / _LOOKS).read_text(encoding="utf-8"))
            return {"pins": list(found["pins"]), "plane": found["plane"]}
        except (OSError, ValueError, KeyError, TypeError):
            return {"pins": [], "plane": None}

    def drawn(self) -> tuple[str, str] | None:
        """The newest scene and its still part, as the files have them; None when there is none."""
        try:
            return (self._folder / _SCENE).read_text(encoding="utf-8"), (self._folder / _STILL).read_text(
                encoding="utf-8"
            )
        except OSError:
            return None

    def take(self, scene: str, still: str) -> bool:
        """Puts those of another workspace here; whether the run is still there. Raises OSError."""
        if not self._folder.exists():
            return False
        write_whole(self._folder / _STILL, still)
        write_whole(self._folder / _SCENE, scene)
        return True

    def scene(self, since: int, still: int) -> str | None:
        """The newest scene after number `since` as JSON text, with the still part unless it is number `still`; None
        when there is none.
        """
        try:
            scene = (self._folder / _SCENE).read_text(encoding="utf-8")
            number, of, text = scene.split(" ", 2)
            if int(number) == since:
                return None
            if int(of) == still:
                return f'{{"number":{number},"of":{of},"scene":{text}}}'
            unmoved = (self._folder / _STILL).read_text(encoding="utf-8")
        except (OSError, ValueError):
            return None
        return f'{{"number":{number},"of":{of},"scene":{text},"still":{unmoved}}}'


class Stage:
    """Of the training."""

    def __init__(self, journal: Journal) -> None:
        self._folder = journal.folder
        self._glanced, self._seen, self._looks, self._number, self._still = 0.0, False, "", time.time_ns() // 1000, 0

    def watched(self) -> bool:
        """Whether anyone looks at this moment."""
        now = time.monotonic()
        if now - self._glanced > _GLANCE:
            self._glanced = now
            try:
                self._seen = abs(time.time() - (self._folder / _WATCHED).stat().st_mtime) < _RECENT
            except OSError:
                self._seen = False
        return self._seen

    def looks(self) -> "Looks | None":
        """What is to be seen, when that has changed since the last question."""
        from core.inspect.decision_surface import Looks

        try:
            text = (self._folder / _LOOKS).read_text(encoding="utf-8")
            if text == self._looks:
                return None
            self._looks = text
            wanted = json.loads(text)
            return Looks(wanted["pins"], wanted["plane"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def still(self, value: dict[str, Any]) -> None:
        """Takes what does not move."""
        self._number += 1
        self._still = self._number
        write_whole(self._folder / _STILL, _text(value))

    def scene(self, value: dict[str, Any]) -> None:
        """Takes what does."""
        self._number += 1
        write_whole(self._folder / _SCENE, f"{self._number} {self._still} {_text(value)}")


def _text(value: Any) -> str:
    return json.dumps(value, allow_nan=False, separators=(",", ":"))
