"""Adapter for `cwe2`: MITRE's Common Weakness Enumeration as questions and answers.

Every weakness gives a few rows: what it is, how it comes about, what it leads to, how it is found, how it
is prevented in each phase, by which other names it goes, and where it has been seen. How a question is put
depends on the weakness alone, so that it is the same in every run; no two rows of a weakness ask the same.
Deprecated entries are left out.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from quality.sources.faults import BrokenSourceError
from quality.sources.lines import Raw
from quality.sources.xmltext import plain_text

_SPACE = "{http://cwe.mitre.org/cwe-7}"
_RETIRED = ("Deprecated", "Obsolete")
_EXAMPLES = 3

Answers = Iterator[tuple[str, str]]
"""Questions about one weakness, with their answers."""


def read_cwe(files: tuple[Path, ...]) -> Iterator[Raw]:
    """Iterate over questions and answers, named ``cwe2/CWE-<id>:<number>``; the document is the weakness.

    Raises
    ------
    BrokenSourceError
        The catalogue is not the XML it should be.
    """
    for path in files[-1:]:  # the newest, should there be several
        try:
            catalogue = ElementTree.parse(path).getroot()  # noqa: S314 - expat bounds entity expansion itself
        except ElementTree.ParseError as error:
            raise BrokenSourceError(f"package: cwe2: {path.name} is broken: {error}") from None
        for weakness in catalogue.iterfind(f"{_SPACE}Weaknesses/{_SPACE}Weakness"):
            if weakness.get("Status") not in _RETIRED:
                yield from _rows(weakness)


def _rows(weakness: Element) -> Iterator[Raw]:
    name = f"CWE-{weakness.get('ID')}"
    pairs = [pair for asked in _ASKED for pair in asked(weakness) if pair[1]]
    for number, (question, answer) in enumerate(pairs, 1):
        yield Raw(f"cwe2/{name}:{number}", {"question": question, "answer": answer}, name)


def _definition(weakness: Element) -> Answers:
    forms = ("What is {}?", "What does {} mean?", "Define {}.", "Describe {}.")
    yield _put(forms, weakness), _text(weakness, "Description")


def _explanation(weakness: Element) -> Answers:
    forms = ("Explain {} in more detail.", "How does {} come about?", "Tell me more about {}.")
    yield _put(forms, weakness), _text(weakness, "Extended_Description")


def _background(weakness: Element) -> Answers:
    forms = ("Which background helps to understand {}?", "What should I know before I look at {}?")
    details = _all(weakness, "Background_Details/Background_Detail")
    yield _put(forms, weakness), _paragraphs(plain_text(detail) for detail in details)


def _other_names(weakness: Element) -> Answers:
    forms = ("By which other names does {} go?", "Which other terms are used for {}?")
    terms = _all(weakness, "Alternate_Terms/Alternate_Term")
    yield (
        _put(forms, weakness),
        _paragraphs(_headed(_text(term, "Term"), _text(term, "Description")) for term in terms),
    )


def _consequences(weakness: Element) -> Answers:
    forms = (
        "What can happen because of {}?",
        "What are the consequences of {}?",
        "What can an attacker gain from {}?",
    )
    found = _all(weakness, "Common_Consequences/Consequence")
    yield _put(forms, weakness), _paragraphs(_consequence(consequence) for consequence in found)


def _consequence(consequence: Element) -> str:
    scopes = ", ".join(plain_text(scope) for scope in _all(consequence, "Scope"))
    impacts = "; ".join(plain_text(impact) for impact in _all(consequence, "Impact"))
    note = _text(consequence, "Note")
    return _headed(scopes, f"{impacts}. {note}" if impacts and note else impacts or note)


def _detection(weakness: Element) -> Answers:
    forms = ("How can {} be found?", "How do I detect {}?", "Which methods find {}?")
    methods = _all(weakness, "Detection_Methods/Detection_Method")
    yield (
        _put(forms, weakness),
        _paragraphs(_headed(_text(method, "Method"), _text(method, "Description")) for method in methods),
    )


def _mitigations(weakness: Element) -> Answers:
    """Ask once for each phase: the same question never has two answers."""
    forms = ("How can {} be prevented", "How do I avoid {}", "What protects against {}")
    phases: dict[str, list[str]] = {}
    for mitigation in _all(weakness, "Potential_Mitigations/Mitigation"):
        advice = _headed(_text(mitigation, "Strategy"), _text(mitigation, "Description"))
        phases.setdefault(_text(mitigation, "Phase"), []).append(advice)
    for phase, advices in phases.items():
        when = f" during {phase.lower()}?" if phase else "?"
        yield _put(forms, weakness) + when, _paragraphs(advices)


def _sightings(weakness: Element) -> Answers:
    forms = (
        "Where has {} been seen?",
        "Which real vulnerabilities were cases of {}?",
        "Give me real examples of {}.",
    )
    seen = _all(weakness, "Observed_Examples/Observed_Example")[:_EXAMPLES]
    yield (
        _put(forms, weakness),
        _paragraphs(_headed(_text(example, "Reference"), _text(example, "Description")) for example in seen),
    )


_ASKED: tuple[Callable[[Element], Answers], ...] = (
    _definition,
    _mitigations,
    _consequences,
    _explanation,
    _detection,
    _background,
    _other_names,
    _sightings,
)


def _put(forms: tuple[str, ...], weakness: Element) -> str:
    """Put a question about a weakness in the form that its number chooses; half of them name the number."""
    number = int(weakness.get("ID") or 0)
    name = weakness.get("Name") or ""
    called = f"CWE-{number} ({name})" if number // len(forms) % 2 else f"the weakness “{name}”"
    return forms[number % len(forms)].format(called)


def _all(element: Element, path: str) -> list[Element]:
    return element.findall("/".join(_SPACE + tag for tag in path.split("/")))


def _text(element: Element, tag: str) -> str:
    found = element.find(_SPACE + tag)
    return plain_text(found) if found is not None else ""


def _headed(head: str, body: str) -> str:
    return f"{head}: {body}" if head and body else head or body


def _paragraphs(parts: Iterable[str]) -> str:
    return "\n\n".join([part for part in parts if part])
