"""Whatever bytes are brought as a table: either a sentence, or a table that can be described and made ready for a
training.
"""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
SECONDS = 4.0
_MOST_BREAKS = (
    3  # Files that end the process that reads them: a visitor is told so in a sentence, and the next file is tried.
)


def test_any_file_ends_in_a_sentence_or_a_table_that_can_be_used():
    first = tried = 0
    for _ in range(_MOST_BREAKS + 1):
        command = [sys.executable, "-m", "tests.core.fuzz_tables", str(first), str(SECONDS)]
        done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True)
        numbers = done.stdout.split()
        tried += len(numbers)
        if done.returncode >= 0:
            break
        first = int(numbers[-1]) + 1
    assert done.returncode == 0, done.stderr[-3000:]
    assert tried > 10
