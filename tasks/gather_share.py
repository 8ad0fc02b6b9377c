"""Gather a point of the curve that shows where more data stops paying: a share of an arm's rows and of its budget."""

from tasks import store
from tasks.ablation.arms import Arm, arm, chosen, counted_rows, ensure_reach
from tasks.caching import step
from tasks.models import ModelFiles
from tasks.training.settings import Tune


@step(name="gather_share")
def gather_share(of: Arm, share: float, base: ModelFiles, tune: Tune, seeds: tuple[int, ...]) -> Arm:
    """Return an arm of a share of another's tokens, drawn with every seed anew, that sees as large a share of tokens.

    So rows are seen as often as in the whole arm, and only how many there are differs.

    Raises
    ------
    ValueError
        Where the share holds no row, or its budget may not reach a row: before anything is trained.
    """
    by_seed = []
    for data, tokens, seed in zip(of.data, of.tokens, seeds, strict=True):
        rows = counted_rows(store.read_table(data.train), base, tune)
        by_seed.append(chosen(rows, "random", round(share * tokens), seed))
    if any(rows.is_empty() for rows in by_seed):
        raise ValueError(
            f"ablate.shares: {share:g} of {of.name} are fewer tokens than a row of it. Ask for larger ones."
        )
    budget = max(1, round(share * of.token_budget))
    ensure_reach(by_seed, budget, f"ablate.shares: {share:g} of tune.token_budget")
    weights = {name: weight for each in of.weights for name, weight in each.items()}
    return arm(f"{of.name} {100 * share:.12g}%", "share", by_seed, of.data[0].validation, budget, of.replay, weights)
