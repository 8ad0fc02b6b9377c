"""What assistants say instead of an answer: refusals, and formulas of a chat."""
