"""Phone numbers, as Google's library of the world's numbering plans knows them.

A number in international form must be valid. One in national form must be valid in one of the regions and have a
word such as “phone” near, as any nine digits are a phone number somewhere; North America's own spelling, (212)
867-5309, needs no word, nor does a British number between brackets, in the groups in which they are printed. Numbers
that regulators keep for films and examples are exempt.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import phonenumbers

from quality.personal.entity import Entity, near

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from phonenumbers import PhoneNumber

# What stands behind a number of an office: “ext. 12”, “x12”, “Durchwahl 12”.
_BEHIND = (
    r"(?i:ext(?:ensi[oó]n|n)?|x|poste|durchwahl|dw|nebenstelle|interno|anexo|ramal|доб(?:авочный)?)\.?[ :]{0,2}\d{1,6}"
)
_EXTENSION = re.compile(rf"(?:[ ,;]{{0,2}}{_BEHIND}| ?[(\[]{_BEHIND}[)\]])(?!\w)")
_NUMBER = re.compile(
    r"(?:(?<![\w./=#$€£%&~^*+-])(?<!\d,)|(?<=[a-z]\.)(?=\+))"
    r"(?:(?<!\d )|(?=[(+]|\d{3}[.-]\d{3}[.-]\d{4}))(?:\+\s?|\(\+\s?|00\s?)?"
    r"\(?\d(?:[ \u00a0.()/\u2010-\u2013-]{0,3}\d){6,16}"
    rf"(?:(?={_BEHIND}\b)|(?![\w%=/]|[.,:^*+-]\d| ?[-*/×=^] ?\d| \+ \d))"
)
# Links that open a conversation, and queries: the number has its country, and mostly no plus.
_LINKED = re.compile(r"(?:\bwa\.me/|\b(?:phone|tel|mobile|msisdn)=)(?P<number>(?:\+|%2B)?[1-9]\d{8,14})(?![\w.%])")
_LEAST_LENGTH = 9
_OPENING = re.compile(r"[(+]|(?<![^ ])\d{3}[.-]\d{3}[.-]\d{4}")
# Dates, years and addresses of hosts.
_NOT_PHONES = re.compile(
    r"(?:1[5-9]|20)\d\d[-./ –]\d{1,2}[-./ –]\d{1,2}(?:\D.*)?|\d{1,2}[-./ ]\d{1,2}[-./ ](?:1[5-9]|20)\d\d(?:\D.*)?|"
    r"(?:(?:1[5-9]|20)\d\d ?[-–/ ] ?)+(?:1[5-9]|20)\d\d|"
    r"(?:.*[^\d.])?\d{1,3}(?:\.\d{1,3}){3}(?:[^\d.].*)?"
)
_PLACES = (
    r"(?:office|work|home|mobile|cell|direct|landline|daytime|evening|switchboard|reception|help ?desk|contact|"
    r"emergency|after[- ]hours|out[- ]of[- ]hours|phone|fax)"
)
_OWNERS = (
    r"(?:my|his|her|our|their|your|(?:mother|father|mum|mom|dad|sister|brother|son|daughter|wife|husband|partner|friend|"
    r"boss|manager|neighbou?r|landlord|landlady|tenant|doctor|dentist|plumber|secretary|assistant|aunt|uncle|cousin)['’]s)"
)
# “office number”, “my new number”, “her sister's private line”; “numbers of” something are counted.
_NUMBERS = (
    rf"{_OWNERS} (?:(?:{_PLACES}|new|old|other|private|personal|business|own|phone) ){{0,2}}"
    r"(?:number|no\.?)(?! (?:of|in|plate)\b)|"
    rf"{_PLACES} (?:phone )?(?:number|no\.?)(?! (?:of|in|plate)\b)|(?:direct|office|work|home|private|business) line|"
    r"(?:telefon|handy|mobil|büro|privat|dienst|festnetz|fax|ruf)[- ]?nummer|"
    r"(?:meine|ihre|seine|unsere|deine|eure) (?:neue |alte |private )?nummer|"
    r"(?:mon|son|notre|votre|ton|leur) (?:nouveau )?numéro|"
    r"numéro (?:de (?:bureau|portable|fixe|téléphone|maison)|professionnel|privé|direct)|"
    r"(?:mi|su|nuestro|tu) (?:nuevo )?número|número (?:de (?:casa|oficina|trabajo|móvil|celular|teléfono)|directo)|"
    r"(?:mio|suo|nostro|tuo) (?:nuovo )?numero|numero (?:di|dell['’]) ?(?:casa|ufficio|cellulare|lavoro|telefono)|"
    r"(?:mijn|haar|zijn|ons|hun) (?:nieuwe )?(?:(?:werk|kantoor|thuis|mobiele) ?)?nummer|"
    r"(?:meu|seu|nosso|teu) (?:novo )?número|número (?:do|de) (?:trabalho|casa|escritório|celular|telefone)"
)
_OF_PHONES = re.compile(
    r"\b(?:tele?phones?|phones?|tel|tél|téléphone|teléfono|telefono|telefoon|telefone?|cell(?:ular|phone)?|mobile|mob|"
    r"mobil|handy|móvil|celular|portable|cellulare|fax|whatsapp|sms|hotline|helpline|landline|dial(?:ed|ing)?|"
    r"call(?:ed|ing)? (?:me|us|him|her|them|now|on|at|my|our|the)|call|ring|phoned|"
    r"(?:text|reach) (?:me|us|him|her|them)|(?:text|message|reach(?:able)?|get hold of|get through to)(?:ed|ing)? "
    rf"(?:[\w.'’-]+ ){{0,3}}(?:on|at|under|via|by)|contact|anrufen|(?:an|rück)rufs?|telefonisch|"
    r"(?:(?:rück)?fragen|auskunft) (?:bitte )?unter|"
    rf"(?:ruf(?:en|t|e)?|erreich(?:en|t|e|st)) (?:[\w.-]+ ){{0,4}}unter|ruf|appelez|(?:r?appel(?:ez|le)|joignez)-\w+|"
    rf"llam(?:e|ar al)|llám[ae](?:me|nos|lo|la)|chiama(?:mi|te (?:il|lo|al|allo))|bel (?:ons|me|mij)|lig(?:ue|ar) para|"
    rf"{_NUMBERS})\b",
    re.IGNORECASE,
)
# Words that may tell of another number: they stand right before one that is written as phone numbers are, in groups
# behind the 0 of a trunk call.
_MAYBE_OF_PHONES = re.compile(
    r"(?:(?:^|[\n.;:,(!?]) ?(?:please |just |then )?(?:text|message)(?: to)?:?|"
    r"(?:^|[\n.;:,(!?]) ?(?:number|office|home|work|direct|private)(?: at (?:home|work))?:|\b(?:"
    r"[a-z]{2,20}['’]s (?:\w{2,12} )?number (?:is|was)|(?:private|new) number (?:is|was|:)|"
    r"the number (?:of|for) (?:the|our|my|his|her|their) (?:[\w'’-]{2,20} ){1,3}is|"
    r"(?:answers?|get (?:me|him|her|us|them)|try (?:me|him|her|us|them)|i['’]m|i am|s?he['’]s|message|available) "
    r"(?:on|at|under)):?) ?\(?$",
    re.IGNORECASE,
)
# Whose phone it is can be told at length: “phone number of the guest house behind the old station in Taipei: 02…”.
_WHOSE_PHONE = re.compile(
    r"\b(?:tele?phone|phone|mobile|cell ?phone|fax|whatsapp|hotline|teléfono|téléphone|telefono|telefon|telefone)"
    r"[- ]?(?:number|nummer|no\.) (?:of|for|to|at|de|du|des|von|der|di|da|do) [^.;:\n]{1,100}"
    r"(?::| is| was| ist| est| es) ?\(?$",
    re.IGNORECASE,
)
_BEHIND_TRUNK = re.compile(r"\(?0\d{1,5}\)?(?:[ -]\d{2,8}){1,4}")
# Of London and other cities with three digits, of all other places, and mobile: “(020 7946 3344)”.
_BRITISH_BETWEEN_BRACKETS = re.compile(
    r"\((?:02\d \d{4} \d{4}|01(?:1\d|\d1) \d{3} \d{4}|01\d{3} \d{3} ?\d{3}|07\d{3} \d{3} ?\d{3})\)"
)
# What has numbers in brackets, too; and a number that stands for any.
_OF_THINGS = re.compile(
    r"\b(?:orders?|serial|parts?|invoices?|tickets?|tracking|parcels?|items?|models?|products?|catalogue|batch|lot|sku|"
    r"isbn|ref(?:erence)?|account)(?: (?:number|no\.?|id|code))? ?$",
    re.IGNORECASE,
)
_COUNTED = "123456"
# Words of languages that are spoken in one country, more or less; most stick to what stands around them.
_OF_PHONES_IN = {
    "CN": re.compile("电话|手机|致电|拨打"),
    "TW": re.compile("手機"),
    "JP": re.compile("電話|携帯|でんわ"),
    "KR": re.compile("전화|휴대폰|연락처"),
    "RU": re.compile(r"\b(?:тел(?:ефон\w*)?|моб(?:ильн\w*)?|(?:по|пере)?звоните)\b", re.IGNORECASE),
}
_NORTH_AMERICAN = re.compile(r"(?:\+?1[ .-]?)?(?:\([2-9]\d\d\) ?[2-9]\d\d[ .-]\d{4}|[2-9]\d\d([.-])[2-9]\d\d\1\d{4})")
_LOCAL = re.compile(r"(?!555)[2-9]\d\d[-.]\d{4}")
# Numbers no one has: North America's 555-01xx, and those of Ofcom (GB), ACMA (AU) and Arcep (FR) for drama. The first
# is mostly written without an area, and would then be read as a number of some other country.
_LOCAL_FICTION = re.compile(r"555[-. ]01\d\d")
_FICTION = {
    1: re.compile(r"\d{3}55501\d\d"),
    44: re.compile(
        r"(?:1632960|2079460|7700900|8081570|9098790|3069990|11[3-8]4960|1[2-6]14960|1914980|2890180|2920180)\d{3}"
    ),
    61: re.compile(r"[2378](?:5550|7010)\d{4}|491570\d{3}|180097515\d|1300975\d{3}|130097570\d"),
    33: re.compile(r"(?:19900|26191|35301|46571|53649|63998)\d{4}"),
}  # fmt: skip


def phones(text: str, regions: Sequence[str], said: str | None = None) -> Iterator[Entity]:
    """Find phone numbers.

    Parameters
    ----------
    text : str
        Where to look, made plain (`quality.personal.plain`).
    regions : sequence of str
        ISO codes of the countries whose national form is read, where a word says that it is a phone number. A word
        of Chinese, Japanese, Korean or Russian says of which country, whether or not it is among them.
    said : str, optional
        The text as it was, for those words.
    """
    at = 0
    while found := _NUMBER.search(text, at):
        abroad = _countries(text if said is None else said, found)
        told = near(text, found, _OF_PHONES, before=40, after=15) or _is_maybe_told(text, found)
        countries = [*abroad, *regions] if told else abroad
        if not told and "GB" in regions and _is_british_between_brackets(text, found):
            told, countries = True, [*abroad, "GB"]
        for end in _ends(found):
            number = _parsed(text[found.start() : end], countries, told=told or bool(abroad))
            if number is not None:
                at = end
                if not _is_fiction(number):
                    extension = _EXTENSION.match(text, end)
                    at = extension.end() if extension else end
                    # A bracket that the number does not close is around more than the number: “(+49 30 901820)”.
                    outside = found[0].startswith("(") and text.count("(", found.start(), end) > text.count(
                        ")", found.start(), end
                    )
                    yield Entity(found.start() + outside, at, "phone", phonenumbers.format_number(number, 0))
                break
        else:
            # Another number may stand before it: "15213 (412) 268-7393".
            inner = _OPENING.search(text, found.start() + 1, found.end())
            at = inner.start() if inner else found.end()
    yield from _linked(text)


def _is_maybe_told(text: str, found: re.Match[str]) -> bool:
    """Tell a number right behind whose phone it is, or that looks like a phone's behind words that may tell of one."""
    before = text[max(0, found.start() - 140) : found.start()]
    if _WHOSE_PHONE.search(before):
        return True
    looks = _BEHIND_TRUNK.fullmatch(found[0]) is not None
    return looks and _MAYBE_OF_PHONES.search(before[-80:]) is not None


def _is_british_between_brackets(text: str, found: re.Match[str]) -> bool:
    """Tell “(020 7946 3344)”, all that its brackets hold, from the number of an order and from “(01234 567890)”."""
    spelled = _BRITISH_BETWEEN_BRACKETS.match(text, found.start())
    if spelled is None or _COUNTED in re.sub(r"\D", "", spelled[0]):
        return False
    return not _OF_THINGS.search(text[max(0, found.start() - 40) : found.start()])


def _linked(text: str) -> Iterator[Entity]:
    for found in _LINKED.finditer(text):
        number = _read(f"+{found['number'].removeprefix('%2B').removeprefix('+')}", None, exact=True)
        if number is not None and not _is_fiction(number):
            yield Entity(*found.span("number"), "phone", phonenumbers.format_number(number, 0))


def _countries(said: str, found: re.Match[str]) -> list[str]:
    """Tell of which country a phone number is by the words near it, the nearest context only."""
    if said.isascii():
        return []
    return [region for region, words in _OF_PHONES_IN.items() if near(said, found, words, before=20, after=10)]


def _ends(found: re.Match[str]) -> Iterator[int]:
    """Tell where a number may end: with the run, or where it has a form of its own, before a blank and what follows."""
    if _NOT_PHONES.fullmatch(found[0].strip("() ")):
        return
    yield found.end()
    if _OPENING.match(found[0]):
        ends = [blank.start() for blank in re.finditer(r"\s+", found[0]) if blank.start() >= _LEAST_LENGTH]
        yield from (found.start() + end for end in reversed(ends))


def _parsed(spelled: str, regions: Sequence[str], *, told: bool) -> PhoneNumber | None:
    """Read a number in the first form that makes it one; `told` when a word says that it is."""
    bare = spelled.strip("( ")
    if bare.startswith("+"):
        return _read(bare, None, exact=not told)
    if bare.startswith("00") and (number := _read(f"+{bare[2:]}", None, exact=True)):
        return number
    if _NORTH_AMERICAN.fullmatch(spelled):
        return _read(spelled, "US", exact=not (told or spelled.startswith("(")))
    if not told or _LOCAL_FICTION.fullmatch(spelled):
        return None
    if _LOCAL.fullmatch(spelled):
        return phonenumbers.PhoneNumber(country_code=1, national_number=int(re.sub(r"\D", "", spelled)))
    # What nobody has in one country may be valid in another: that is looked at first.
    loose = filter(None, (_read(spelled, region, exact=False) for region in regions))
    exact = filter(None, (_read(spelled, region, exact=True) for region in regions))
    return next(filter(_is_fiction, loose), None) or next(exact, None)


def _read(spelled: str, region: str | None, *, exact: bool) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(spelled, region)
    except phonenumbers.NumberParseException:
        return None
    fits = phonenumbers.is_valid_number(number) if exact else phonenumbers.is_possible_number(number)
    return number if fits else None


def _is_fiction(number: PhoneNumber) -> bool:
    reserved = _FICTION.get(number.country_code or 0)
    return bool(reserved and reserved.fullmatch(str(number.national_number)))
