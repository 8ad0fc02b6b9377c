"""What two recipes set differently is told by dotted key, and a section that one lacks in a few words."""

from tasks.differing_settings import differing


def test_values_are_written_as_a_recipe_has_them() -> None:
    one = {"tune": {"dora": True, "rank": 8}, "exam": {"domain": ["a.jsonl"]}, "gate": {"alpha": 0.05}}
    other = {"tune": {"dora": False, "rank": 8}, "exam": {"domain": ["a.jsonl", "b.jsonl"]}, "gate": {}}
    assert differing(one, other) == [
        ("tune.dora", "true", "false"),
        ("exam.domain", '["a.jsonl"]', '["a.jsonl", "b.jsonl"]'),
        ("gate.alpha", "0.05", "–"),
    ]
    assert differing(one, one) == []


def test_a_section_that_one_lacks_is_counted_and_a_small_one_shown() -> None:
    tune = {"rank": 8, "forgetting": {"budget": 0.2, "kl_weight": None}, "dora": False}
    assert differing({}, {"tune": tune}) == [("tune", "–", "4 settings")]
    assert differing({"gate": {"margins": {"general": 0.1}, "alpha": 0.05}}, {}) == [
        ("gate", "margins.general: 0.1, alpha: 0.05", "–")
    ]


def test_sources_are_compared_place_by_place() -> None:
    pool, more = {"path": "pool.jsonl", "limit": 5}, {"path": "more.jsonl"}
    assert differing({"sources": [pool]}, {"sources": [pool | {"limit": 6}, more]}) == [
        ("sources.0.limit", "5", "6"),
        ("sources.1", "–", "path: more.jsonl"),
    ]
