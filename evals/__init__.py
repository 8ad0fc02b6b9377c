"""Evaluation: scores of a model on an exam, and the statistics that turn them into a verdict."""
