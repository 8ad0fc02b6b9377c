"""Noise draws its signs evenly and holds no words; programs, formulas, names and sequences do neither."""

import base64
import random
from collections.abc import Callable

import polars as pl
import pytest

from quality.screening.noise import noise
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


@pytest.mark.parametrize("made", [drawn, strings, packed, strewn, dumped, short])
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
        "See https://github.com/openssl/openssl/releases/download/openssl-4.0.3/openssl-4.0.3.tar.gz for it.",
        "https://docs.example.org/document/d/1aBcD3fGh1JkLmN0pQrStUvWxYz0123456789AbCdEf/edit",
        f"In code, it reads:\n```\n{packed(3)}\n```\nwhich is a picture of a house with a garden.",
        "“Well — yes!” (said he); ‘no?’ … #1: a & b, 50% @ $3/kg [net] = {1, 2} ~ 3*4 + 5^2; x < y > z | w \\ v",
        "",
    ],
)
def test_programs_formulas_names_and_sequences_are_none(text: str) -> None:
    assert noisy([text]).item() == 0


@pytest.mark.parametrize("made", [drawn, packed])
def test_who_asks_for_a_code_or_a_password_gets_it(made: Callable[[int], str]) -> None:
    assert noisy([made(1)]).item() > 0.15
    for prompt in ("Encode this picture in base64.", "Give me a strong password.", "Make me a random API key."):
        assert noisy([made(1)], prompt).item() == 0


def test_who_asks_for_bytes_gets_them() -> None:
    for prompt in ("Show me a hex dump of it.", "Which bytes does the packet hold?", "What is the SHA-512 digest?"):
        assert noisy([dumped(2)], prompt).item() == 0
