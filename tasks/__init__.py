"""Prefect steps: one decorated verb per file, each a short call into `quality`, `evals` or `tasks.training`."""

import os

# Read once, when torch loads OpenMP. By default threads that wait for each other burn their core; where another
# process wants it too, a forward pass on two threads then took 6 times as long and 5 times the CPU seconds.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
