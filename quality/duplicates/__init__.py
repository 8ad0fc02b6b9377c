"""Prompts and answers, compared separately: copies, conflicts, boilerplate, and answers that others go on with."""
