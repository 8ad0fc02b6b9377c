"""Prefect steps: one decorated verb per file, each a short call into `quality`, `evals` or `tasks.training`."""

import os

# Read once, when torch loads OpenMP. Threads that wait for each other spin, by default for so long that where another
# process wants their core too, a forward pass on two threads took 2 to 6 times as long as it does with a short spin.
# Alone on the machine a short spin costs next to nothing; none at all (OMP_WAIT_POLICY=passive) costs a tenth.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")
