"""The report: what a run did and what came of it, as one HTML file and as pictures for Prefect artifacts."""
