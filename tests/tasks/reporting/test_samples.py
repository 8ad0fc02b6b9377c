"""Samples on the run's page: what a row says can't act there."""

from dataclasses import replace

from tasks.reporting.samples import sampled


def test_receipts_histogram_and_answers_are_shown(build) -> None:
    found = {key: text for key, text, _ in sampled(build())}
    assert set(found) == {"receipts", "domain", "answers"}
    assert found["domain"].startswith("![Domain scores](data:image/png;base64,")
    assert found["answers"].count("\n") == len(build().answers) + 2


def test_a_row_can_not_act_on_the_page(build) -> None:
    evidence = build()
    bad = replace(evidence.removed[0], prompt="<script>x</script> [a](http://b) | c\nd", answer="`" * 500)
    text = {key: text for key, text, _ in sampled(replace(evidence, removed=[bad]))}["receipts"]
    head, line, row, end = text.split("\n")
    assert "<script>" not in row.replace("\\<", "")
    assert "](" not in row
    assert row.count(" | ") == head.count(" | ")
    assert len(row) < 1500
    assert end == ""


def test_what_is_not_there_is_not_shown(build) -> None:
    assert list(sampled(replace(build(), removed=(), answers=(), domain=None))) == []
