"""Semantic duplicates: rows whose embeddings are close and whose words allow that they say the same."""
