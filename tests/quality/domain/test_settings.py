"""How a recipe tells of its domain, and what it is told when it does so in two ways."""

import pytest
from pydantic import ValidationError

from quality.domain.settings import Domain


def test_a_domain_is_told_in_one_way_and_unknown_keys_are_named():
    with pytest.raises(ValidationError, match="remove one"):
        Domain(seeds="a.jsonl", description="security")
    with pytest.raises(ValidationError, match="seed_recal"):
        Domain.model_validate({"seed_recal": 0.9})
    with pytest.raises(ValidationError, match="negatives alone"):
        Domain(negatives="a.jsonl")
    with pytest.raises(ValidationError, match="also.x tells no domain"):
        Domain(seeds="a.jsonl", also={"x": {}})
    with pytest.raises(ValidationError, match="move one up"):
        Domain(also={"x": {"seeds": "a.jsonl"}})
    with pytest.raises(ValidationError, match="also.domain: this is what the domain told beside also is called"):
        Domain(seeds="a.jsonl", also={"domain": {"seeds": "b.jsonl"}})
    several = Domain(seeds="a.jsonl", negatives="b.jsonl", also={"x": {"description": "Herbs."}}).all_told
    assert [(name, told.seeds, told.negatives, told.description) for name, told in several.items()] == [
        ("domain", "a.jsonl", "b.jsonl", None),
        ("x", None, None, "Herbs."),
    ]
    assert Domain().all_told == {}
    # A recipe with it is refused (`tasks.check`); alone it is a setting like any other.
    assert Domain(threshold=1.0).threshold == 1.0
