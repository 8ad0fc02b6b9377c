"""Defects of single rows, each with a name, and the scores they are told by."""
