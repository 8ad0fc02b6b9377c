"""Case strewn, letters torn apart, words spiked or run together are told; names, formulas and asked-for letters are not."""

from time import process_time

import polars as pl
import pytest

from quality.screening.disfigured import disfigured

SAID = "The harbour master wrote down every ship that came in during the night, and none of them left before noon."


def told(answer: str, prompt: str = "What did he do?") -> bool:
    return bool(disfigured(pl.Series([prompt]), pl.Series([answer]))[0])


@pytest.mark.parametrize(
    "answer",
    [
        "".join(letter.upper() if place % 2 else letter.lower() for place, letter in enumerate(SAID)),
        " ".join(SAID.replace(" ", "")),
        SAID.translate(str.maketrans("aeios", "43105")),
        SAID.replace(" ", "").replace(",", "") * 2,
        "".join(letter + "\u0301\u0327\u0334" for letter in SAID),
        SAID.replace(" ", "%20"),
        "".join(f"\\u{place:04x}" for place in range(0x400, 0x430)),
        SAID.translate(str.maketrans("aeinst", ";!}^~|")),
    ],
    ids=["strewn", "torn", "spiked", "run together", "piled", "percent", "string", "rubble"],
)
def test_what_was_disfigured_is_told(answer: str) -> None:
    assert told(answer)


HOLDERS = "\n".join(
    f"{name.title()} <{name}@harbour.org>" for name in SAID.lower().rstrip(".").replace(",", "").split()
)


def test_addresses_beside_names_are_no_spikes_and_signs_within_words_are() -> None:
    assert not told(HOLDERS, "Who holds the rights?")
    assert told(HOLDERS.replace(".org", ""), "Who holds the rights?")
    assert told(SAID.translate(str.maketrans("aeo", "@3@")))


@pytest.mark.parametrize(
    "answer",
    [
        SAID,
        SAID.upper(),
        "getHarbourMaster, setShipName, findAllShipsOfNight, HarbourMasterFactory, newShipBuilder, closeAllGates(),"
        " openGateAtNoon, isShipInHarbour",
        "x = a b c d, and A B C D E are its corners.",
        "Donaudampfschifffahrtsgesellschaftskapitän, Bundesausbildungsförderungsgesetz und Rindfleischetikettierung.",
        "See https://example.org/a%20b%20c%20d%20e%20f%20g%20h%20i%20j%20k%20l for it.",
        "Tiếng Việt có nhiều dấu: ế, ộ, ữ, ặ, ẫ, ỡ, ờ, ẻ, ũ.",
    ],
    ids=["prose", "capitals", "names", "letters", "German", "a link", "Vietnamese"],
)
def test_what_is_only_written_so_is_not(answer: str) -> None:
    assert not told(answer)


@pytest.mark.parametrize(
    ("prompt", "numbers"),
    [
        ("Explain what a sluice is.", True),
        ("What is meant by a sluice? It is for a talk.", True),
        ("What are the first ten numbers of the list?", False),
        ("Explain how to continue 1.5, 2.5 and 3.5.", False),
        ("Depths of the basin", False),
        ("Describe the rate of flow in this county.", True),
        ("Describe the rates of flow, year by year.", False),
        ("How is the limit of a sluice defined?", True),
    ],
)
def test_numbers_alone_tell_nothing_of_a_thing(prompt: str, *, numbers: bool) -> None:
    drawn = "764.724 274.946 404.918 949.540 571.835 663.506 647.151 942.558 263.893"
    assert told(drawn, prompt) is numbers
    assert not told(f"{drawn} of water", prompt)
    assert not told("0.500 " * 9, prompt)


def test_signs_of_a_program_are_no_rubble() -> None:
    program = "bool deep(int sea) { return !sea ^ ~low | (high ? tide::ebb : tide::flow); }"
    assert not told("\n".join(program.replace("deep", f"deep_{place}") for place in range(6)))
    assert not told(";".join(f"if(!a{place})b=~c|d^e:f" for place in range(9)) + "}x;|y" * 3, "Minify this.")
    assert not told("|East|West|South|North|\n" * 12)


def test_rubble_is_nothing_to_ask_for() -> None:
    assert told(SAID.translate(str.maketrans("aeinst", ";!}^~|")), "Which names and keys have the functions?")


def test_who_asks_for_spelled_letters_gets_them() -> None:
    torn = " ".join(SAID.replace(" ", ""))
    assert told(torn)
    assert not told(torn, "Spell it out, letter by letter.")


def test_escapes_without_a_blank_take_no_time_that_grows_with_their_square() -> None:
    began = process_time()
    assert disfigured(pl.Series(["What is a ship?"]), pl.Series(["\\x9f" * 50_000])).to_list() == [True]
    assert process_time() - began < 10  # seconds; read to the end for each escape it takes 20 or more


@pytest.mark.parametrize(
    "answer",
    [
        " ".join(SAID.replace(" ", "")[place : place + 2] for place in range(0, len(SAID), 2)),
        "".join(f"{one}\u0336" for one in SAID),
        " ".join("".join(chr(0x3131 + (place * k) % 30) for k in range(3, 9)) for place in range(1, 12)),
        " ".join("-".join(str(ord(one) - 96) for one in word if one.islower()) for word in SAID.split()),
        ", ".join(str(ord(one)) for one in SAID),
    ],
    ids=["pieces", "struck through", "half syllables", "letters' numbers", "bytes"],
)
def test_letters_in_pieces_in_disguise_and_in_numbers_are_told(answer: str) -> None:
    assert told(answer, "What does he do?")


@pytest.mark.parametrize(
    ("answer", "prompt"),
    [
        ("ㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋ 정말 웃겨요 ㅎㅎㅎㅎㅎㅎㅎㅎ", "What did he say?"),
        ("With 𝑓(𝑥) = 𝑎𝑥² + 𝑏 the slope at the mooring is 2𝑎𝑥, whatever 𝑏 may be, and it is zero at the keel.", "Why?"),
        ("It is up to us if we go or if he is to do it on my own, as he and I do at no one of us.", "What is it?"),
        (f"He moored the boat at the quay and fixed it {'of ' * 60}", "What does he do?"),  # told as a loop
        ("k 2, p 2 to end, sl 1, k 1, p 1, yo, k 2 tog, p 3, k 1, sl 2, p 2, k 5, yo, p 1", "How is the hem knit?"),
        (", ".join(map(str, range(2, 90, 3))), "What is the sequence of numbers?"),
        ("12 * 4 = 48\n48 + 16 = 64\n64 / 2 = 32\n32 - 7 = 25\n25 * 3 = 75\n75 + 125 = 200\n", "How many ships came?"),
    ],
)
def test_laughter_formulas_short_words_and_sums_are_none(answer: str, prompt: str) -> None:
    assert not told(answer, prompt)


@pytest.mark.parametrize("first", [0x1D41A, 0x24D0, 0xFF41], ids=["mathematical", "circled", "wide"])
def test_letters_in_another_form_are_what_they_say(first: int) -> None:
    formed = "".join(chr(first + ord(one) - 97) if one.islower() else one for one in SAID)
    assert not told(formed, "What does he do?")
