"""Which rows belong to a domain, told by a few examples of it or by a sentence, and how sure that is."""
