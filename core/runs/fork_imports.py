"""Imported first by the fork server: it collects no garbage while it imports the rest. There is next to none, and each
collection would look through all that is there by then, which takes a sixth of the time until the first worker starts.
What is imported last (`core/runs/fork_memory.py`) has garbage collected again.
"""

import gc

gc.disable()
