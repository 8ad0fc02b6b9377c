"""Prefect flows: the stories winnow tells, read top to bottom."""
