"""What the comparison of several runs on the same test rows says: their scores, and the difference of each pair."""

from dataclasses import dataclass, field

from core.evaluation.simultaneous import PairedDifference

SCORE_LEVEL = 0.95


@dataclass(frozen=True)
class PairedMetric:
    """One metric.

    Attributes:
        run, name: A run that logs it, and its logged name there.
        scores: Run -> {"value", "low", "high"} on the shared test rows.
        differences: (run, other) -> how much better the first run is, whether larger or smaller scores are better; the
            intervals of all pairs hold together.
    """

    run: str
    name: str
    scores: dict[str, dict[str, float | None]]
    differences: dict[tuple[str, str], PairedDifference]

    def better_than(self, run: str, other: str) -> PairedDifference:
        """How much better a run is than another."""
        if (run, other) in self.differences:
            return self.differences[run, other]
        return self.differences[other, run].reversed()


@dataclass(frozen=True)
class PairedScores:
    """Runs that predict one target for the same test rows.

    Attributes:
        target: Its name.
        runs: In the order given.
        rows: How many test rows are evaluated; of: how many all the runs have in common, of which these may be a
            sample; own: how many each run has.
        level: Of the intervals.
        resamples: How often the rows were drawn, or the groups that a split keeps together.
        metrics: Logged name of the target alone ("mae", "loss") -> its scores.
    """

    target: str
    runs: tuple[str, ...]
    rows: int
    of: int
    own: dict[str, int]
    level: float = SCORE_LEVEL
    resamples: int = 0
    metrics: dict[str, PairedMetric] = field(default_factory=dict)


@dataclass(frozen=True)
class RunsCompared:
    """All that several runs have in common.

    Attributes:
        groups: For each target that several runs predict, of one table; where splits differ, of the runs with the same
            test rows, then of all.
        left_out: Run -> why it has no scores beside others, a sentence.
    """

    groups: tuple[PairedScores, ...]
    left_out: dict[str, str]
