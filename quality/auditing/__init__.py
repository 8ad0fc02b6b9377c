"""Re-proving a run from its outputs alone: plain Python that shares no code with what made them."""
