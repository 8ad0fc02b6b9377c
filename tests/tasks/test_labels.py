"""Labels: a person's answers go to files of that person's own, and to nothing that a recipe names."""

import json
import sysconfig
from pathlib import Path

import pytest
import yaml

import flows
from tasks import domain_line, labels


def told(judged: Path) -> Path:
    """The seeds that the run's recipe names."""
    return Path(yaml.safe_load((judged / "config.yaml").read_text())["curate"]["domain"]["seeds"])


def rename(judged: Path, **domain: object) -> None:
    (judged / "config.yaml").write_text(yaml.safe_dump({"name": "x", "curate": {"domain": domain}}))


def messages(file: Path) -> list[list[dict[str, str]]]:
    return [json.loads(line)["messages"] for line in file.read_text().splitlines()]


def test_labels_go_to_files_of_their_own_that_begin_with_what_the_recipe_names(judged: Path, tmp_path: Path) -> None:
    yes, no, other = domain_line.borderline(judged, most=10, margin=0.5)
    before, mine = told(judged).read_bytes(), tmp_path / "mine"
    files = labels.files(judged, mine)
    assert list(mine.iterdir()) == []
    added = labels.write(files, [(yes, "yes"), (no, "no"), (other, "no")])
    assert [(target.key, target.file, number) for target, number in added] == [
        ("curate.domain.seeds", mine / "x-seeds.jsonl", 1),
        ("curate.domain.negatives", mine / "x-negatives.jsonl", 2),
    ]
    first = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    assert messages(mine / "x-seeds.jsonl") == [first, yes.messages]
    assert messages(mine / "x-negatives.jsonl") == [no.messages, other.messages]
    assert told(judged).read_bytes() == before
    assert not any(target.is_named for target, _ in added)


def test_the_files_grow_each_row_once_and_a_recipe_may_name_them(judged: Path, tmp_path: Path) -> None:
    yes, no, other = domain_line.borderline(judged, most=10, margin=0.5)
    labels.write(labels.files(judged, tmp_path), [(yes, "yes")])
    rename(judged, seeds=str(tmp_path / "x-seeds.jsonl"), negatives=str(tmp_path / "x-negatives.jsonl"))
    (tmp_path / "x-negatives.jsonl").write_text('{"question": "q", "answer": "a"}')  # no line end
    added = labels.write(labels.files(judged, tmp_path), [(yes, "yes"), (other, "yes"), (no, "no")])
    assert [(number, target.is_named) for target, number in added] == [(1, True), (1, True)]
    assert messages(tmp_path / "x-seeds.jsonl")[1:] == [yes.messages, other.messages]
    assert len((tmp_path / "x-negatives.jsonl").read_text().splitlines()) == 2


def test_what_others_add_to_a_file_meanwhile_stays_there_byte_by_byte(judged: Path, tmp_path: Path) -> None:
    yes, no, other = domain_line.borderline(judged, most=10, margin=0.5)
    mine, theirs = labels.files(judged, tmp_path), labels.files(judged, tmp_path)
    file = tmp_path / "x-seeds.jsonl"
    labels.write(mine, [(yes, "yes")])
    labels.write(theirs, [(other, "yes")])
    by_hand = b'{"question": "Caf\xe9?", "answer": "By hand."}\r\n'
    with file.open("ab") as editor:
        editor.write(by_hand)
    ((_, number),) = labels.write(mine, [(other, "yes"), (no, "yes")])
    assert number == 1
    assert by_hand in file.read_bytes()
    lines = file.read_bytes().replace(by_hand, b"").decode().splitlines()
    assert [json.loads(line)["messages"] for line in lines[1:]] == [yes.messages, other.messages, no.messages]
    labels.unanswered(labels.files(judged, tmp_path), [yes])  # what is not UTF-8 keeps nobody from going on


def test_an_empty_file_begins_with_what_the_recipe_names_as_a_new_one_does(judged: Path, tmp_path: Path) -> None:
    (yes,) = domain_line.borderline(judged, most=1, margin=0.5)
    labels.write(labels.files(judged, tmp_path / "new"), [(yes, "yes")])
    (tmp_path / "x-seeds.jsonl").touch()
    labels.write(labels.files(judged, tmp_path), [(yes, "yes")])
    assert messages(tmp_path / "x-seeds.jsonl") == messages(tmp_path / "new" / "x-seeds.jsonl")


def test_every_domain_has_files_and_keys_of_its_own(judged: Path, tmp_path: Path) -> None:
    seeds = str(told(judged))
    rename(judged, seeds=seeds, also={"a/b": {"seeds": seeds}})
    files = labels.files(judged, tmp_path)
    assert {(target.key, target.file.name) for target in files.values()} == {
        ("curate.domain.seeds", "x-seeds.jsonl"),
        ("curate.domain.negatives", "x-negatives.jsonl"),
        ("curate.domain.also.a/b.seeds", "x-a-b-seeds.jsonl"),
        ("curate.domain.also.a/b.negatives", "x-a-b-negatives.jsonl"),
    }


@pytest.mark.parametrize("place", [sysconfig.get_path("purelib"), Path(flows.__file__).parent / "recipes"])
def test_packaged_data_takes_no_labels(judged: Path, place: Path) -> None:
    with pytest.raises(labels.NotLabelled, match="belongs to an installed package.*--into DIR"):
        labels.files(judged, Path(place))


def test_a_folder_that_takes_no_files_is_told_before_anybody_answers(judged: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(labels.NotLabelled, match=r"can't write labels to .* \(Not a directory\).*--into DIR"):
        labels.files(judged, tmp_path / "file" / "below")


def test_what_can_t_be_added_to_is_told_before_anybody_answers(judged: Path, tmp_path: Path) -> None:
    told(judged).unlink()
    with pytest.raises(ValueError, match="curate.domain.seeds: there is no file"):
        labels.files(judged, tmp_path)


def test_a_described_domain_takes_labels_that_may_one_day_tell_it_instead(judged: Path, tmp_path: Path) -> None:
    yes, no, _ = domain_line.borderline(judged, most=10, margin=0.5)
    rename(judged, description="Herbs.")
    (seeds, _), (negatives, _) = labels.write(labels.files(judged, tmp_path), [(yes, "yes"), (no, "no")])
    assert messages(seeds.file) == [yes.messages]
    assert "in place of curate.domain.description and with 8 rows or more: curate.domain.seeds" in seeds.advice
    assert "rows near the line alone tell a domain badly: add typical ones" in seeds.advice
    assert "in place of" not in negatives.advice
    assert "typical" not in negatives.advice


def test_nobody_is_asked_twice_about_a_row(judged: Path, tmp_path: Path) -> None:
    rows = domain_line.borderline(judged, margin=0.5)
    labels.write(labels.files(judged, tmp_path), [(rows[0], "yes"), (rows[2], "no")])
    assert labels.unanswered(labels.files(judged, tmp_path), rows) == [rows[1]]
    assert labels.unanswered(labels.files(judged, tmp_path / "other"), rows) == rows


def test_nobody_is_asked_about_a_row_that_a_file_there_or_the_recipe_holds_in_whatever_shape(
    judged: Path, tmp_path: Path
) -> None:
    rows = domain_line.borderline(judged, margin=0.5)
    shapes = [
        json.dumps({"question": rows[0].messages[0]["content"], "answer": rows[0].messages[1]["content"]}),
        json.dumps({"note": "mine", "messages": [dict(reversed(m.items())) for m in rows[2].messages]}, indent=None),
    ]
    other = tmp_path / "other"
    other.mkdir()
    (other / "x-negatives.jsonl").write_text("\n".join(shapes) + "\n")
    assert labels.unanswered(labels.files(judged, other), rows) == [rows[1]]
    with told(judged).open("a") as seeds:
        seeds.write("\n" + json.dumps({"messages": rows[1].messages}) + "\n")
    (other / "x-seeds.jsonl").write_text(json.dumps({"question": "Why?", "answer": "So."}) + "\n")
    assert labels.unanswered(labels.files(judged, other), rows) == []
