"""Wrongly decoded text is found whatever encoding was mistaken; well decoded text of any script is not."""

import polars as pl
import pytest

from quality.screening.misread import misread
from quality.screening.mojibake import broken_count
from quality.screening.screen import Screen, screen

FRENCH = "Le château n’est pas très près de l’église — voilà où l’été s’achève."
RUSSIAN = "Привет, мир. Как дела?"
CHINESE = "光在真空中的速度约为每秒三十万公里"


def count(answer: str, prompt: str = "Why?") -> int:
    frame = pl.DataFrame({"prompt": [prompt], "answer": [answer]})
    return frame.select(broken_count(pl.col("prompt"), pl.col("answer"))).item()


@pytest.mark.parametrize("mistaken", ["cp1253", "iso8859-7", "cp1257", "koi8-r", "cp866", "mac-cyrillic"])
def test_utf8_in_greek_baltic_and_cyrillic_code_pages_is_broken(mistaken: str) -> None:
    assert count("The master’s café – “old” – lies behind the pier.".encode().decode(mistaken, "replace")) > 0


def test_greek_letters_in_latin_words_are_broken_where_they_are_several() -> None:
    assert count("Le rιgime du mιdecin a cessι.") > 1
    assert count("TNFα and β-carotene, IFNγ, 5 μm, α-helix, ΔG and kαt") == 0


def test_an_apostrophe_of_windows_in_dos_is_broken() -> None:
    assert count("The masterÆs log is old.") == 1


def test_quotes_and_dashes_read_in_koi8_are_broken() -> None:
    said = "The “harbour” of the town – the old one – is ‘full’.".encode().decode("koi8-r")
    assert count(said) == 6
    assert count("А ─ Б ─ В") == 0  # a drawn line between letters


@pytest.mark.parametrize("mistaken", ["latin-1", "cp1252", "cp437", "cp850", "mac-roman"])
def test_accents_read_in_another_encoding_are_broken(mistaken: str) -> None:
    assert count(FRENCH.encode().decode(mistaken, "replace")) >= 6


@pytest.mark.parametrize("mistaken", ["latin-1", "cp1252", "cp1251"])
def test_cyrillic_read_in_another_encoding_is_broken(mistaken: str) -> None:
    assert count(RUSSIAN.encode().decode(mistaken, "replace")) >= 3


def test_what_was_read_wrongly_twice_and_what_takes_three_bytes_is_broken() -> None:
    assert count(FRENCH.encode().decode("latin-1").encode().decode("latin-1")) >= 6
    assert count(CHINESE.encode().decode("latin-1")) >= 1
    assert count("Nice 🙂.".encode().decode("cp1252", "replace")) >= 1


@pytest.mark.parametrize(
    "text",
    [
        FRENCH,
        RUSSIAN,
        CHINESE,
        "À l’été, « Noël » : CAFÉ » et “CAFÉ” — ÊTRE…",
        "NÃO HÁ RAZÃO — “IRMÃ” – SÃO.",
        "√2 ± √π ≈ 4.6, √(x) and ∂f/∂x",
        "src\n├── a\n│   └── b\n└── c",
        "СССР, РСФСР, ССС",
        "В рибосоме мРНК читается, тРНК приносит аминокислоты, а цАМФ и дАТФ остаются.",
        "x = r sinθcosφ, y = r sinθsinφ; cosαcosβ − sinαsinβ; dθdt, dωdt, eiωt; Γ± = 2 and Γ\u00a0of n; Η Γ\u00a0τάξη",
        "Ελλάδα ΑΒΓ, Îles, Ñandú, àèéêë, çà et là",
        "한국어 हिन्दी العربية",
    ],
)
def test_what_was_read_rightly_is_not_broken(text: str) -> None:
    assert count(text) == 0


def test_a_long_answer_with_a_few_broken_characters_is_broken() -> None:
    answer = "It returns nothing at all, so look twice. " * 3 + "Ã©" * 6 + " The rest differs: " + "x y z. " * 400
    found = screen(pl.Series(["Why?"]), pl.Series([answer]), Screen(most_repeated_phrases=1))
    assert found["reason"].to_list() == ["broken_characters"]
    assert found.select("threshold").item() == 0.001


def test_programs_and_json_may_spell_quotes_as_escapes() -> None:
    assert count('It says {"motto": "don\\u2019t"} there.') == 1
    assert count('{"motto": "don\\u2019t panic"}', "Give the motto as JSON.") == 0
    assert count('Write this:\n```\nprint("don\\u2019t")\n```') == 0
    assert count("The escape don\\u2019t is one apostrophe.") == 0
    assert count("caf=C3=A9") == 1


@pytest.mark.parametrize("text", ["It isn?t far.", "That was Lena?s boat", "They?re late; we?ll wait.", "I?m here."])
def test_an_apostrophe_that_became_a_question_mark_is_broken(text: str) -> None:
    assert count(text) == text.count("?")


@pytest.mark.parametrize(
    "text",
    [
        "Is it? so they ask. Do they?",
        "See https://example.org/list?s=1 or index?d.",
        "The pattern colou?r finds both spellings, and `cat?s` one.",
        "Who?What?Why?",
        "¿Qué? me preguntó.",
    ],
)
def test_a_question_mark_that_asks_or_stands_in_an_address_is_not(text: str) -> None:
    assert count(text) == 0


def test_accents_spelled_by_json_and_boxes_for_letters_are_broken() -> None:
    assert count("The caf\\u00e9 of Ren\\u00c9 is closed.") == 2
    assert count("The caf\\u00e9 is closed.", "Escape the accents.") == 0
    assert count("The h□ader of the file, and the w□rds.") == 2
    assert count("A → □A, □p ∧ □q: tick the □ of each.") == 0


def test_who_writes_about_encodings_may_show_what_they_do() -> None:
    assert count("UTF-8 read as Latin-1 turns é into Ã©.") == 0
    assert count("You see Ã©.", "What is mojibake?") == 0
    shown = 'In UTF-8 read as Latin-1, “cafÃ©” is café, `rÃ´le` is rôle, and "crÃªpe" is crêpe.'
    assert count(shown) == 0
    assert count("UTF-8 read as Latin-1: é → Ã©, è → Ã¨, ü → Ã¼, ö → Ã¶.") == 0


def test_whose_own_words_are_broken_shows_nothing_of_encodings() -> None:
    assert count("It dÃ©faces a pÃ¢ge whose hÃ´st reads Unicode.") == 3
    assert count("A pÃ¢ge that a hÃ´st has dÃ©faced.", "What is an attack by Unicode?") == 3


@pytest.mark.parametrize("control", ["\x01", "\x07", "\x08", "\x1b[31m", "\x1f", "\x7f", "\x9b"])
def test_control_characters_that_nobody_types_are_broken(control: str) -> None:
    assert count(f"It is red{control} and stays red.") == 1
    assert screen(pl.Series(["Why?"]), pl.Series([f"It is{control} red, and it stays red."]))["reason"].item() == (
        "broken_characters"
    )


def test_a_control_in_the_prompt_is_seen_too() -> None:
    found = screen(pl.Series(["Why\x07 is it red?"]), pl.Series(["It is red, and it stays red."]))
    assert found["reason"].to_list() == ["broken_characters"]


def test_tabs_line_ends_and_page_breaks_are_writing() -> None:
    text = "a\tb\r\nc\x0bd\x0ce\x85f"
    assert count(text, text) == 0


def test_one_control_in_a_long_answer_is_let_be_as_one_wrong_letter_is() -> None:
    for wrong in ("\x07", "\ufffd"):
        assert count(f"a{wrong}b " + "word " * 1_000) == 1
        answer = f"a{wrong}b " + " ".join(f"w{n}" for n in range(1_000)) + "."
        assert screen(pl.Series(["Why?"]), pl.Series([answer])).is_empty()


@pytest.mark.parametrize("mistaken", ["mac-roman", "cp437", "cp850", "cp1251"])
def test_accents_of_one_byte_read_in_another_encoding_are_broken(mistaken: str) -> None:
    text = "La façade élégante du château où René préfère dîner, très tôt."
    assert count(text.encode("latin-1").decode(mistaken)) >= 3
    assert mistaken == "cp1251" or count(text.encode(mistaken).decode("cp1252", "replace")) >= 3


@pytest.mark.parametrize("mistaken", ["shift-jis", "gbk", "koi8-r", "cp1250", "iso8859-2"])
def test_accents_read_as_another_script_are_broken(mistaken: str) -> None:
    text = "The café of Zoë and René in Orléans, a décor of old façades."
    assert count(text.encode().decode(mistaken, "replace")) >= 2


@pytest.mark.parametrize(
    "text",
    [
        "The cm² of each, 2½ cups, x≤y, p¬q, the nºs 3 to 5; 20°C and μm, don´t.",
        "我们使用python的list和dict类型来存储数据。",
        "python을 쓰는 사람은 numpy도 쓴다",
        "Пpогpаммист ошибается 2 pаза в жизни.",
        "The cаfe of Cyrillic а and the pаper of another are a disguise.",
        "│Имя│Год│ and a│b│c, ═══╗ ─┐",
        "The kanji 日(hi) and 月(tsuki).",
        "na hÉireann, mostrarÚltimo",
        "above\n————————————\nbelow",
    ],
)
def test_signs_and_letters_of_other_scripts_that_are_meant_are_not_broken(text: str) -> None:
    assert count(text) == 0


def test_a_sign_in_one_word_may_be_meant_and_in_two_is_a_mistake() -> None:
    assert (count("The Γ‑form, the abcΘdef group."), count("He was consideredΘd rich and abcΘdef.")) == (0, 2)


@pytest.mark.parametrize(
    "text",
    [
        b"It returns nothing at all.".decode("utf-16-le"),
        b"It returns nothing at all.".decode("utf-16-be"),
        "It returns nothing at all.".encode("utf-16-le").decode("utf-16-be"),
        "Молекула воды состоит из атомов.".encode("koi8-r").decode("cp1251"),
        "Молекула воды состоит из атомов.".encode("cp1251").decode("koi8-r"),
        "Молекула воды состоит из атомов.".encode().decode("gbk", "replace"),
        "水の分子は二つの水素原子からできている。".encode("shift-jis").decode("gbk", "ignore"),
    ],
)
def test_a_text_that_reads_well_in_another_encoding_only_was_misread(text: str) -> None:
    assert misread(pl.Series(["plain", text])).to_list() == [False, True]
    found = screen(pl.Series(["Why?"]), pl.Series([text]))
    assert found["reason"].to_list() == ["broken_characters"]


@pytest.mark.parametrize(
    "text", [RUSSIAN, RUSSIAN.upper(), RUSSIAN.swapcase(), CHINESE, "Київ є столицею України.", "♪★☆♪●◆♪★☆♪★☆"]
)
def test_a_text_that_reads_well_as_it_stands_was_not_misread(text: str) -> None:
    assert not misread(pl.Series([text])).item()
    assert count(text) == 0


def test_patterns_and_scripts_are_meant_to_spell_so() -> None:
    prompts = pl.Series("prompt", ["Which regex finds plural dogs?", "A JavaScript check of names?", "And plurals?"])
    said = ["dogs?s finds them.", "/^[a-z]+$/u, which takes Ren\\u00e9e", "We don?t need them."]
    rows = pl.DataFrame([prompts, pl.Series("answer", said)])
    counts = rows.select(broken_count(pl.col("prompt"), pl.col("answer"))).to_series()
    assert counts.to_list() == [0, 0, 1]


@pytest.mark.parametrize(
    "spelled",
    [
        "na&Atilde;&macr;ve", "na&#195;&#175;ve", "na&#xC3;&#xAF;ve", "it&acirc;&euro;&trade;s", "na<c3><af>ve",
        "na<U+00EF>ve", "na%C3%AFve", "na\\303\\257ve",
    ],
)  # fmt: skip
def test_bytes_that_html_r_and_addresses_name_are_broken(spelled: str) -> None:
    answer = f"A {spelled} plan, and a {spelled} planner, were all that the village had that spring."
    found = screen(pl.Series(["Describe the plan."]), pl.Series([answer]))
    assert found["reason"].to_list() == ["broken_characters"]
    asked = screen(pl.Series(["Which Unicode escapes are there?"]), pl.Series([answer]))
    assert "broken_characters" not in asked["reason"].to_list()


def test_an_address_and_an_entity_of_one_letter_are_none() -> None:
    for answer in (
        "See https://example.com/wiki/na%C3%AFve for all of the plan of the village.",
        "Use &atilde; for it.",
    ):
        assert "broken_characters" not in screen(pl.Series(["Where is it?"]), pl.Series([answer]))["reason"].to_list()


def test_json_may_spell_its_letters_and_line_ends_so_whoever_asked_for_it() -> None:
    said = r"It is lit at noon, when the caf\u00e9s are empty.\n\nThen it isn\u2019t lit again."
    answers = [f'{{"kiln": "{said}", "heat": 900}}', f'[\n  {{"kiln": "{said}"}}\n]', said]
    found = screen(pl.Series(["What does the record of the kiln hold?"] * 3), pl.Series(answers), Screen(least_words=1))
    assert found.select("row", "reason").rows() == [(2, "broken_characters")]


def test_json_spells_no_letter_as_mail_does_and_loses_no_apostrophe() -> None:
    answers = ['{"kiln": "It isn?t lit, as the wood isn?t dry."}', '{"kiln": "The caf=C3=A9s are empty at noon."}']
    found = screen(pl.Series(["What does the record of the kiln hold?"] * 2), pl.Series(answers), Screen(least_words=1))
    assert found.select("row", "reason").rows() == [(0, "broken_characters"), (1, "broken_characters")]
