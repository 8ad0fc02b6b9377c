"""Values in spellings that no form asks for and people write all the same; and honest text that looks like them."""

from __future__ import annotations

import polars as pl
import pytest

from quality.personal import Personal, edits, entities, found_in
from quality.records import MESSAGE, record_ids


def _found(text: str) -> list[tuple[str, str]]:
    """Look as a run does, behind the first look in patterns, which may not spare what a recogniser would take."""
    found = found_in(_records(text), Personal()).get(0, [[]])[0]
    assert found == entities(text, Personal())
    return [(entity.kind, text[entity.start : entity.end]) for entity in found]


def _records(*texts: str) -> pl.DataFrame:
    said = pl.Series("messages", [[{"role": "user", "content": text}] for text in texts], dtype=pl.List(MESSAGE))
    return pl.DataFrame({"row": range(len(said)), "id": record_ids(said), "messages": said})


def _rewritten(text: str, surrogates: int | None) -> str:
    rows = _records(text)
    said: str = edits(rows, found_in(rows, Personal()), stage="protect", surrogates=surrogates)["messages"][0][0][
        "content"
    ]
    return said


@pytest.mark.parametrize("sign", ["/", ".", "_", "  ", "–", " ", "-"])
@pytest.mark.parametrize("groups", ["4539 1488 0343 6467", "3714 496353 98431"])
def test_a_card_is_found_whatever_sign_parts_its_groups(sign: str, groups: str) -> None:
    spelled = groups.replace(" ", sign)
    assert _found(f"Please charge {spelled}, thanks.") == [("card", spelled)]
    wrong = spelled[:-1] + str((int(spelled[-1]) + 1) % 10)
    assert _found(f"Please charge {wrong}, thanks.") == []


def test_blanks_around_a_stroke_make_a_card_where_a_word_says_so() -> None:
    assert _found("My Visa is 4539 - 1488 - 0343 - 6467.") == [("card", "4539 - 1488 - 0343 - 6467")]
    assert _found("We have 4539 - 1488 - 0343 - 6467 left.") == []


@pytest.mark.parametrize(
    "text",
    [
        "Year  North  South  East  West\n2019  4539  1488  0343  6467\n2020  4540  1489  0344  6468",
        "North  South  East  West\n4539  1488  0343  6467\n4540  1489  0344  6468",
        "Its page is /img/4539/1488/0343/6467/large and /4539/1488/0343/6467.",
        "Version 4539.1488.0343.6467.12 and 1.4539.1488.0343.6467",
        "The groups 4539/1488.0343_6467 are parted by three signs.",
        "The parts 9539/1488/0343/6466 have no issuer.",
    ],
)
def test_columns_paths_and_versions_are_no_cards(text: str) -> None:
    assert _found(text) == []


@pytest.mark.parametrize(
    "spelled",
    [
        "de89370400440532013000", "DE89-3704-0044-0532-0130-00", "DE89.3704.0044.0532.0130.00", "DE 89 3704 0044 0532 0130 00",
        "DE89/3704/0044/0532/0130/00", "DE89_3704_0044_0532_0130_00", "de89  3704  0044  0532  0130  00", "DE89 37040044 0532013000",
        "DE-89-3704-0044-0532-0130-00", "DE 89370400440532013000", "fr76 30006 00001 12345678901 89", "GB82 WEST 123456 98765432",
    ],
)  # fmt: skip
def test_a_bank_account_is_found_in_any_groups(spelled: str) -> None:
    assert _found(f"Pay to {spelled} by Friday.") == [("iban", spelled)]
    place = next(at for at in range(len(spelled) - 1, 0, -1) if spelled[at].isdigit())
    wrong = spelled[:place] + str((int(spelled[place]) + 1) % 10) + spelled[place + 1 :]
    assert ("iban", wrong) not in _found(f"Pay to {wrong} by Friday.")


def test_a_bank_account_may_stick_to_its_name() -> None:
    assert _found("IBANDE89370400440532013000") == [("iban", "DE89370400440532013000")]
    assert _found("XIBANDE89370400440532013000") == []


@pytest.mark.parametrize("surrogates", [None, 3])
def test_one_value_in_two_spellings_has_one_replacement_and_leaves_nothing(surrogates: int | None) -> None:
    text = "Card 4539/1488/0343/6467 or 4539_1488_0343_6467; DE89.3704.0044.0532.0130.00 or de89370400440532013000."
    said = _rewritten(text, surrogates)
    card, iban = said.split("; ")
    assert len(set(card.removeprefix("Card ").split(" or "))) == len(set(iban.rstrip(".").split(" or "))) == 1
    assert not any(piece in said for piece in ("4539", "6467", "DE89", "3704"))
    assert entities(said, Personal()) == []


@pytest.mark.parametrize(
    "spelled",
    [
        "+49.151.23456789", "+49/151/23456789", "+49 (0)151/234 567 89", "0049 (0) 151 23456789", "0049/151/23456789",
        "00.49.151.23456789", "(0049) 151 23456789", "+1 (212)736.5000", "+33 / 6 / 12 / 34 / 56 / 78", "(+44)(20)71234567",
        "+1 212 736 5000 ext. 12", "+1-212-736-5000x12", "(212) 736-5000 (ext. 1234)", "+49 30 1234567, Durchwahl 12",
        "+33 1 42 68 53 00 poste 4", "212-736-5000 x 12", "+1 212 736 5000, extension 7",
    ],
)  # fmt: skip
def test_an_international_number_is_found_with_its_extension_however_it_is_parted(spelled: str) -> None:
    assert _found(f"She is at {spelled}, mornings.") == [("phone", spelled)]


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("tel.+49/(0)30/1234567", "+49/(0)30/1234567"),
        ("https://wa.me/4915123456789", "4915123456789"),
        ("https://acme.io/send?phone=%2B4915123456789&text=hi", "%2B4915123456789"),
        ("phone=+12127365000", "+12127365000"),
    ],
)
def test_a_number_is_found_behind_its_name_and_in_links(text: str, spelled: str) -> None:
    assert _found(text) == [("phone", spelled)]


@pytest.mark.parametrize(
    "text",
    [
        "It is 1234567x12 large, and 212 7365 times x 12.",
        "https://wa.me/1234567890 and https://acme.io/?phone=0000000000&page=49151234567890",
        "The plan (4.+49 of 12/34/56/78) has 00 49 parts; extension 12 has none, ext. 7 neither.",
    ],
)
def test_sizes_pages_and_extensions_alone_are_no_numbers(text: str) -> None:
    assert _found(text) == []


def test_a_number_with_an_extension_is_the_same_as_without_and_abroad() -> None:
    said = _rewritten("Call (212) 736-5000 ext. 12, or 212-736-5000, or 12127365000.", 1)
    first, second, third = said.removeprefix("Call ").rstrip(".").split(", or ")
    assert first == second == third
    assert "ext" not in said


@pytest.mark.parametrize(
    ("address", "password"),
    [
        ("postgres://bob:secretpass@host", "secretpass"),
        ("postgresql+psycopg2://bob:kittens@10.0.0.4:5432/main", "kittens"),
        ("mysql://root:treacle7@db.acme.io:3306/shop", "treacle7"),
        ("mongodb+srv://anna:Tr0ub4dor&3@cluster0.mongodb.net/x", "Tr0ub4dor&3"),
        ("redis://:sunshine@cache.acme.io:6379", "sunshine"),
        ("rediss://default:XyZ12abC@cache.acme.io:6379/0", "XyZ12abC"),
        ("amqp://bob:correcthorse@mq.acme.io/v", "correcthorse"),
        ("https://bob:Sommer@git.acme.io/x.git", "Sommer"),
        ("postgres://bob:p@ssW0rd9@db.acme.io/x", "p@ssW0rd9"),
        ("postgres://bob:Hund3$kq@db.acme.io/x", "Hund3$kq"),
        ("smtp://bob%40acme.io:Zq9xTr@smtp.acme.io", "Zq9xTr"),
        ("postgres://bob:q7Kd92Lm@localhost:5432/x", "q7Kd92Lm"),
        ("postgres://svc:key839201948372615@db.acme.io/x", "key839201948372615"),
        ("https://user:q7Kd@git.acme.io/x.git", "q7Kd"),
    ],
)
def test_a_password_in_an_address_is_found_and_nothing_else_of_it(address: str, password: str) -> None:
    assert _found(f"It is at {address} now.") == [("key", password)]
    assert _rewritten(address, None) == address.replace(password, "[KEY]")
    assert password not in _rewritten(address, 5)


@pytest.mark.parametrize(
    "address",
    [
        "postgres://user:password@host/db", "postgres://bob:<password>@host/db", "postgres://bob:${PASS}@host/db",
        "postgres://bob:$PASS@host/db", "https://{user}:{password}@acme.io", "https://%s:%s@acme.io", "amqp://guest:guest@rabbit",
        "postgres://postgres:postgres@localhost:5432/db", "mysql://root:hunter2@127.0.0.1/db", "mongodb://username:pass@acme.io",
        "postgres://bob:secretpass@example.com/db", "postgres://bob:q7Kd92Lm@db.example.org/x", "mysql://dbuser:dbpassword@db",
        "https://me:mysecretword@acme.io", "https://bob:MySecretWord@acme.io", "https://bob:SECRETWORD@acme.io",
        "twilio://AccountSid:AuthToken@FromPhoneNo", "https://x-access-token:***@github.com/x", "redis://:mypassword1@cache.acme.io",
        "sa://sa:ReallyStrongPwd1234%^&*@db.acme.io", "http://bob:secret@acme.io", "https://bob:8080@example.net",
    ],
)  # fmt: skip
def test_what_stands_for_a_password_in_an_address_is_none(address: str) -> None:
    assert _found(f"It is at {address} now.") == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Blocked 81.2.69.142/32 today.", "81.2.69.142"),
        ("Route 2a01:4f8:1:2::6/128 there.", "2a01:4f8:1:2::6"),
        ("inet 81.2.69.142/24 brd 81.2.69.255", "81.2.69.142"),
        ("inet6 2a01:4f8:1:2::6/64 scope global", "2a01:4f8:1:2::6"),
    ],
)
def test_one_machine_is_an_address_whatever_length_its_prefix_has(text: str, address: str) -> None:
    assert _found(text) == [("ip_address", address)]
    for surrogates in (None, 1):
        assert entities(_rewritten(text, surrogates), Personal()) == []


@pytest.mark.parametrize(
    "text",
    [
        "Nets 81.2.69.0/24, 81.2.69.142/29, 81.2.0.0/16 and 2a01:4f8:1:2::/64, 2a01:4f8::/32.",
        "inet 192.168.1.4/24, inet 81.2.69.0/24, inet6 2a01:4f8:1:2::/64, inet6 fe80::1/64, 192.0.2.7/32, 10.0.0.1/32",
        "The prefix 81.2.69.142/320 is none, nor are 2a01:4f8:1:2::6/1280 and 2001:db8::1/128.",
    ],
)
def test_networks_belong_to_nobody(text: str) -> None:
    assert _found(text) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Né en Corse, 1 80 02 2A 123 456 36.", "1 80 02 2A 123 456 36"),
        ("C'est 2-55-08-14-168-025-38, voilà.", "2-55-08-14-168-025-38"),
        ("C'est 2 55 08 14 168 025 / 38, voilà.", "2 55 08 14 168 025 / 38"),
        ("C'est 2 55 08 14 168 025 clé 38, voilà.", "2 55 08 14 168 025 clé 38"),
        ("numéro de sécu : 2 55 08 14 168 025", "2 55 08 14 168 025"),
        ("numéro fiscal 30 23 217 600 053", "30 23 217 600 053"),
        ("Es 12.345.678-Z, creo.", "12.345.678-Z"),
        ("mi DNI: 12 345 678 z", "12 345 678 z"),
        ("dni 12345678-z", "12345678-z"),
        ("el D.N.I. 12.345.678 Z", "12.345.678 Z"),
        ("mi nie es x1234567l", "x1234567l"),
        ("NIE: X-1.234.567-L", "X-1.234.567-L"),
        ("È RSS-MRA-85M01-H501Q.", "RSS-MRA-85M01-H501Q"),
        ("È RSSMRA85M0MH501I.", "RSSMRA85M0MH501I"),
        ("È rss mra 85m01 h501q.", "rss mra 85m01 h501q"),
        ("Steuer-ID: 86-095-742-719", "86-095-742-719"),
        ("Meine IdNr. 86.095.742.719", "86.095.742.719"),
        ("Steueridentifikationsnummer 86/095/742/719", "86/095/742/719"),
        ("Steuernummer 181/815/08155", "181/815/08155"),
        ("my NI number is AB.12.34.56.C", "AB.12.34.56.C"),
        ("my ni number: ab 12 34 56 c", "ab 12 34 56 c"),
        ("UTR 19558 39661", "19558 39661"),
        ("BSN 111 222 333", "111 222 333"),
        ("sofinummer 111.222.333", "111.222.333"),
        ("PESEL 440514 01359", "440514 01359"),
        ("pesel: 440514-01359", "440514-01359"),
        ("AHV-Nummer 756 1234 5678 97", "756 1234 5678 97"),
        ("AVS 7561234567897", "7561234567897"),
        ("Rijksregisternummer 850730-033-28", "850730-033-28"),
        ("NISS 85073003328", "85073003328"),
        ("cartão de cidadão 12345678 9 ZX5", "12345678 9 ZX5"),
        ("my IRD number is 136-410-132", "136-410-132"),
    ],
)
def test_a_national_number_is_found_as_people_write_it(text: str, number: str) -> None:
    assert _found(text) == [("national_id", number)]
    for surrogates in (None, 1):
        assert entities(_rewritten(text, surrogates), Personal()) == []


@pytest.mark.parametrize(
    "text",
    [
        "The root is 1.84556867019693, and 1.4142135623731 its neighbour.",
        "C'est 2-55-08-14-168-025-39 ou 2 55 08 14 168 025.",
        "La sécurité sociale compte 2 55 28 14 168 025 dossiers.",
        "Quedan 12 345 678 z, 12345678-z y 12.345.678 a la vez; mi DNI no es 12 345 678 A.",
        "È RSS-MRA-85M01-H501A, ABCDEFGHIJKLMNOP o RSSMRA85M0MH501Q.",
        "The 86-095-742-719 of 86/095/742/719; far, far behind them all there was once a tax of 86-095-742-718.",
        "The fractions 181/815/08155, the parts AB.12.34.56.C and ab 12 34 56 c.",
        "19558 39661 people, 756 1234 5678 97 and 850730-033-28, 136-410-132 or 12345678 9 ZX5.",
        "BSN 111 222 334, PESEL 440514 01358, AVS 7561234567898, NISS 85073003329, IRD 136-410-133.",
        "440514-01359, 111 222 333 and 111.222.333 are figures.",
    ],
)
def test_a_national_number_needs_its_digits_and_its_word(text: str) -> None:
    assert _found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Name: Ines Varga\n{}", "Ines Varga, born 12 March 1981, {}.", "Date of birth: 12/03/1981\nNumber: {}", "Mrs Oakes ({})",
        "Employee,Code\nInes Varga,{}", "Surname | Varga | {} |", "{}\nSurname: Varga", '"date of birth": "1981", "code": "{}"',
        "first name,year\nInes,1981,{},1400",
    ],
)  # fmt: skip
def test_a_national_insurance_number_in_an_entry_of_somebodys_form_needs_no_word(text: str) -> None:
    assert _found(text.format("JX482913B")) == [("national_id", "JX482913B")]
    for never_given_out in ("DX482913B", "JV482913B", "JO482913B", "ZZ482913B", "JX482913E", "JX4829130B"):
        assert _found(text.format(never_given_out)) == []


@pytest.mark.parametrize("number", ["JX48 29 13B", "JX 48 29 13B", "JX48 29 13 B", "JX 48 29 13 B", "JX-48-29-13-B"])
def test_a_national_insurance_number_in_pairs_needs_no_word(number: str) -> None:
    assert _found(f"It is {number}, she says.") == [("national_id", number)]
    assert _found(f"It is {number.replace('X', 'V')}, she says.") == []


@pytest.mark.parametrize(
    "text",
    [
        "JX482913B", "Part: JX482913B", "The clock (JX482913B) is a chip.", "RAM: JX482913B\nAccess time: 70 ms",
        "Dr Varga and an employee soldered the JX482913B chip.", "Its maker, born in Bonn, sold JX482913B parts.",
        "Part name: Static Memory\nParts: JX482913BLP and JX482913B-7",
    ],
)  # fmt: skip
def test_parts_that_are_numbered_like_it_are_nobodys(text: str) -> None:
    assert _found(text) == []


@pytest.mark.parametrize("number", ["ABCDEFGHIJKLMN1234", "1234ABCDEFGHIJKLMN", "1ABCDE2FGHIJ3KLMN4"])
def test_a_number_is_found_however_far_its_letters_reach_from_its_figures(number: str) -> None:
    for text in (f"Driver's license number: {number}", f"In 2010, driving licence no. {number}, of 31 January 2020."):
        assert _found(text) == [("national_id", number)]


@pytest.mark.parametrize("sign", ["\u200b", "\u00ad", "\u2060", "\ufeff", "\u200e"])
def test_a_character_that_no_one_sees_hides_nothing(sign: str) -> None:
    for kind, value in (
        ("email", f"margaret.oakes{sign}@brightwater-clinic.org"),
        ("email", f"margaret.oakes@bright{sign}water-clinic.org"),
        ("card", f"4539{sign}148803436467"),
        ("iban", f"DE89{sign} 3704 0044 0532 0130 00"),
    ):
        assert _found(f"Pay{sign} to {value} now.") == [(kind, value)]
        assert value[-9:] not in _rewritten(f"Pay{sign} to {value} now.", None)


@pytest.mark.parametrize(
    "address",
    ["margaret [dot] oakes [at] brightwater-clinic [dot] org", "margaret&commat;brightwater-clinic.org"],
)
def test_an_address_is_found_from_its_first_name_on(address: str) -> None:
    assert _found(f"Write to {address} at once.") == [("email", address)]


def test_the_secret_of_a_key_is_found_beside_it() -> None:
    key, secret = "AKIA" + "J7Q2KXWPZ4MNT3VL", "9xQmT4vKzR8wLpB2nYc6HdJs1FgUaE0oXiVb5N7q"
    assert _found(f"Set the access key {key} and the secret {secret} in the file.") == [("key", key), ("key", secret)]
    assert _found(f"Set the secret {secret} in the file.") == []  # alone it may be anything
    digest = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
    assert _found(f"The access key {key} is in the commit {digest}.") == [("key", key)]


@pytest.mark.parametrize("value", ["4539 1488\u00a00343 6467", "DE89 3704\u202f0044 0532 0130 00"])
def test_one_blank_of_typesetters_among_plain_ones_hides_nothing(value: str) -> None:
    assert [spelled for _, spelled in _found(f"Pay {value} now.")] == [value]
