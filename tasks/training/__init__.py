"""Fine-tuning as a plain library: records become packed batches, and an own loop trains an adapter."""
