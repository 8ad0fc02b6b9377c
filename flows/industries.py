"""What a recipe of an industry starts from: a description of its domain, margins, personal data, exam suites."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

Industry = Literal["health", "law", "finance", "education", "security"]


class Start(NamedTuple):
    """A recipe's first settings.

    `description` tells the domain to the zero-shot filter, so that it works before there are seeds. It names the
    subject alone: “Questions and answers about” before it draws the sentence towards kinds of text, and away from rows
    of the subject. What is many subjects, as education is, one sentence tells badly: each has its own, and all but the
    first are `also`, by name. `personal` says what becomes of rows with personal data, and `why` says why. `retention`
    holds shipped suites, with the loss that each allows (bits per byte); `asked` tasks of lm-evaluation-harness that
    fit, which need its extra and a connection. `items` of each retention suite are asked (none: as many as an exam
    asks by itself), so many that they can see the loss allowed: of general questions, which SmolLM2-135M answers in
    bits per byte that spread by .71, 81 see .03 and 179 see .02.
    """

    description: str
    personal: Literal["drop", "mask", "surrogate"]
    why: str
    retention: dict[str, float]
    asked: tuple[str, ...]
    also: Mapping[str, str] = MappingProxyType({})
    items: int | None = None


STARTS: dict[Industry, Start] = {
    "health": Start(
        "Health and medicine: symptoms, diseases, diagnosis, treatment, medicines and their side effects, prevention "
        "and care of patients.",
        "drop",
        "what could name a patient is not worth a row",
        {"encyclopedia": 0.02, "general-questions": 0.03},
        ("pubmedqa", "medqa_4options", "mmlu_clinical_knowledge"),
        items=100,
    ),
    "law": Start(
        "Law: statutes, court decisions, contracts, liability, criminal and civil procedure, rights and duties of "
        "persons and companies.",
        "surrogate",
        "a case reads on with other names of accounts and numbers, and the same one stays the same within a record",
        {"encyclopedia": 0.02, "general-questions": 0.03},
        ("mmlu_professional_law", "mmlu_jurisprudence", "mmlu_international_law"),
        items=100,
    ),
    "finance": Start(
        "Finance: accounting, banking, investment, markets, taxes, insurance, credit, risk and the management of "
        "money.",
        "mask",
        "card and account numbers have a shape worth knowing, and values that nobody may learn",
        {"encyclopedia": 0.02, "general-questions": 0.03},
        ("mmlu_professional_accounting", "mmlu_high_school_macroeconomics", "mmlu_econometrics"),
        items=100,
    ),
    "education": Start(
        "Mathematics: numbers, arithmetic, fractions, algebra, geometry, functions, probability and word problems.",
        "drop",
        "learners may be children",
        {"encyclopedia": 0.01, "general-questions": 0.02},
        ("arc_easy", "sciq", "mmlu_high_school_psychology"),
        {
            "physics": "Physics: motion, forces, energy, heat, waves, light, electricity and magnetism.",
            "chemistry": "Chemistry: atoms, elements, compounds, reactions, acids and bases, solutions and gases.",
            "biology": "Biology: cells, plants, animals, the human body, genetics, evolution and ecology.",
            "history": "History: ancient peoples, empires, kings, revolutions, wars and how people lived in the past.",
            "geography": "Geography: countries, capitals, continents, rivers, mountains, climate and population.",
            "language": "Language: grammar, spelling, vocabulary, parts of speech, tenses and translation.",
            "literature": "Literature: novels, poems, plays, their authors, characters, themes and style.",
        },
        items=200,
    ),
    "security": Start(
        "Security of software and networks: weaknesses, vulnerabilities, attacks, mitigations, secure programming, "
        "cryptography and access control.",
        "surrogate",
        "addresses and keys belong to the text, and real ones to nobody's model",
        {"encyclopedia": 0.02, "code-problems": 0.02},
        ("mmlu_computer_security", "wmdp_cyber"),
    ),
}


def known(name: str) -> Industry:
    """Return an industry by its name.

    Raises
    ------
    ValueError
        When winnow knows none of that name.
    """
    for industry in STARTS:
        if industry == name:
            return industry
    raise ValueError(f"--domain: winnow knows {', '.join(STARTS)}, and not “{name}”. Leave it out, and describe it.")
