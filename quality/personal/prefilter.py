"""A cheap first look in compiled patterns, one a kind: which rows may hold a kind of personal data at all.

Each lets through whatever its recogniser could take, and more; only what it lets through is looked at in Python. One
pass a kind is faster than one pass for all: small automata that search for a rare byte beat a large one.
"""

import polars as pl

from quality.personal.plain import HIDDEN
from quality.personal.settings import Kind

# `(?-u:…)` keeps classes to ASCII, and automata small.
_DIGIT = "(?-u:[0-9])"
# Blanks and hyphens of typesetters, which `quality.personal.plain` makes plain, and wide digits.
_BLANKS, _HYPHENS = r"[\u{A0}\u{2002}-\u{2005}\u{2007}-\u{200A}\u{202F}\u{3000}]", r"[\u{2010}\u{2011}]"
_APART = r"[ .()/\u{2012}\u{2013}-]"
# What parts the groups of a card beside one blank or hyphen.
_PARTED = r"(?:[./_\u{2013}]|  | [/\u{2012}\u{2013}-] )"
_TYPESET = r"[\u{FF10}-\u{FF19}]{2}"
_LOOSE: dict[Kind, tuple[str, ...]] = {
    "key": (
        r"(?-u:A[KS]IA|AROA|AIDA|gh[pousr]_|github_pat_|gl[a-z]{2,4}-|xox[abeoprs]-|xapp-|hooks\.slack|api/webhooks|AIza|"
        r"ya29\.|GOCSPX-|1//0|sk-|[sr]k_live_|[sr]k_test_|whsec_|hf_|npm_|pypi-|rubygems_|dckr_|SG\.|SK[0-9a-f]{9}|"
        r"key-[0-9a-f]{9}|:AA|xkeysib-|[0-9a-f]{32}-us|eyJ|PRIVATE KEY|_v1_|dapi[0-9a-f]{9}|hv[sbr]\.|\.atlasv1\.|pul-|"
        r"sbp_|sk\.eyJ|dp\.[a-z]{2,5}\.|v1\.0-[a-f0-9]{9}|shp[acs][ats]_|sq0|NR[A-Z]{2}-|PMAK-|pat-[a-z]{2}[0-9]-|"
        r"pat[A-Za-z0-9]{14}\.|AGE-SECRET|GR13|ATATT3|ATBB|EAA[A-Za-z0-9]{9}|sl\.[0-9A-Za-z_-]{9})",
        r"(?-u:[MNO][0-9A-Za-z_-]{23,27}\.[0-9A-Za-z_-]{6}\.)",
        r"(?-u:[0-9A-Za-z][_-][0-9A-Za-z]{28})",
        r"://[^\s/@]*:[^\s/@]+@",
        r"(?i-u:bearer|basic|authorization: *token)(?-u:\s+[0-9A-Za-z.~+/_-]{16})",
        r"(?i-u:passw(?:ord|d|ort)|passphrase|passcode|kennwort)(?-u:[\s.,;:!?)]|$)",
        r"(?i:[^a-z](?:pwd|pw|contraseña|wachtwoord|mot de passe|wi-?fi[ -]key|wlan[ -]key) )",
        r"(?i:log(?:s|ged|ging)?[ -]?in|sign(?:s|ed|ing)?[ -]?in|creds|credentials?)(?:[ :][^\n]{0,60})?[/|:] ?[^\s]",
        r"(?i-u:\bpin\b|pin-?nummer)[^\n]{0,90}?[0-9]{4}",
        r"curl .*?(?:-u|--user)[ =]|sshpass -p|(?i-u:identified by)",
        r"(?i:pass|pw|contrase|passe|kennwort|wachtwoord|secret|token|key|credential|bearer|session|[?&]sig|amz-signature)"
        r"[^\s=:]*(?-u:\s{0,3})"
        r"(?:[:=]|(?i-u:is|was|ist|lautet|est|es|for|of|now|changed|reset|set)[\s:])[^\n]{0,5}?[^\s\"'`]{6}",
    ),
    "email": (
        r"(?:[@\u{FF20}] ?|%40|&(?i:commat|#0*64|#x0*40);|\\u0040)[^\s@]*"
        r"(?:[.\u{FF0E}]|(?-u:\s)?[\[({<](?-u:\s)?(?i-u:dot))",
        r"[\[({<](?-u:\s)?(?i-u:at|@)(?-u:\s)?[\])}>]",
        r"(?i-u: at [0-9a-z-]{1,63}(?: (?:dot|punkt|point|punto) [0-9a-z-]{1,63})* (?:dot|punkt|point|punto) [a-z]{2})",
        r"(?i-u: at (?:g(?:oogle)?mail|hotmail|protonmail|fastmail|gmx)\.[a-z])",
    ),
    "iban": (
        # One pattern: as its alternatives begin alike, they take no longer than the first.
        r"(?i-u:[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9][ -]?[A-Z0-9][ -]?[A-Z0-9][ -]?[A-Z0-9][ -]?[A-Z0-9][ -]?[A-Z0-9]|"
        r"(?:[._/]|  )[A-Z0-9]{2,6}(?:[._/]|  )[A-Z0-9]))|"
        r"(?-u:[A-Z]{2}[ ._/-][0-9]{2}(?:[ ._/-]?[A-Z0-9]){5})",
        _TYPESET,
    ),
    "card": (
        rf"{_DIGIT}(?:[ -]?{_DIGIT}){{11}}|{_DIGIT}{{4}}{_PARTED}{_DIGIT}{{4}}(?:{_DIGIT}{{2}})?{_PARTED}{_DIGIT}{{4}}",
        _TYPESET,
    ),
    "national_id": (
        rf"{_DIGIT}(?:[ .-]?{_DIGIT}){{8}}|(?-u:[0-9]{{2}}/[0-9]{{3,4}}/[0-9]{{3}})",
        r"(?i-u:[0-9]{2}[. ]?[0-9]{3}[. ]?[0-9]{3} ?-? ?[A-Z]\b)|(?-u:[0-9]\.[0-9]{3}\.[0-9]{3}-[0-9Kk]|[0-9]{7}[A-W])",
        r"(?i-u:[A-Z]{3}[ -]?[A-Z]{3}[ -]?[0-9]{2}[A-Z][0-9LMNP-V]{2}[ -]?[A-Z][0-9LMNP-V]{3}|"
        r"[A-Z]{5}[0-9]{4}[A-Z]|[A-Z]{4}[0-9]{6}[HM])",
        r"(?i-u:[A-Z]{2}[ .-]?[0-9]{2}[ .-]?[0-9]{2}[ .-]?[0-9]{2}[ .-]?[A-Z]|"
        r"2[AB][ .-]?[0-9]{3}[ .-]?[0-9]{3}|[A-Z][ -]?[0-9]{6}|[XYZ][ -]?[0-9][. ]?[0-9]{3}[. ]?[0-9]{2})",
        r"(?-u:[0-9]{6}[-+/A-FU-Y][0-9]{3}|[0-9]{6} ?[A-Z] ?[0-9]{3})",
        r"(?i:driv)(?i-u:er|ing)[^\n]{0,4}(?i-u:licen[cs]e)[^\n]{0,40}[0-9]",
        r"(?i:pass|pasap|pasp|paszp|пасп)(?i:[ae]?port|orte|oort|nummer|nr)[^\n]{0,40}[0-9]",
        _TYPESET,
    ),
    "ip_address": (r"(?-u:[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9])", r"(?i-u:[23][0-9a-f]{3}:[0-9a-f]{0,4}:)"),
    "phone": (rf"{_DIGIT}(?:{_APART}{{0,3}}{_DIGIT}){{6}}", _TYPESET),
}


def suspicious(texts: pl.Series) -> pl.DataFrame:
    """Tell which texts may hold which kind of personal data.

    Parameters
    ----------
    texts : pl.Series of String
        One per row; null holds none.

    Returns
    -------
    pl.DataFrame
        A Boolean column per kind: False where its recogniser can find nothing.
    """
    # As `quality.personal.plain` does: characters that no one sees, and blanks that don't break, hide nothing.
    whole = pl.col("text").fill_null("").str.replace_all(HIDDEN, "")
    spelled = whole.str.replace_all(_BLANKS, " ").str.replace_all(_HYPHENS, "-")
    frame = texts.to_frame("text").select(spelled)
    text = pl.col("text")
    loose = {kind: [text.str.contains(pattern) for pattern in patterns] for kind, patterns in _LOOSE.items()}
    return frame.select(pl.any_horizontal(held).alias(kind) for kind, held in loose.items())
