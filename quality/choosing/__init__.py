"""Rows for a token budget: the most diverse, or a control arm."""
