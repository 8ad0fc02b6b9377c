"""Texts as words and characters: how they are read, folded, counted and compared, whatever they are about."""
