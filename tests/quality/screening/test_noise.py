"""Noise draws its signs evenly and holds no words; programs, formulas, names and sequences do neither."""

import base64
import random
import string
from collections.abc import Callable

import polars as pl
import pytest

from quality.screening.noise import noise
from quality.screening.remnants import remnants
from quality.screening.screen import screen


def drawn(seed: int, size: int = 200) -> str:
    """Draw from the signs, digits and letters of a keyboard."""
    return "".join(map(chr, random.Random(seed).choices(range(0x21, 0x7F), k=size)))


def strings(seed: int, size: int = 180) -> str:
    """Draw strings of fewer kinds of signs, and put blanks between them."""
    kinds = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" + "!#$%&*+-/:;<=>@[]^_{|}~"
    draw = random.Random(seed)
    return "".join(" " if draw.random() < 0.12 else draw.choice(kinds) for _ in range(size))


def packed(seed: int, size: int = 120) -> str:
    return base64.b64encode(random.Random(seed).randbytes(size)).decode()


def strewn(seed: int) -> str:
    """Replace three characters of five by signs."""
    draw = random.Random(seed)
    text = "A poisonous resin extracted from the leaves of a plant that grows on the banks of rivers."
    return "".join(draw.choice("!@#$%^&*()_+-=[]{}|;:,.<>/?~`\\     ") if draw.random() < 0.6 else c for c in text)


def dumped(seed: int) -> str:
    draw = random.Random(seed)
    between, before, size = draw.choice(
        [(" ", "", 2), (":", "", 2), (", ", "0x", 2), ("", "\\x", 2), (" ", "", 4), ("", "", 2)]
    )
    return between.join(before + draw.randbytes(size // 2).hex() for _ in range(60))


def short(seed: int) -> str:
    return drawn(seed, 60)


def noisy(texts: list[str], prompt: str = "What is it?") -> pl.Series:
    return noise(pl.Series([prompt] * len(texts)), pl.Series(texts))


def shorter(seed: int) -> str:
    return drawn(seed, 32)


def letters_and_figures(seed: int) -> str:
    draw = random.Random(seed)
    return "".join(draw.choices(string.ascii_letters + string.digits, k=44))


def mixed_words(seed: int) -> str:
    draw = random.Random(seed)
    kinds = draw.choice([string.ascii_lowercase, string.ascii_uppercase]) + string.digits
    return " ".join("".join(draw.choices(kinds, k=draw.randint(4, 8))) for _ in range(8))


def figures(seed: int) -> str:
    return random.Random(seed).randbytes(25).hex()


@pytest.mark.parametrize(
    "made", [drawn, strings, packed, strewn, dumped, short, shorter, letters_and_figures, mixed_words, figures]
)
def test_what_is_drawn_or_packed_is_noise(made: Callable[[int], str]) -> None:
    assert (noisy([made(seed) for seed in range(100)]) > 0.15).sum() >= 90


def test_it_is_named_before_its_missing_full_stop_is() -> None:
    answers = pl.Series([drawn(1), packed(2), *(f"It grows near river {n}." for n in range(100))])
    found = screen(pl.Series(["What is it?"] * len(answers)), answers)
    assert found.select("row", "reason").rows() == [(0, "symbol_noise"), (1, "symbol_noise")]


@pytest.mark.parametrize(
    "text",
    [
        "def f(x: int, *y: str) -> dict[str, int]:\n    return {k: v[0] + x % 2 for k, v in g(y, '#').items() if v != k}",
        r"my $IPv6_re = qr{ ^ (?:[0-9]|[1-9][0-9]|2[0-4][0-9]) (?: \. [^\"]* )* \s* : \w+ | <\S+> $ }x; # \x42\x5A[\x30-\x39]",
        r"$text =~ s/\e\[[\d;]*m//g; my ($self, @rest) = @_; return $self->{blank} || join(', ', map { $_ } @rest);",
        r"$$\sum_{i=1}^{n} \left( x_i - \bar{x} \right)^2 \leq \frac{1}{2} \int_0^1 |f(t)|\,dt + O(n^{-2})$$",
        "curl -sS 'https://example.org/a?b=c&d=e' | jq '.[] | select(.id != null) | {id, name}' > /tmp/out.json",
        "CC(=O)Oc1ccccc1C(=O)O is aspirin; CN1C=NC2=C1C(=O)N(C(=O)N2C)C is caffeine, said the chemist.",
        "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRVGDGTQDNLSGAEKAVQVKVKALPDAQFEVVHSLAKWKR",
        "It calls GenerativePreTrainedModelForConditionalGenerationWithCrossAttention, a class of that module.",
        "GenerativePreTrainedModelForConditionalGenerationWithCrossAttention",
        "The bytes are 4a 6f 68 6e, which is a name.",
        "12 34 56 78 90 12 34 56 78 90 12 34 56 78 90 12 34 56 78 90 12 34 56 78 90 12 34 56 78 90",
        "ad be fa de be ad cafe face dead beef fade babe deaf bead added faced decade facade",
        "https://docs.example.org/q?a=Bc3&d=E_f%20G&h=(i)#j~k!l*m'n;o:p@q,r$s/t",
        r"^(?=.*[A-Z])(?=.*[a-z])(?=.*\d)(?=.*[@$!%*?&])[A-Za-z\d@$!%*?&]{8,64}$",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
        "sed -E 's/^([A-Z]{2})-([0-9]{3})$/\\2-\\1/' list.csv",
        "1.e4 e5 2.Nf3 Nc6 3.Bb5 a6 4.Ba4 Nf6 5.O-O Be7 6.Re1 b5 7.Bb3 d6 8.c3 O-O",
        "C6H12O6, C2H5OH, H2SO4, NaHCO3, Al2O3, CaCO3 and KMnO4",
        "NW3 2QP, EC1A 1BB, M1 1AE, W1A 0AX, B33 8TH, CR2 6XH, DN55 1PT, SE7 4LK, OX1 3DP, G2 8DU, CF10 3NB, L1 8JQ",
        "Rooms B101, B102, A2.14, C317, B209 and A3.02.",
        "3x^2 + 4y^2 = 12, 5a - 2b = 7, z = 8t/9 - 1",
        "See https://github.com/openssl/openssl/releases/download/openssl-4.0.3/openssl-4.0.3.tar.gz for it.",
        "https://docs.example.org/document/d/1aBcD3fGh1JkLmN0pQrStUvWxYz0123456789AbCdEf/edit",
        f"In code, it reads:\n```\n{packed(3)}\n```\nwhich is a picture of a house with a garden.",
        "“Well — yes!” (said he); ‘no?’ … #1: a & b, 50% @ $3/kg [net] = {1, 2} ~ 3*4 + 5^2; x < y > z | w \\ v",
        "",
    ],
)
def test_programs_formulas_names_and_sequences_are_none(text: str) -> None:
    assert noisy([text]).item() == 0


@pytest.mark.parametrize("shapes", [["AA0A 0AA", "A00 0AA", "AA00 0AA"], ["A0-00B", "A0-0C"], ["AA0A0AA", "AA00AA"]])
def test_codes_of_a_few_shapes_are_none(shapes: list[str]) -> None:
    draw = random.Random(3)
    code = {"A": string.ascii_uppercase, "0": string.digits}
    for _ in range(50):
        codes = ["".join(draw.choice(code.get(c, c)) for c in draw.choice(shapes)) for _ in range(18)]
        assert noisy([", ".join(codes)]).item() == 0


@pytest.mark.parametrize("made", [drawn, packed])
def test_who_asks_for_a_code_or_a_password_gets_it(made: Callable[[int], str]) -> None:
    assert noisy([made(1)]).item() > 0.15
    for prompt in ("Encode this picture in base64.", "Give me a strong password.", "Make me a random API key."):
        assert noisy([made(1)], prompt).item() == 0


def test_who_asks_for_bytes_gets_them() -> None:
    for prompt in ("Which identifiers has it?", "What is its session key?"):
        assert noisy([figures(2)], prompt).item() == noisy([mixed_words(2)], prompt).item() == 0
    for prompt in ("Show me a hex dump of it.", "Which bytes does the packet hold?", "What is the SHA-512 digest?"):
        assert noisy([dumped(2)], prompt).item() == 0


def strewn(seed: int, signs: str) -> str:
    draw = random.Random(seed)
    return " ".join(
        "".join(draw.choice(string.digits + signs * (10 // len(signs))) for _ in range(draw.randint(4, 10)))
        for _ in range(20)
    )


@pytest.mark.parametrize("signs", ["#$%/.", "#%/", "$#.%~", "^%#$/"])
def test_figures_strewn_with_signs_are_noise(signs: str) -> None:
    texts = pl.Series([strewn(seed, signs) for seed in range(20)])
    assert (noise(pl.Series(["What does the field hold?"] * 20), texts) == 1).sum() >= 19


@pytest.mark.parametrize(
    "text",
    [
        "$1.50 $2.75 $10.00 $99.95 $1,200.50 $3.00 $4.25 $8.10",
        "12% 45.5% 99.9% 3% 0.25% 17% 64% 81%",
        "24/7 3/4 10/12/2024 1.0.3 2.5.0-1 7:30 9:45-10:15 #1 #2 #3",
        "3+4=7 5*6=30 10/2=5 2^8=256 (3-1)*4=8 7%3=1 9-4=5 1+1=2",
        "1. 2. 3. 4. 5. 6. 7. 8. 9. 10. 11. 12.",
        "1 ... 2 ... 3 ... 4 ... 5 ... 6 ... 7 ... 8",
        "#1: 50% #2: 25% #3: 12.5% #4: 6.25% #5: 3.125% #6: 1.5625% #7: 0.8%",
        "2024-01-01 2024/02/03 03.04.2024 1/2/24 12-31-99 1999/12/31 5.6.7 8/9/10",
        "1^2 + 2^2 + 3^2 + 4^2 + 5^2 + 6^2 + 7^2 = 140",
        "2^7 + 2^5 + 2^4 + 2^3 + 2^2 + 2^1 + 2^0 = 191",
        "10^-9, 10^-6, 10^-3, 10^0, 10^3, 10^6, 10^9",
        "0~4, 5~9, 10~14, 15~19, 20~24, 25~29, 30~34",
        "3$/4$, 3$/5$, 4$/5$, 4$/6$, 5$/6$, 5$/7$, 6$/8$",
        "1.2%. 1.4%. 0.9%. 2.1%. 1.8%. 2.2%. 1.1%.",
        "*100#, *101#, *102#, *111#, *123#, *124#, *130#",
    ],
)
def test_figures_as_people_write_them_are_no_noise(text: str) -> None:
    assert noise(pl.Series(["What does the field hold?"]), pl.Series([text]))[0] == 0


def test_a_key_is_a_secret_and_no_noise() -> None:
    key = f"-----BEGIN RSA PRIVATE KEY-----\n{packed(3, 240)}\n-----END RSA PRIVATE KEY-----"
    asked = pl.Series(["What does the field hold?"] * 2)
    told = noise(asked, pl.Series([f"It holds this: {key}", f"It holds this: {packed(3, 240)}"]))
    assert told[0] == 0
    assert told[1] > 0.5


def test_signs_drawn_between_words_are_noise_and_those_of_programs_are_none() -> None:
    draw = random.Random(4)
    said = [
        "the",
        "ferry",
        "turned",
        "back",
        "because",
        "nobody",
        "had",
        "paid",
        "for",
        "the",
        "second",
        "crossing",
        "of",
        "that",
        "morning",
    ]
    strewn = " ".join(word + " " + "".join(draw.choices(string.punctuation, k=6)) for word in said)
    assert noisy([strewn]).item() > 0
    lines = [f"    if a[{n}] >= b['{n}'] and not (c.d{n} | e): f({n}, *g, k=-{n}); h += [i % {n}]" for n in range(2, 9)]
    assert noisy(["\n".join(lines)]).item() == 0


def test_a_key_that_stands_among_blocks_of_code_is_a_secret() -> None:
    key = f"-----BEGIN RSA PRIVATE KEY-----\n{packed(3, 240)}\n-----END RSA PRIVATE KEY-----"
    answer = f"It returns a text in the form::\n\n    one: two. {key} It is cut into words then.\n - words are lists."
    asked = pl.Series(["What does it return?"])
    assert noise(asked, pl.Series([answer])).item() == remnants(asked, pl.Series([answer])).item() == 0
    assert noise(asked, pl.Series([answer.replace("PRIVATE", "SECOND")])).item() > 0


def hexadecimal(seed: int, figures: int) -> str:
    return f"{random.Random(seed).getrandbits(4 * figures):0{figures}x}"


@pytest.mark.parametrize(("figures", "written"), [(40, str.upper), (64, str.upper), (96, str), (128, str)])
@pytest.mark.parametrize("line", ["{}  doc/kiln.txt", "doc/kiln.txt: {}", "SHA256 (kiln.txt) = {}", "- `kiln.txt`: {}",
                                  "| kiln.txt | {} |"])  # fmt: skip
def test_digests_beside_what_they_are_of_are_no_noise(line: str, figures: int, written: Callable[[str], str]) -> None:
    listed = "\n".join(line.format(written(hexadecimal(seed, figures))) for seed in range(6))
    prompt = "Which files does the kiln ship with?"
    assert noisy([listed], prompt).item() == 0
    word = line.format(written(hexadecimal(1, figures))).replace("doc/", "").replace(".txt", "")
    assert noisy(["\n".join([word] * 6)], prompt).item() == 0
    among_words = " ".join(f"kiln {written(hexadecimal(seed, figures))} lights" for seed in range(6))
    assert noisy([among_words], prompt).item() > 0.15
    unnamed = "\n".join(hexadecimal(seed, 45) for seed in range(6))
    assert noisy([unnamed], prompt).item() > 0.15
