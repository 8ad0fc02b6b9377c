"""Passwords, PIN codes and national phone numbers that a sentence tells among other words, and what only sounds so."""

from __future__ import annotations

import time

import polars as pl
import pytest

from quality.personal import Personal, entities, found_in


def _found(text: str) -> list[tuple[str, str]]:
    """Look as a run does, behind the first look in patterns, which may not spare what a recogniser would take."""
    records = pl.DataFrame({"messages": [[{"role": "user", "content": text}]]})
    found = found_in(records, Personal()).get(0, [[]])[0]
    assert [e[:2] for e in found] == [e[:2] for e in entities(text, Personal())]
    return [(entity.kind, text[entity.start : entity.end]) for entity in found]


PASSWORDS = [
    ("Tr0ub4dor&Sieben", "The password for the archive is {}."),
    ("kX9#vulkan", 'The wifi password at home is "{}", by the way.'),
    ("Sunflower!88", "You can get in with the username hannah and the password {}."),
    ("hunter2Kx", "The login is admin / {}."),
    ("Peppermint$8", "user carla, password {}"),
    ("Wint3r!Sonne", "Credentials: jdoe / {}"),
    ("Velvet@Fog31", "I set the password to {} yesterday."),
    ("Dahlie+77x", "The temporary password I gave her was {}."),
    ("Qu4rtz!Vein", "Enter {} as the password."),
    ("Qu4rtz!Vein", "{} is the password for the staging server."),
    ("Heron&Reed", 'The password for the scan that I sent last week is "{}".'),
    ("Nordwind!22", "Das WLAN-Passwort lautet {}."),
    ("Apfel+Birne7", "Das Kennwort zum Server ist {}."),
    ("Soleil#2081", "Le mot de passe du wifi est {}."),
    ("Naranja$91", "La contraseña del router es {}."),
    ("WRqm!tesZk", "The password is {}."),
    ("QwemRabTK#", "login: jmaier / pass: {}"),
    ("4471", "My PIN is {}."),
    ("4471", "PIN {} for the door of our flat."),
    ("8265", "The PIN for my card is {}, and keep it to yourself."),
    ("2580", "Her phone's PIN is {}."),
]


@pytest.mark.parametrize(("value", "told"), PASSWORDS)
def test_a_password_is_found_wherever_its_sentence_puts_it(value: str, told: str) -> None:
    assert _found(told.format(value)) == [("key", value)]


@pytest.mark.parametrize(
    "text",
    [
        "The password for the archive is stored in the keychain.", "The password field is required.",
        "The password of the user is 'required'.", 'The password for it is "secret".', "login is admin / admin",
        "The password for the database is AES256-encrypted.", "The password for the server is argon2id, as it should be.",
        "The password for the account is Windows11!", "The password parameter of it is 'user_password'.",
        "with the username and the password.", 'with username "user" and password "pass"', "with password protection4",
        "The login is user/password.", "Credentials are stored in ~/.aws/credentials2.", "login is POST /auth/v2",
        "Login is done via OAuth/OpenID2.", "credentials: username / Password1", "Passwords such as 'hunter2' are bad.",
        "SHA256 is the password hash.", "The password for the FTP server is the same as the other.",
        "The password is HTTPs&Basic.", "login: jmaier / pass: required#", "PIN 4471 of the connector.",
        "The PIN is 4 digits long.", "A PIN of 1234 is weak.", "My PIN is 1234.", "Set the pin to 1000 ms.",
        "PIN is 2013 on the board.", "The PIN for the sensor is 2013.", "Her pins were 4471.",
    ],
)  # fmt: skip
def test_a_sentence_about_passwords_tells_none(text: str) -> None:
    assert _found(text) == []


PHONES = [
    ("020 7946 8123", "My office number is {}, ask for Helen."),
    ("030 40587214", "office number is {}"),
    ("06 43 18 72 95", "mobile number: {}"),
    ("0117 929 4471", "The direct line is {} after six."),
    ("01865 721 336", "My home number: {}"),
    ("0151 708 4412", "Our new number is {}."),
    ("0800 587 2291", "The helpdesk number is {}."),
    ("07813 559 204", "My sister's private number is {}."),
    ("0176 44512097", "Anna's number is {}."),
    ("01904 628 113", "The number of the surgery is {}."),
    ("030 40587214", "Office: {}"),
    ("01483 571 902", "She answers on {} all day."),
    ("030 40587214", "Meine Büronummer ist {}."),
    ("01 42 68 53 00", "Mon numéro de bureau est le {}."),
    ("915 234 871", "Mi número de casa es {}."),
    ("06 4782 3311", "Il mio numero di ufficio è {}."),
    ("020 624 1188", "Mijn nummer is {}."),
    ("11 3256 8841", "Meu número do trabalho é {}."),
]


@pytest.mark.parametrize(("value", "told"), PHONES)
def test_a_national_number_is_found_by_whose_it_is(value: str, told: str) -> None:
    assert _found(told.format(value)) == [("phone", value)]


@pytest.mark.parametrize(
    "text",
    [
        "The order number is 030 40587214.", "My order number is 020 7123 0958.", "The serial number is 0161 4962210.",
        "My account number is 01614962210.", "The part number for the pump is 030 40587214.",
        "Our number of users is 0161 496 221.", "The number of rows is 0301 4058 721.",
        "The flight number is 0170 2345671.", "Avogadro's number is 602214076.", "Anna's number is 1 865 721 336.",
        # Kept for films: of London, of nowhere in Britain, and of France.
        "My office number is 020 7946 0123.", "My home number is 01632 960 881.", "mobile number: 06 39 98 12 34",
    ],
)  # fmt: skip
def test_numbers_of_things_and_numbers_of_films_are_no_phones(text: str) -> None:
    assert _found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "The telephone number of the guest house behind the old railway station in Leeds is 01132645813.",
        "Phone number for the lady who repairs clocks on the second floor: 2125678123",
        "Telefonnummer von der Werkstatt gegenüber dem alten Rathaus in Mainz: 06131488213",
    ],
)
def test_whose_phone_it_is_can_be_told_at_length(text: str) -> None:
    assert [one.kind for one in entities(text, Personal(kinds=("phone",)))] == ["phone"]


@pytest.mark.parametrize(
    "text", ["Mix the eggs. Text (029) 7418 6646 when you get there.", "Please text 0131 496 2750 first."]
)
def test_who_is_to_be_texted_has_a_phone(text: str) -> None:
    assert [one.kind for one in entities(text, Personal(kinds=("phone",)))] == ["phone"]


@pytest.mark.parametrize(
    "value", ["020 7946 3344", "029 2018 4471", "0113 264 5813", "0161 708 4412", "01483 571 902", "01483 571902", "07813 559204"]
)  # fmt: skip
def test_a_british_number_alone_between_brackets_needs_no_word(value: str) -> None:
    for told in ("Her file ({}) is here.", "Ines Varga ({})", "Bring it to Mrs Oakes ({}), please."):
        assert _found(told.format(value)) == [("phone", value)]
    assert entities(f"Her file ({value}) is here.", Personal(regions=("US", "DE"))) == []


@pytest.mark.parametrize(
    "text",
    [
        # Kept for films, and for any number.
        "Her file (020 7946 0344) is here.", "Ask at the desk (0161 496 0211).", "Ines Varga (07700 900611)",
        "Her file (01632 960 881) is here.", "Write it so (01234 567890).", "Write it so (07123 456789).",
        # Of things; in other groups; with more between the brackets; and without any.
        "My order (020 7946 3344) is late.", "The part number (0161 708 4412) is on it.", "See invoice no. (01483 571902).",
        "Her file (02079463344) is here.", "Her file (0207 946 3344) is here.", "Her file (020 794 6334) is here.",
        "The sums (020 7946 3344 5) of it", "The sums (020 7946 3344, 020 7946 3345) of it", "Her file 020 7946 3344 is here.",
        "The rows (1020 7946 3344) of it", "The rows (220 7946 3344) of it", "The part (029) 7418 6646 of it",
    ],
)  # fmt: skip
def test_numbers_of_things_between_brackets_are_no_phones(text: str) -> None:
    assert _found(text) == []


def test_texts_that_are_numbered_are_no_phones() -> None:
    assert _found("It is said in the text 0131 496 2750, and in text (029) 7418 6646.") == []


def test_a_phone_of_another_sentence_tells_nothing_of_a_number() -> None:
    assert (
        _found("A phone for the guest house behind the railway station came. The order of the clocks is 01132645813.")
        == []
    )
    assert (
        _found("A phone number of the guest house has eleven digits; the sum of all of these digits is 01132645813.")
        == []
    )


def test_what_begins_many_times_like_a_password_takes_time_in_proportion_to_its_length() -> None:
    def seconds(times: int) -> float:
        text = "the password for the user and the login is Abc1 as the " * times
        start = time.process_time()
        assert entities(text, Personal(kinds=("key",))) == []
        return time.process_time() - start

    seconds(10)
    # Eight times as long: 64 times the time, if each beginning were held against the rest.
    assert min(seconds(1_600) for _ in range(3)) < 24 * min(seconds(200) for _ in range(3))
