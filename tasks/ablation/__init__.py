"""The control arms: what is trained beside the curated set, so that its dividend can be told."""
