"""Prefect steps: one decorated verb per file, each a short call into `quality`, `evals` or `tasks.training`."""
