"""Locality-sensitive hashing: shingles, MinHash bands, candidates, exact proof, and the index that remembers them."""
