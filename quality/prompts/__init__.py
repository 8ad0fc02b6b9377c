"""What prompts ask for: the same in other words, one place of a template, or any one of many."""
