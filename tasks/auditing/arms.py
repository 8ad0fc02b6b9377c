"""Prove what an ablation says of its arms: which were trained, on how much, and on which rows."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from quality.auditing.audit import Messages, Proof
from quality.auditing.texts import normal, said
from tasks import run_settings
from tasks.ablation.arms import counted_rows, unique_tokens
from tasks.ablation.settings import ABOUT, CURATED, WHOLE
from tasks.auditing.ablated import Ablated
from tasks.auditing.home import DIGEST
from tasks.auditing.steps import named_by_content

_KEY = ["arm", "seed"]


def prove_arms(told: Ablated) -> list[Proof]:
    """Compare arms and trainings with what the recipe asks for."""
    return [_asked(told), _every_seed(told), _budgets(told), _one_adapter(told)]


def prove_rows(told: Ablated) -> list[Proof]:
    """Read the training rows that are still here, and compare them with what is told, with exam and validation."""
    here = told.trainings.filter(pl.col("data").is_in(list(told.rows)))
    stored = Proof.of(
        "the rows of every training that are still in this home's store are those of the digest that it names",
        len(told.rows) + len(told.altered),
        told.altered,
    )
    if not told.rows:
        return [stored]
    tokens = _tokens(told, here)
    proofs = [stored, _counted(told, here), _named(told), *_clear(told), _within(told, here)]
    return proofs if tokens is None else [*proofs, tokens]


def _named(told: Ablated) -> Proof:
    proof = named_by_content(pl.concat(told.rows.values()).unique(["id", "messages"], maintain_order=True))
    return replace(proof, claim=proof.claim.replace("every row's", "every training row's"))


def wanted(told: Ablated) -> list[tuple[str, str]]:
    """Name the arms that the recipe asks for, each with its kind, in their order; of slices, as many as there are."""
    asked = told.settings
    whole = [CURATED, *asked.controls, *asked.without] if asked.arms or asked.shares else []
    kinds = {CURATED: "curated", **dict.fromkeys(asked.controls, "control"), **dict.fromkeys(asked.without, "without")}
    parts = [f"{arm} {100 * share:.12g}%" for share in asked.shares for arm in (CURATED, "random") if arm in whole]
    count = min(asked.slices, max(0, told.arms.filter(pl.col("kind") == "slice").height - 1))
    slices = [WHOLE, *(f"no slice {number}" for number in range(1, count + 1))] if asked.slices else []
    return [
        *((arm, kinds[arm]) for arm in whole),
        *((arm, "share") for arm in parts),
        *((arm, "slice") for arm in slices),
    ]


def _asked(told: Ablated) -> Proof:
    asked = [(arm, kind, ABOUT.get(arm, "")) for arm, kind in wanted(told)]
    found = told.arms.select("arm", "kind", "about").rows()
    wrong = sorted({arm for arm, *_ in set(asked) ^ set(found)}) or ([] if asked == found else ["their order"])
    return Proof.of("the arms are those that the recipe asks for, in their order", len(asked), wrong)


def _every_seed(told: Ablated) -> Proof:
    """Look for trainings that lack, though no time was set, and for those that nobody asked for."""
    planned = {(arm, seed) for arm in told.arms["arm"] for seed in told.settings.seeds}
    found = told.trainings.select(_KEY)
    wrong = [f"{arm} with seed {seed}" for arm, seed in found.filter(found.is_duplicated()).unique().rows()]
    strange = set(found.rows()) - planned
    lacking = set() if told.settings.minutes is not None else planned - set(found.rows())
    wrong += [f"{arm} with seed {seed}" for arm, seed in sorted(strange | lacking)]
    claim = "every arm was trained once with every seed of the recipe, unless the time was up"
    return Proof.of(claim, len(planned), wrong)


def _budgets(told: Ablated) -> Proof:
    """Compare budget and replay with those that the recipe gives an arm, and what was seen with the budget."""
    asked, tune = told.settings, told.tune
    kinds = dict(told.arms.select("arm", "kind").iter_rows())
    share = {f"{arm} {100 * part:.12g}%": part for part in asked.shares for arm in (CURATED, "random")}
    parts = {arm: asked.slice_budget if kind == "slice" else share.get(arm, 1.0) for arm, kind in kinds.items()}
    plain = by_no_recipe(told) | {"no-replay"}
    wrong = []
    columns = (*_KEY, "token_budget", "replay", "tokens_seen", "replayed_tokens")
    for arm, seed, budget, replay, seen, general in told.trainings.select(columns).iter_rows():
        due = max(1, round(parts.get(arm, 1.0) * tune.token_budget))
        kept = replay == (0.0 if arm in plain else tune.replay)
        most = (seen or 0) if replay else 0
        if budget != due or not kept or (seen or 0) > budget or (general or 0) > most:
            told_of = f"{seen} of {budget:,} tokens, {general} of them general where {replay:g} should be"
            wrong.append(f"{arm} with seed {seed}: {told_of}")
    claim = "every training has the budget and the replay that the recipe gives its arm, and saw no more tokens"
    return Proof.of(claim, told.trainings.height, wrong)


def by_no_recipe(told: Ablated) -> set[str]:
    """Name the arms that no recipe of winnow's made: controls, and shares of one."""
    kinds = told.arms.select("arm", "kind").iter_rows()
    return {arm for arm, kind in kinds if kind == "control" or (kind == "share" and arm.startswith("random "))}


def _one_adapter(told: Ablated) -> Proof:
    """Compare the scores of trainings that came to one adapter; one that diverged has none, and no other lacks it."""
    diverged = pl.col("diverged") != ""
    named = pl.col("adapter").str.contains(f"^{DIGEST.pattern}$")
    lost = told.trainings.filter((diverged & (pl.col("adapter") != "")) | (~diverged & ~named))
    own = told.trainings.filter(~diverged).select(*_KEY, "adapter")
    scores = own.join(told.scores, on=_KEY, how="inner")
    apart = scores.group_by("adapter", "suite", "item").agg(pl.col("score").n_unique()).filter(pl.col("score") > 1)
    wrong = [f"{arm} with seed {seed}" for arm, seed in lost.select(_KEY).iter_rows()]
    wrong += apart["adapter"].unique().sort().to_list()
    claim = "every training that did not diverge names its adapter, and trainings of one adapter have the same scores"
    return Proof.of(claim, told.trainings.height, wrong)


def _counted(told: Ablated, here: pl.DataFrame) -> Proof:
    wrong = [
        f"{arm} with seed {seed}: {told.rows[data].height:,} rows, not {rows:,}"
        for arm, seed, data, rows in here.select(*_KEY, "data", "rows").iter_rows()
        if told.rows[data].height != rows or told.rows[data].select("id", "origin").is_duplicated().any()
    ]
    return Proof.of("every training has as many rows as it tells, each once", here.height, wrong)


def _tokens(told: Ablated, here: pl.DataFrame) -> Proof | None:
    """Count unique tokens again; None where the base is not on this machine, or is another one."""
    if (base := told.base) is None:
        return None
    every = pl.concat(rows.select("id", "messages", data=pl.lit(data)) for data, rows in told.rows.items())
    every = every.with_row_index("at").with_columns(same=pl.col("at").first().over("id", "messages"))
    once = counted_rows(every.filter(pl.col("at") == pl.col("same")), base, told.tune)  # of many arms, most rows
    each = every.drop("at").join(once.select("same", "tokens"), on="same", how="left", maintain_order="left")
    counted = {data: unique_tokens(each.filter(data=data)) for data in told.rows}
    wrong = [
        f"{arm} with seed {seed}: {counted[data]:,} tokens, not {tokens:,}"
        for arm, seed, data, tokens in here.select(*_KEY, "data", "tokens").iter_rows()
        if counted[data] != tokens
    ]
    return Proof.of("every training's rows have as many tokens as it tells", here.height, wrong)


def _clear(told: Ablated) -> Iterator[Proof]:
    """Look for rows of validation, and for rows of the exam: drawn ones, and those that say what an item says."""
    arms = told.trainings.group_by("data", maintain_order=True).agg(pl.col("arm").first())
    named = [(arm, told.rows[data]) for data, arm in arms.iter_rows() if data in told.rows]
    rows = sum(table.height for _, table in named)
    if told.validation is not None:
        held = set(told.validation["id"])
        wrong = [f"{row} ({arm})" for arm, table in named for row in table["id"] if row in held]
        yield Proof.of("no arm holds a row of validation", rows, wrong)
    if told.exam is not None:
        drawn, items = set(told.exam.draw.drawn["id"]), _items(told)
        wrong = [
            f"{row} ({arm})"
            for arm, table in named
            for row, messages in table.select("id", "messages").iter_rows()
            if row in drawn or _spoken(messages) in items
        ]
        yield Proof.of("no arm holds a row that was drawn for the exam, or says what an item does", rows, wrong)


def _spoken(messages: Messages) -> tuple[str, str]:
    found = said(messages)
    return found.prompt, found.answer


def _items(told: Ablated) -> set[tuple[str, str]]:
    """Return question and answer of what is reserved, normalised; a question that many items share tells nothing."""
    assert told.exam is not None
    most = run_settings.decontaminate_settings(told.folder).template_items
    asked = [
        (normal(question or ""), normal(answer or "")) for _, question, answer in told.exam.draw.reserve.iter_rows()
    ]
    often = Counter(question for question, _ in asked)
    return {(question, answer) for question, answer in asked if question and often[question] <= most}


def _within(told: Ablated, here: pl.DataFrame) -> Proof:
    """Look in the rows of a share, a slice or a draw for those that are not of the arm that they are taken from."""
    data = {(arm, seed): digest for arm, seed, digest in here.select(*_KEY, "data").iter_rows()}
    wrong, pairs = [], 0
    for (arm, seed), digest in data.items():
        whole = data.get((_taken_from(arm), seed))
        if whole is None:
            continue
        pairs += 1
        if told.rows[digest].join(told.rows[whole], on=["id", "origin"], how="anti").height:
            wrong.append(f"{arm} with seed {seed}")
    claim = "the rows of every share, slice or draw of rows are rows of the arm that they are taken from"
    return Proof.of(claim, pairs, wrong)


def _taken_from(arm: str) -> str:
    if arm in ("random", "longest"):
        return "everything"
    if arm == WHOLE:
        return CURATED
    return WHOLE if arm.startswith("no slice ") else arm.rpartition(" ")[0]
