"""Styles, scripts, templates and typesetting are left over in prose, and belong where a prompt or a pool is about them."""

import polars as pl
import pytest

from quality.screening.leftover_code import leftover_code

SAID = "The harbour lies behind a wall, and the ships wait before it until the tide has risen."
LEFT = {
    "css": f".side a {{ color: #333; margin: 0 }}\n{SAID}",
    "jquery": f'{SAID}\n$("#menu").slideToggle();',
    "jinja": f"{{% if shown %}}{SAID}{{% endif %}}",
    "handlebars": f"{{{{#each ships}}}}{SAID}{{{{/each}}}}",
    "script": f"let timer = setInterval(() => {{ ring(); }}, 500);\n{SAID}",
    "queue": f'_ac.push(["view", 1]); {SAID}',
    "json-ld": f'{{"@context": "https://schema.org", "@type": "Place", "name": "Harbour"}}\n{SAID}',
    "loader": f"(function(w, d, s) {{ w.q = d.createElement(s); }})(window, document, 'script', '//cdn.example/q.js');\n{SAID}",
    "xml": f'<?xml version="1.0"?><item><text>{SAID}</text></item>',
    "import": f'@import url("side.css");\n{SAID}',
    "variables": f":root {{ --sea: #123; }}\n{SAID}",
    "export": f"export default {{ data() {{ return {{}} }} }}\n{SAID}",
    "class": f"class Quay extends Place {{ moor() {{}} }}\n{SAID}",
    "php": f"<?php the_title(); ?> {SAID}",
    "latex": rf"\section{{Harbour}} {SAID}",
    "chat": f"### Response:\n{SAID}",
    "turns": f"{SAID}\n\nHuman: And the pier?\n\nAssistant: It lies before the wall.",
    "bold turns": f"{SAID}\n**User:** Thank you.\n**AI:** You are welcome.",
    "question": f"{SAID}\n\nHuman: And where is the pier?",
    "task": f"{SAID}\n\nHuman: Tell me about the pier.",
    "name": f"{SAID}\n\nHuman:",
    "turns behind a list": f"{SAID}\n\n- pier\n- wall\n\nUSER: Thanks.\nASSISTANT: You are welcome.",
    "turns in one line": f"{SAID} Human: And the pier? Assistant: It lies before the wall.",
    "a question more": f"{SAID}\n\nQ: Where is the pier?\nA: It lies before the wall.",
    "own name": f"**Assistant:** {SAID}",
}


def counted(prompt: str, answer: str, *rest: str) -> int:
    answers = pl.Series([answer, *rest])
    return int(leftover_code(pl.Series([prompt] * len(answers)), answers)[0])


@pytest.mark.parametrize("answer", LEFT.values(), ids=LEFT)
def test_code_in_prose_about_other_things_is_left_over(answer: str) -> None:
    assert counted("Where is the harbour?", answer) > 0


@pytest.mark.parametrize("answer", LEFT.values(), ids=LEFT)
def test_fenced_code_is_meant(answer: str) -> None:
    fenced = f"{SAID}\n```\n{answer.replace(SAID, '')}\n```"
    assert counted("Where is the harbour?", fenced) == 0


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("How do I colour a link in CSS?", LEFT["css"]),
        ("Write a dialogue between a sailor and a chatbot.", LEFT["turns"]),
        (
            "Show how a session goes.",
            "It may go like this:\n\nUser: Hi.\nBot: Hello!\nUser: Bye.\nBot: We meet again then.",
        ),
        (
            "What may the app do?",
            "It tells three kinds apart, by what they may do:\n\nAdmin: all\nUser: write\nBot: read",
        ),
        (
            "What was asked of the machine?",
            f"**One of them asked this, and got an answer:**\n\n**User:** Why?\n**AI:** {SAID}",
        ),
        ("Write a short story about a robot.", f"{SAID}\n\nHuman: Are you there?\n\nAI: I am, and I have waited."),
        ("Translate: Asistente: ¿Cómo puedo ayudarle?", "Assistant: How may I help you on this day, or on another?"),
        ("How many chromosomes do apes have?", "They differ by two, as is known by now:\n\nHuman: 46\nChimpanzee: 48"),
        ("What does the form ask?", f"{SAID}\n\nUser: the name of your account\nPassword: the secret word"),
        ("Compare the two.", f"Robot: it does what it is told, and nothing besides.\n\nHuman: {SAID}"),
        ("Who speaks?", f"{SAID} User: the one who asks. Password: a secret word."),
        ("Give two questions on harbours.", f"{SAID}\n\nQ: Where is the pier?\nA: Before the wall."),
        ("What is a test like?", f"Such questions are common.\n\nQ: Where is the pier?\nA: {SAID}"),
        ("What does the card say?", f"Q: Where is the pier?\n\nA: {SAID}\n\nQ: Where is the wall?\n\nA: {SAID}"),
        ("Make one in R.", f"{SAID}\n\nship <- function(a) {{\n  a\n}}"),
        ("Who helps a judge?", "Assistant: a person who helps the judge with research and drafts of opinions."),
        ("Write a function that hides a menu.", LEFT["jquery"]),
        ("How do I declare a thing in Rust?", "Write let x = 5; and it is of the type that the rest of it tells."),
        ("How does it know its type?", "With let x = 5; the compiler tells from what is on the right of the sign."),
        ("What is JSON-LD for?", LEFT["json-ld"]),
        ("How are lists written?", r"The \itemize command takes \item commands, and the text behind \item is set."),
        ("What does this say?", f"In jQuery this opens the menu when it is closed: {LEFT['jquery']}"),
        ("Where is the harbour?", "if (a < b) { c = d; }"),
        ("Where is the harbour?", '$("#menu").hide();\n$("#side").hide();'),
        (
            "What is an area?",
            r"The area of a circle with radius $r$ is given by $\\frac{1}{2} \\tau r^2$, as is known.",
        ),
        (
            "How do I make words bold in our wiki?",
            "Put three marks on both sides, as in '''bold words''', and save it.",
        ),
    ],
)
def test_code_belongs_where_somebody_speaks_of_it_or_nothing_else_is_said(prompt: str, answer: str) -> None:
    assert counted(prompt, answer) == 0


def test_who_asks_for_a_program_or_speaks_of_a_shell_asks_for_no_turns() -> None:
    assert counted("Write a function that hides a menu.", LEFT["turns"]) > 0
    assert counted("Write a function that hides a menu.", f"{SAID}\n\n### Instruction:\nShow it.") > 0
    assert counted("Where is the harbour?", f"The prompt comes back. {LEFT['turns']}") > 0


def test_what_many_answers_of_a_pool_hold_is_its_custom() -> None:
    rest = [f"{LEFT['jinja']} {place}" for place in range(30)]
    assert counted("Where is the harbour?", LEFT["jinja"], *rest) == 0
    assert counted("Where is the harbour?", LEFT["jinja"], *[SAID] * 30) > 0


def test_turns_in_a_user_s_name_are_no_custom_until_half_of_a_pool_holds_them() -> None:
    turns = [f"{SAID}\n\nHuman: And what of pier {place}?" for place in range(30)]
    assert counted("Where is the harbour?", LEFT["turns"], *turns, *[SAID] * 40) > 0
    assert counted("Where is the harbour?", LEFT["turns"], *turns, *[SAID] * 20) == 0


SAID_IN = {
    "de": "Die Boote, die vor dem Morgen hinausfuhren, waren alle vor dem Mittag wieder da.",
    "fr": "Les bateaux qui sont partis avant le jour sont tous rentrés avant midi.",
    "es": "Los barcos que salieron antes del alba volvieron todos antes de las doce.",
    "it": "Le barche che sono uscite prima dell'alba sono tornate tutte prima di mezzogiorno.",
    "pt": "Os barcos que saíram antes do amanhecer voltaram todos antes do meio dia.",
    "nl": "De boten die voor de ochtend uitvoeren waren allemaal voor de middag terug.",
    "zh": "天亮之前出海的船只在中午之前全部回到了港口。",
    "ja": "夜明け前に出港した船は正午の前にすべて港に戻りました。",
}


@pytest.mark.parametrize(
    ("language", "prompt"),
    [
        ("de", "Erstelle eine Seite über den Hafen."),
        ("de", "Wie blende ich mit zwei Zeilen Code ein Menü aus?"),
        ("fr", "Écris un script qui cache un menu."),
        ("fr", "Fais une page web sur le port."),
        ("es", "Crea una plantilla para un formulario."),
        ("es", "Escribe una página web sobre el puerto."),
        ("it", "Scrivi una pagina web sul porto."),
        ("it", "Mostrami un modello con un titolo."),
        ("pt", "Escreva um site sobre o porto."),
        ("pt", "Dê-me o código-fonte de um menu."),
        ("nl", "Maak een pagina over de haven."),
        ("nl", "Geef me de broncode van een knop."),
        ("zh", "写一个关于港口的网页。"),
        ("ja", "港についてのウェブページを書いてください。"),
    ],
)
def test_who_asks_for_a_page_in_another_language_may_be_given_one(language: str, prompt: str) -> None:
    assert counted(prompt, f"{SAID_IN[language]}\nb {{ color: red; }}\n{SAID_IN[language]}") == 0


@pytest.mark.parametrize(
    ("language", "prompt"),
    [
        ("de", "Fasse die Seite 12 des Buches zusammen."),
        ("fr", "Quelle est la fonction du phare ?"),
        ("es", "¿Qué forma tiene el muelle?"),
        ("it", "Spiega il programma della regata."),
        ("pt", "De que classe é o barco?"),
        ("nl", "Wat is de functie van de vuurtoren?"),
        ("zh", "灯塔的功能是什么？"),
        ("ja", "本の十二ページを要約してください。"),
    ],
)
def test_a_page_of_a_book_or_what_a_lighthouse_is_for_asks_for_no_code(language: str, prompt: str) -> None:
    assert counted(prompt, f"{SAID_IN[language]}\nb {{ color: red; }}\n{SAID_IN[language]}") == 1


def test_a_turn_behind_a_block_of_code_is_one_as_behind_a_sentence() -> None:
    shown = "The list of all hives that stand in the yard is made so.\n\n```\nhive  1\nhive  2\n```"
    turn = "\n\nHuman: And how do I undo it?\n\nAssistant: There is no way to undo it."
    assert leftover_code(pl.Series(["Which hives are there?"] * 2), pl.Series([shown, shown + turn])).to_list() == [
        0,
        1,
    ]
