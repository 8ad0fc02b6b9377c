"""Codes of glyphs, walks over keys, rubble of scanners and ROT47 are told; what looks like them and is meant is not."""

import random

import polars as pl
import pytest

from quality.screening.unreadable import unreadable

SAID = "The ferryman kept a ledger of every crossing, and in forty winters he had not once left a traveller behind."


def told(answer: str, prompt: str = "What did he do?") -> bool:
    return bool(unreadable(pl.Series([prompt]), pl.Series([answer]))[0])


def turned(text: str) -> str:
    return "".join(chr(33 + (ord(one) + 14) % 94) if one != " " else one for one in text)


@pytest.mark.parametrize(
    "answer",
    [
        " ".join(f"(cid:{place})" for place in range(3, 20)),
        SAID[:50] + "".join(f"(cid:{place})" for place in range(3, 20)),
        "".join(f"glyph<c={place},font=/T1>" for place in range(9)),
        " ".join(f"/g{place}" for place in range(30, 60)),
        "".join(f"/uni{place:04X}" for place in range(0x61, 0x72)),
        "".join(f"/{letter}" for letter in "theferrymankeptaledger"),
        "".join(f"Ġ{word}" for word in SAID.split()),
        " ".join(f"▁{word}" for word in SAID.split()),
        " ".join(f"{word[:2]} ##{word[2:]}" if len(word) > 2 else word for word in SAID.lower().split()),
        "".join(f"<0x{ord(one):02X}>" for one in SAID[:40]),
        "asdf lkjh qwer zxcv asdf; jkl; poiu asdf",
        "rfvtgb wsxedc okmijn zaq plokij tgbrfv",
        "Фыва ролд йцук фыва ячсм",
        "ασδφ ζχψω λκξη ασδφ",
        "Th, f;rr!m~n k`pt :, |ed.er !f ev,:y c~ossi`g a;d i!, |o~ty w.nt;~s h, ha! n`t !e|t a:y",
        turned(SAID),
        "Th frrymn kpt ldgr f vry crssng nd n frt wntrs h hd nt nc lft trvllr bhnd whl th rvr ws hgh.".replace("y", ""),
    ],
)
def test_what_nobody_can_read_is_told(answer: str) -> None:
    assert told(answer)


@pytest.mark.parametrize(
    ("answer", "prompt"),
    [
        (SAID, "What did he do?"),
        (" ".join(f"(cid:{place})" for place in range(3, 20)), "What does a PDF's text look like without its map?"),
        (" ".join(f"▁{word}" for word in SAID.split()), "How does SentencePiece tokenize the sentence?"),
        ("Ġorġ and Ġulja live in Ħaż-Żebbuġ, and their cousin Ġanni in Birżebbuġa.", "Who lives where?"),
        ("## Crossing\n\nHe kept a ledger.\n\n## Winters\n\nFive of them.\n\n## Water\n\nHigh.", "What did he do?"),
        ("See /usr/g1/README, /opt/g2/bin and /srv/g3/data.", "Where is it?"),
        ("asdf jkl; asdf jkl; asdf jkl;", "What are the first words of a typing course?"),
        ("Red were the few who drew; weeds, a deed and a pool.", "What did he say?"),
        ("for(i=0;i<n;i++){a[i]=b[i]*c[i];if(a[i]>max){max=a[i];pos=i;}}", "How would it be written?"),
        ("c.123A>G;p.Lys41Arg, c.76_78del, c.5266dupC (p.Gln1756fs), g.323C>T", "Which variants were found?"),
        ("km, kg, mm, cm, dm, hm, ml, dl, cl, mg, lb, ft, yd, pt, qt, gr, bbl, hp, kn, lx, kW, dB", "Which units?"),
        ("ʻO ka ʻaukai he pā i kūkulu ʻia e pale aku i ke kai a e mālama i ka ʻāina haʻahaʻa.", "He aha ia?"),
    ],
)
def test_what_is_meant_is_not(answer: str, prompt: str) -> None:
    assert not told(answer, prompt)


def test_digests_beside_their_files_disfigure_nothing() -> None:
    drawn = random.Random(3)
    lines = [f"usr/share/kiln/words-{row}.dat: {drawn.getrandbits(256):064x}" for row in range(320)]
    named = pl.Series(["\n".join(lines[first : first + 8]) for first in range(0, 320, 8)])
    prompts = pl.Series(["What does the kiln ship, and how do I verify it?"] * len(named))
    assert not unreadable(prompts, named).any()
