"""What the name of a run's final state means to whoever started it: the exit code, and how it is printed."""

STYLE = {
    "Accepted": "bold green",
    "Rejected": "bold red",
    "Inconclusive": "bold yellow",
    "Unchanged": "bold cyan",
    "Failed": "bold yellow",
    "Crashed": "bold yellow",
    "Cancelled": "bold",
}

EXIT = {
    "Accepted": 0, "Unchanged": 0, "Curated": 0, "Previewed": 0, "Swept": 0, "Ablated": 0,
    "Rejected": 2, "Inconclusive": 3,
}  # fmt: skip
"""Exit codes by the name of the final state; 1 is an error."""

PREVIEWED = (
    "Nothing was published. The same command without --preview writes this training set; `winnow run` with this recipe "
    "trains on it as well."
)
"""What to do next, after a look at the terminal."""
