"""Rows that give an exam item away, and the siblings that only look like it."""
