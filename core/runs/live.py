"""A run as it is seen from outside while it goes on: the epochs so far, its state, and how long it will take."""

import math
import re
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

RUN_ID = re.compile(r"[0-9a-f]{12}")
ENDED = ("finished", "stopped", "failed", "interrupted")
MOST_ROWS = 2000  # Epochs in one answer to the page.


def new_run_id() -> str:
    """Twelve hexadecimal digits: a name that is safe in a path, a link and a tag."""
    return secrets.token_hex(6)


@dataclass
class LiveRun:
    """One run in the server's memory; the engine writes, the page's route reads.

    Attributes:
        id: Twelve hexadecimal digits.
        experiment: JSON text.
        state: queued, preparing, training, stopping, or one of `ENDED`.
        says: A sentence for the person, or "".
        names: Of the numbers of an epoch.
        rows: [epoch from 1, numbers in the order of `names`] for each epoch.
        baselines: Name -> name -> number on the validation rows.
        best: Best epoch so far, from 1, or None.
    """

    id: str
    experiment: str
    total: int
    watched: str = "val_loss"
    larger: bool = False
    state: str = "queued"
    says: str = ""
    names: list[str] = field(default_factory=list)
    rows: list[list[float | None]] = field(default_factory=list)
    baselines: dict[str, dict[str, float | None]] = field(default_factory=dict)
    best: int | None = None
    started: float | None = None
    latest: float | None = None
    ended: float | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ENDED

    def take(self, event: dict[str, Any]) -> None:
        """Notes what the worker said; what arrives after the end is too late."""
        with self.lock:
            if self.over:
                return
            if "stage" in event:
                self.state, self.says = ("stopping" if self.state == "stopping" else "preparing"), event["stage"]
            if "baselines" in event:
                self.baselines = event["baselines"]
            for epoch, values in event.get("epochs", ()):
                self._take_epoch(epoch, values)
            if "state" in event:
                self.state, self.says = event["state"], event.get("says", "")
                self.best = event.get("best", self.best)
                self.ended = time.time()

    def _take_epoch(self, epoch: int, values: dict[str, float | None]) -> None:
        if self.state != "stopping":
            self.state, self.says = "training", ""
        now = time.time()
        self.started, self.latest = self.started or now, now
        self.names = self.names or list(values)
        self.rows.append([epoch, *(values.get(name) for name in self.names)])
        watched = values.get(self.watched)
        if watched is not None and (self.best is None or self._better(watched)):
            self.best = epoch

    def _better(self, value: float) -> bool:
        best = self.rows[self.best - 1][1 + self.names.index(self.watched)]  # type: ignore[operator]
        return best is None or (value > best if self.larger else value < best)

    def snapshot(self, since: int = 0, ahead: int = 0) -> dict[str, Any]:
        """The answer of the page's route: everything but the epochs up to `since`."""
        with self.lock:
            rows = self.rows[max(0, since) : max(0, since) + MOST_ROWS]
            epoch = len(self.rows)
            seconds = (self.latest or 0) - (self.started or 0)
            rate = (epoch - 1) / seconds if epoch > 1 and seconds > 0 else None
            left = (self.total - epoch) / rate if rate and self.state == "training" else None
            return {
                "run": self.id,
                "state": self.state,
                "says": self.says,
                "ahead": ahead if self.state == "queued" else 0,
                "epochs": self.total,
                "epoch": epoch,
                "names": self.names,
                "rows": rows,
                "seconds": round(seconds, 3),
                "epochs_per_second": rate,
                "seconds_left": left,
                "baselines": self.baselines,
                "best": self.best,
            }


def plain(values: dict[str, float]) -> dict[str, float | None]:
    """Numbers as JSON knows them: what is no finite number is None."""
    return {name: value if math.isfinite(value) else None for name, value in values.items()}
