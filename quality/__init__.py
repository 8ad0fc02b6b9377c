"""Curation: pure functions over frames that decide which rows of a pool are worth training on."""
