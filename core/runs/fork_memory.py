"""Imported last by the fork server: what it has imported is left out of garbage collection, in it and in the workers
that are forked from it. A collection writes to every object, and each page written is one that a worker no longer
shares with the others: about 100 MB for each worker (`python -m benchmarks workers`).
"""

import gc

gc.collect()
gc.freeze()
gc.enable()  # Not since `core/runs/fork_imports.py`.
