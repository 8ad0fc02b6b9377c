"""Answers that were cut: told by where sentences of the pool end, and by what its own answers look like when cut."""
