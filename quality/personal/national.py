"""National identity numbers. Most carry a check digit, which python-stdnum knows; the others need a word near them.

A layout that nothing else has (a French NIR, an Italian codice fiscale) is enough with its check digit; a bare run
of digits is one number in ten by chance, so it needs the word as well. So does a layout in which people write what
others print otherwise: “12 345 678 z” for a DNI.
"""

from __future__ import annotations

import functools
import importlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from quality.personal.entity import Entity, compact, near

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True)
class Document:
    """A kind of number: how it is written, what proves it, and the words it needs (`None`: none).

    `check` is a module of python-stdnum, or empty where a number has no check digit. Where `words` are given, a
    number counts only near one of them: within `before` characters of it, or `after` behind it.
    """

    country: str
    layout: re.Pattern[str]
    check: str = ""
    words: re.Pattern[str] | None = None
    before: int = 40
    after: int = 20


def _words(*words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


def _layout(pattern: str) -> re.Pattern[str]:
    """Frame a layout: not inside a longer number; where it has blanks, not among other numbers."""
    apart = (r"(?<!\d )", r"(?! \d)") if " " in pattern else ("", "")
    return re.compile(rf"(?<![^\W_]|[.+-])(?<!\d,){apart[0]}(?:{pattern})(?![\w-]|[.,]\d){apart[1]}")


_TAX = ("tax", "taxpayer", "tin", "steuer\\w*", "identifikationsnummer", "idnr")
_ID = ("id", "identity", "identification", "personal", "national")
# Two letters that were given out as a prefix.
_PREFIX = r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
# Written anyhow, which needs the word.
_DNI = r"(?i:\d{2}[. ]?\d{3}[. ]?\d{3} ?-? ?[A-HJ-NP-TV-Z])"
_NIE = r"(?i:[XYZ][- ]?\d[. ]?\d{3}[. ]?\d{3} ?-? ?[A-Z])"
# Parted by one sign all through, as 1.84556867019693 is not; or by blanks somewhere, and the key apart.
_NIR = (
    r"[12]([ .-]?)\d\d\1\d\d\1\d[\dABab]\1\d{3}\1\d{3}(?:\1| )\d\d|"
    r"[12](?: ?\d\d){2} ?\d[\dABab](?: ?\d{3}){2}(?: ?[/-] ?|,? cl[eé]f? ?:? ?| )?\d\d"
)
_NIR_WITHOUT_KEY = r"[12]([ .-]?)\d\d\1(?:0[1-9]|1[0-2])\1\d[\dABab]\1\d{3}\1\d{3}"
_SSN = _words("ssn", "ssns", "social", "social security", "itin", *_TAX)
_NINO = _words("nino", "national insurance", "insurance", "ni number", "ni no", "ni")
# Parts of memory are numbered alike (a letter for the revision), so that without its word it fills an entry of a form,
# and the form is somebody's.
_NINO_OF_ENTRY = re.compile(
    rf"(?:(?<![^\n:;,|\t(\[>\"])|(?<=[:;,|*•-] )){_PREFIX}\d{{6}}[A-D](?=\.?[ \t]*(?:[\n;,|)\]<\"]|\Z))"
)
_OF_FORM = _words(
    "(?:sur|fore|first |last |full |maiden |family |given )names?", "date of birth", "dob", "born", "birth ?da(?:y|te)",
    "nationality", "marital status", "employees?", "payroll", "salary", "wages", "pension", "hmrc", "paye", "p45",
    "p60", "claimants?", "applicants?", "next of kin",
    "(?-i:Mr|Mrs|Miss) [A-Z]\\w+", "(?-i:Name: ?[A-Z][a-z]+ [A-Z][a-z]+)",
)  # fmt: skip
_CALLED_NINO = _words("nino", "national insurance", "ni number", "ni no")

_PASSPORT = re.compile(
    r"\b(?:passport|passeport|pasaporte|passaporte|passaporto|paspoort|pasport|paszport)"
    r"(?:[\s-]{1,2}(?:no|nr|num(?:ber|éro|ero)?|número|numero|nummer|numeru|is|was)\b\.?|\s?(?:[:#]|n[°º.]))|"
    r"\b(?:reise)?pass(?:nummer|-?nr\b)|номер паспорта|паспорт",
    re.IGNORECASE,
)

_LICENCE = re.compile(
    r"\b(?:driver['’]?s?|driving) licen[cs]e(?: (?:no|nr|num(?:ber)?|is|was)\b\.?(?: is)?|\s?[:#])", re.IGNORECASE
)

DOCUMENTS: tuple[Document, ...] = (
    Document("US", _layout(r"\d{3}-\d{2}-\d{4}"), "us.ssn"),
    Document("US", _layout(r"\d{3}([ .])\d{2}\1\d{4}|\d{9}"), "us.ssn", _SSN),
    Document("US", _layout(r"9\d{2}[ -]?\d{2}[ -]?\d{4}"), "us.itin", _SSN),
    # Called one, it is one to its reader, whether or not it was ever given out.
    Document("US", _layout(r"(?!000|666)\d{3}-\d{2}-\d{4}"), "", _SSN),
    # No check digit, but prefixes that were never given out, and a last letter from A to D.
    Document("GB", _layout(_PREFIX + r"(?:([ -])\d\d\1\d\d\1\d\d\1[A-D]| ?\d\d \d\d \d\d ?[A-D])")),
    Document("GB", _NINO_OF_ENTRY, "", _OF_FORM, before=120, after=60),
    Document("GB", _layout(rf"(?i:{_PREFIX} ?\d{{6}} ?[A-D])"), "", _NINO),
    # Called one, as above; QQ is what its forms give as an example.
    Document("GB", _layout(r"(?i:(?!QQ)[A-Z]{2}(?:[ .-]?\d\d){3}[ .-]?[A-Z])"), "", _CALLED_NINO),
    Document("GB", _layout(r"\d{5} ?\d{5}"), "gb.utr", _words("utr", "unique taxpayer")),
    Document("GB", _layout(r"\d{3}[ -]?\d{3}[ -]?\d{4}"), "gb.nhs", _words("nhs", "patient")),
    Document("FR", _layout(_NIR), "fr.nir"),
    Document("FR", _layout(_NIR_WITHOUT_KEY), "", _words("s[ée]cu", "s[ée]curit[ée] sociale", "num[ée]ro ss")),
    Document("FR", _layout(r"[0-3]\d ?\d\d(?: ?\d{3}){3}"), "fr.nif", _words("num[ée]ro fiscal", "n° fiscal", "spi")),
    Document(
        "DE",
        _layout(r"[1-9]\d(?:([./-])\d{3}\1\d{3}\1| ?\d{3} ?\d{3} ?)\d{3}"),
        "de.idnr",
        _words(*_TAX, "tax id"),
    ),
    Document("DE", _layout(r"\d{2,3}/\d{3,4}/\d{4,5}"), "de.stnr", _words("steuernummer", "st(?:euer|\\.)?-?nr")),
    Document("ES", _layout(r"\d{8}[- ]?[A-HJ-NP-TV-Z]|\d{2}\.\d{3}\.\d{3}-?[A-HJ-NP-TV-Z]"), "es.dni"),
    Document("ES", _layout(_DNI), "es.dni", _words("dni", r"d\.n\.i", "nif", "documento", "identidad")),
    Document("ES", _layout(r"[XYZ][- ]?\d{7}[- ]?[A-Z]"), "es.nie"),
    Document("ES", _layout(_NIE), "es.nie", _words("nie", r"n\.i\.e", "nif", "extranjer[oa]s?")),
    Document(
        "IT",
        # Of two people with one code, the second has letters for figures.
        re.compile(
            r"(?<!\w)(?i:[A-Z]{3}[ -]?[A-Z]{3}[ -]?\d\d[A-EHLMPR-T][\dLMNP-V]{2}[ -]?[A-Z][\dLMNP-V]{3}[A-Z])(?!\w)"
        ),
        "it.codicefiscale",
    ),
    Document("IN", _layout(r"[2-9]\d{3}([ -])\d{4}\1\d{4}"), "in_.aadhaar"),
    Document("IN", _layout(r"[2-9]\d{11}"), "in_.aadhaar", _words("aadha+r", "uid", "uidai", "आधार")),
    Document("IN", _layout(r"[A-Z]{3}P[A-Z]\d{4}[A-Z]"), "in_.pan"),
    Document("IN", _layout(r"[A-Z]{5}\d{4}[A-Z]"), "in_.pan", _words("pan", "permanent account", "income tax", "tax")),
    Document("BR", _layout(r"\d{3}\.\d{3}\.\d{3}-\d{2}"), "br.cpf"),
    Document("BR", _layout(r"\d{11}"), "br.cpf", _words("cpf")),
    Document("CA", _layout(r"\d{3}([ -])\d{3}\1\d{3}|\d{9}"), "ca.sin", _words("sin", "social insurance", "nas")),
    Document("AU", _layout(r"\d{3} ?\d{3} ?\d{2,3}"), "au.tfn", _words("tfn", "tax file", "tax")),
    Document(
        "NL",
        _layout(r"\d{8,9}|\d{4}([ .-])\d\d\1\d{3}|\d{3}([ .-])\d{3}\2\d{3}"),
        "nl.bsn",
        _words("bsn", "burger ?service ?nummer", "sofi-?nummer", "citizen service number"),
    ),
    Document("BE", _layout(r"\d\d\.\d\d\.\d\d-\d{3}\.\d\d"), "be.nn"),
    Document(
        "BE",
        _layout(r"\d\d([ .-]?)\d\d\1\d\d[ .-]?\d{3}[ .-]?\d\d"),
        "be.nn",
        _words("rijksregister\\w*", "insz", "niss", "registre national", "national register"),
    ),
    Document("PL", _layout(r"\d{11}"), "pl.pesel", _words("pesel", *_ID)),
    Document("PL", _layout(r"\d{6}[ -]\d{5}"), "pl.pesel", _words("pesel")),
    Document("SE", _layout(r"(?:19|20)?\d{6}[-+]\d{4}"), "se.personnummer", _words("personnummer", "swedish", *_ID)),
    Document("FI", _layout(r"[0-3]\d[01]\d{3}[-+A-FU-Y]\d{3}[0-9A-Y]"), "fi.hetu"),
    Document("NO", _layout(r"[0-7]\d{5} ?\d{5}"), "no.fodselsnummer", _words("f[øo]dselsnummer", "norwegian", *_ID)),
    Document("DK", _layout(r"[0-3]\d[01]\d{3}-\d{4}"), "dk.cpr", _words("cpr", "danish", *_ID)),
    Document("IE", _layout(r"\d{7}[A-W][A-I]?"), "ie.pps", _words("pps", "ppsn")),
    Document("PT", _layout(r"[1-35689]\d{2} ?\d{3} ?\d{3}"), "pt.nif", _words("nif", "contribuinte")),
    Document("PT", _layout(r"\d{8} ?\d ?[A-Z\d]{2}\d"), "pt.cc", _words("cart[ãa]o d[eo] cidad[ãa]o")),
    Document("CH", _layout(r"756\.\d{4}\.\d{4}\.\d{2}"), "ch.ssn"),
    Document("CH", _layout(r"756([ -]?)\d{4}\1\d{4}\1\d{2}"), "ch.ssn", _words("ahv\\w*", "avs", "oasi")),
    Document("NZ", _layout(r"\d{3}([ -]?)\d{3}\1\d{3}"), "nz.ird", _words("ird")),
    Document("CL", _layout(r"\d{1,2}\.\d{3}\.\d{3}-[\dKk]"), "cl.rut"),
    Document("MX", _layout(r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d"), "mx.curp"),
    Document("CN", _layout(r"[1-9]\d{16}[\dXx]"), "cn.ric"),
    Document("KR", _layout(r"\d{6}-[1-4]\d{6}"), "kr.rrn"),
    Document("TR", _layout(r"[1-9]\d{10}"), "tr.tckimlik", _words("kimlik", "tckn", "tc", "turkish")),
    Document("ZA", _layout(r"\d{6} ?\d{4} ?\d{3}"), "za.idnr", _words("sa id", "south african?", *_ID)),
    Document("AR", _layout(r"\d{2}-\d{8}-\d"), "ar.cuit", _words("cuit", "cuil")),
    Document("AT", _layout(r"\d{4} ?\d{6}"), "at.vnr", _words("svnr", "sv-nummer", "sozialversicherung\\w*")),
    Document("DE", _layout(r"\d{2} ?\d{6} ?[A-Z] ?\d{3}"), "", _words("svnr", "(?:sozial|renten)versicherung\\w*")),
    Document("BG", _layout(r"\d{10}"), "bg.egn", _words("egn", "егн")),
    Document("CZ", _layout(r"\d{6}/?\d{3,4}"), "cz.rc", _words("rodn[eé] č?c?[ií]slo", "rč", "birth number")),
    Document("DO", _layout(r"\d{3}-\d{7}-\d"), "do.cedula"),
    Document("EC", _layout(r"\d{9}-?\d"), "ec.ci", _words("c[eé]dula")),
    Document("EE", _layout(r"[1-6]\d{10}"), "ee.ik", _words("isikukood", "estonian")),
    Document("GR", _layout(r"\d{11}"), "gr.amka", _words("amka", "αμκα")),
    Document("HK", re.compile(r"(?<![\w-])[A-Z]{1,2}\d{6} ?\([\dA]\)"), "", _words("hkid", "hong kong")),
    Document("HR", _layout(r"\d{11}"), "hr.oib", _words("oib")),
    Document("ID", _layout(r"\d{16}"), "id.nik", _words("nik", "ktp")),
    Document("IL", _layout(r"\d{8}-?\d"), "il.idnr", _words("teudat", "zehut", "israeli")),
    Document("IS", _layout(r"\d{6}-\d{4}"), "is_.kennitala", _words("kennitala")),
    Document("JP", _layout(r"\d{4}([ -]?)\d{4}\1\d{4}"), "jp.in_", _words("my number", "individual number")),
    Document("LT", _layout(r"[3-6]\d{10}"), "lt.asmens", _words("asmens kod\\w+", "lithuanian")),
    Document("LV", _layout(r"\d{6}-?\d{5}"), "lv.pvn", _words("personas kods", "latvian")),
    Document("MY", _layout(r"\d{6}-\d{2}-\d{4}"), "my.nric", _words("nric", "mykad", "ic", "malaysian")),
    Document("PK", _layout(r"\d{5}-\d{7}-\d"), "pk.cnic"),
    Document("RO", _layout(r"[1-9]\d{12}"), "ro.cnp", _words("cnp")),
    Document("RU", _layout(r"\d{12}"), "ru.inn", _words("inn", "инн")),
    Document("SG", _layout(r"[STFGM]\d{7}[A-Z]"), "", _words("nric", "fin", "singapore")),
    Document("SI", _layout(r"\d{13}"), "si.emso", _words("em[sš]o", "jmbg")),
    Document("TH", _layout(r"\d-\d{4}-\d{5}-\d\d-\d"), "th.pin"),
    Document("TH", _layout(r"\d{13}"), "th.pin", _words("thai")),
    Document("UA", _layout(r"\d{10}"), "ua.rntrc", _words("рнокпп", "іпн", "rnokpp")),
    Document("", _layout(r"(?=[A-Z]{0,3}\d)(?=(?:[A-Z]*\d){3})[A-Z\d]{7,9}"), "", _PASSPORT),
    Document("", _layout(r"(?=(?:[A-Z]*\d){4})[A-Z\d]{6,18}"), "", _LICENCE),
)  # fmt: skip


_FIGURES = re.compile(r"\d+")
# No layout has more letters and signs (of them a licence has most, fourteen, and two stand behind it) on a side of its
# figures or between them, nor fewer figures than a passport. What reaches as far never reaches another stretch's.
_REACH, _LEAST_FIGURES = 20, 3

# A sign of these tells the century.
_CENTURY_BY_SIGN = ("fi.hetu", "se.personnummer")


def national_ids(text: str) -> Iterator[Entity]:
    """Find national identity numbers of the countries in `DOCUMENTS`, and passports and driving licences called so."""
    stretches = _stretches(text)
    for document in DOCUMENTS:
        for found in (one for stretch in stretches for one in document.layout.finditer(text, *stretch)):
            if document.words is not None and not near(
                text, found, document.words, before=document.before, after=document.after
            ):
                continue
            if document.check and not _checker(document.check)(_plain(found[0], document)):
                continue
            if not _is_years(found[0]):
                yield Entity(found.start(), found.end(), "national_id", compact(found[0]))


def _stretches(text: str) -> list[tuple[int, int]]:
    """Return start and end of what lies around figures, outside of which no layout fits: most of a text is spared."""
    found: list[list[int]] = []  # start, end and count of figures
    for figures in _FIGURES.finditer(text):
        start, end = figures.span()
        if found and start - found[-1][1] <= _REACH:
            found[-1][1:] = [end, found[-1][2] + end - start]
        else:
            found.append([start, end, end - start])
    return [(max(0, start - _REACH), end + _REACH) for start, end, count in found if count >= _LEAST_FIGURES]


def _plain(spelled: str, document: Document) -> str:
    """Write a number as python-stdnum reads it, which leaves out no separator but those it is printed with."""
    spelled = re.sub(r"\bcl[eé]f?\b", "", spelled, flags=re.IGNORECASE)
    return spelled.upper() if document.check in _CENTURY_BY_SIGN else compact(spelled)


@functools.cache
def _checker(module: str) -> Callable[[str], bool]:
    check: Callable[[str], bool] = importlib.import_module(f"stdnum.{module}").is_valid
    return check


def _is_years(spelled: str) -> bool:
    """Tell “2019 2020 2021”, which has the layout of an Aadhaar number."""
    return re.fullmatch(r"(?:20\d\d[ -]){2}20\d\d", spelled) is not None
