"""Keys, tokens and passwords: issuers' forms, names that no table holds, and what only looks like one."""

from __future__ import annotations

import random
import string
from collections.abc import Callable

import polars as pl
import pytest

from quality.personal import Personal, entities, found_in

MIXED, HEX, CAPITALS = string.ascii_letters + string.digits, "0123456789abcdef", string.ascii_uppercase + string.digits


def _found(text: str) -> list[tuple[str, str]]:
    """Look as a run does, behind the first look in patterns, which may not spare what a recogniser would take."""
    records = pl.DataFrame({"messages": [[{"role": "user", "content": text}]]})
    found = found_in(records, Personal()).get(0, [[]])[0]
    assert [e[:2] for e in found] == [e[:2] for e in entities(text, Personal())]
    return [(entity.kind, text[entity.start : entity.end]) for entity in found]


# Name, letters that are drawn from, and how many. None of the names of the last row stands in any table.
ISSUED = [
    ("shpat_", HEX, 32), ("sq0atp-", MIXED, 22), ("dapi", HEX, 32), ("hvs.", MIXED, 24), ("sbp_", HEX, 40),
    ("pul-", HEX, 40), ("NRAK-", CAPITALS, 27), ("rubygems_", HEX, 48), ("GR1348941", MIXED, 20), ("dop_v1_", HEX, 64),
    ("ATBB", MIXED, 32), ("EAA", MIXED, 120), ("1//0", MIXED, 60), ("xkeysib-" + "c" + "ab12" * 15 + "def-", MIXED, 16),
    ("AGE-SECRET-KEY-1", CAPITALS, 58), ("dckr_pat_", MIXED, 27), ("hf_", MIXED, 34), ("npm_", MIXED, 36),
    ("lin_api_", MIXED, 40), ("gsk_", MIXED, 52), ("xai-", MIXED, 80), ("r8_", MIXED, 37), ("plume_", MIXED, 40),
    ("zephyr-prod-", MIXED, 48), ("zephyr_live_", HEX, 40),
]  # fmt: skip


@pytest.mark.parametrize(("name", "letters", "count"), ISSUED)
def test_a_key_is_told_by_its_issuers_name(name: str, letters: str, count: int) -> None:
    chance, taken = random.Random(name), 0
    for _ in range(40):
        key = name + "".join(chance.choices(letters, k=count))
        taken += _found(f"It ran with {key} once.") == [("key", key)]
    assert taken >= 39


@pytest.mark.parametrize(
    "text",
    [
        "integrity sha512-Zk3fQ9xLr2TbN7yWc4VhJ8mPd6Sg1KaE5uRo0XiBqLtYnMzCfHwDjGvAs9UeIpO2lK4 holds",
        "class test_LoginFormShowsErrorWhenPasswordIsTooShort2 and GetUserById_FromDatabaseWithoutTheCacheOf2024",
        "file backup_20260114T031522Z_incremental, image photo-0123456789012345678901234567890",
        "commit_5f2b1c9d8e7a6f5b4c3d2e1f0a9b8c7d6e5f4a3b and build-1234567890abcdef1234567890abcdef",
        "Use token_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx or key_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.",
    ],
)
def test_digests_names_of_code_and_placeholders_are_no_keys(text: str) -> None:
    assert _found(text) == []


GIVEN: list[tuple[str, Callable[[str], str]]] = [
    ("k7Rw2pQx9Tz", "Log in as bob with password {}.".format),
    ("k7Rw2pQx9Tz", "curl -u bob:{} https://acme.io/x".format),
    ("k7Rw2pQx9Tz", "sshpass -p {} ssh bob@acme".format),
    ("k7Rw2pQx9Tz", "CREATE USER bob IDENTIFIED BY '{}'".format),
    ("k7Rw2pQx9Tz", "pw: {}".format),
    ("wlkQRtmzVB42", "the password is {}".format),
    ("wlkQRtmzVB42", "WLAN-Key: {}".format),
    ("9f(b2$Kq]x4,Rv7mT", 'secret_key = "{}"'.format),
    ("5f1b0c9d8e7a6b4c3d2e", "Cookie: sessionid={}".format),
]


@pytest.mark.parametrize(("value", "told"), GIVEN)
def test_a_password_is_found_where_a_word_or_a_command_says_so(value: str, told: Callable[[str], str]) -> None:
    assert _found(told(value)) == [("key", value)]


@pytest.mark.parametrize(
    "text",
    [
        "The password protects the account, and password hashing with argon2id takes time.",
        "Choose a password of at least 12 characters, or a passphrase with 6 words.",
        "token = base64.b64decode(page_token.encode()) and secret = hashlib2.sha256_of(value)",
        "call(entity_mask2_token=entity_mask2_token, pass_context=jinja2.pass_context)",
        "self.embed_tokens = Gemma2TextScaledWordEmbedding3(config)",
        "conv_pw_1d = nn.Conv1d, curl -u bob https://acme.io and curl -u bob:$PASSWORD x",
        'password = "{db_password_1}" or "<your-password-1>"',
    ],
)
def test_prose_and_code_about_passwords_are_none(text: str) -> None:
    assert _found(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ask anna.berg&#64;web.de now", ("email", "anna.berg&#64;web.de")),
        ("Ask anna.berg[@]web.de now", ("email", "anna.berg[@]web.de")),
        ("{'to': 'anna\\u0040web.de'}", ("email", "anna\\u0040web.de")),
        ("my mail: anna.berg @ web.de", ("email", "anna.berg @ web.de")),
        ("Blocked 85.214.13.17/32 today", ("ip_address", "85.214.13.17")),
        ("Driver's license number: BERG753116A99", ("national_id", "BERG753116A99")),
        ("CUIT 20-05536168-2", ("national_id", "20-05536168-2")),
        ("her rodné číslo 710319/2745", ("national_id", "710319/2745")),
        ("NRIC S1234567D", ("national_id", "S1234567D")),
        ("SV-Nummer 65 180539 W 001, Sozialversicherung", ("national_id", "65 180539 W 001")),
    ],
)
def test_other_spellings_and_other_lands_are_found(text: str, expected: tuple[str, str]) -> None:
    assert _found(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "similarity = k_beta @ key.transpose and two apples @ shop.com",
        "The net 85.214.13.0/24 and 85.214.13.17/29 are ranges.",
        "Ratio 710319/2745, part S1234567D of the engine, order 20-05536168-3",
        "A driving licence is for 3500 kg.",
        "Ask the host 3fff:10::2a, which is an example.",
    ],
)
def test_what_looks_like_them_is_left_alone(text: str) -> None:
    assert _found(text) == []


@pytest.mark.parametrize(
    "said",
    ["password: Theo1987!x", "password: Test8!kd92LqZ", "pass: testing123X!", "client_secret: the9Kq2LmPq77aTzXb1"],
)
def test_a_value_that_begins_like_a_placeholder_is_none(said: str) -> None:
    assert [kind for kind, _ in _found(said)] == ["key"]


@pytest.mark.parametrize(
    "said",
    ["password: test1234", "api_key=YOUR_API_KEY_1234567", "token: myToken12345678abc", "token=request.headers1234567"],
)
def test_a_placeholder_with_a_number_is_one(said: str) -> None:
    assert _found(said) == []


PLAIN: list[tuple[str, str]] = [
    ("hunter2", "password: {}"), ("hunter2", "My password is {}."), ("tr0ub4d", "passwd = {}"),
    ("Sommer23", "Passwort: {}"), ("Kittens7", "the pwd is {}, please reset it"), ("Sonne2024", "Kennwort lautet {}"),
    ("hunter2", "Username: bob\nPassword: {}\nThanks!"), ("hunter2", "DB_HOST=acme\nPASSWORD={}\n"),
    ("fluffy99", "**Password:** {}"), ("gr33nT3a", "The password for bob is {}."),
    ("hunter2", "My password was changed to {}."), ("soleil75", "mot de passe : {}"), ("hunter2", 'password is "{}"'),
    ("Blue-Horse7", "our wifi password is {}"), ("9f8e7d6c5b4a", "my api key: {}"),
    ("k3v9x2m7q1z8", "The client secret is {}."), ("Zk3fQ9xLr2TbN7yW", "API key is {}"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "told"), PLAIN)
def test_a_password_that_nobody_drew_is_told_by_the_prose_around_it(value: str, told: str) -> None:
    assert _found(told.format(value)) == [("key", value)]


@pytest.mark.parametrize(
    "text",
    [
        "password: your password", "password: <password>", "password: ********", "password: str", "password: string",
        "password = os.environ['PASSWORD1']", 'password = getpass2("Enter it")', "connect(user=bob, password=secret2)",
        "password: varchar255", "the password is sha256-hashed", "password: base64", "Password: 8characters",
        "password: test123", "password: Password1", "password: changeme1", "password: foo1bar2", "password: abc123",
        "The secret is 2nd-hand knowledge.", "Her secret was apollo11 and the moon.", "password=password1)",
        "password: mypassword1", "password: p4ssw0rd", "The pass is 1200m high.", "password: admin_user_1",
        "Enter password: (min 8chars)", '{"password": "hunter2x"}'.replace("hunter2x", "example1"), "pass: pass1234",
        "api key: v2-2024-01", "api key: project-7-main", "password: 2024-01-17", "the token is token1",
        "password is user42", "passwords are: kitten7", "$password: kitten7", "--password kitten7",
    ],
)  # fmt: skip
def test_what_prose_code_and_manuals_say_of_passwords_tells_none(text: str) -> None:
    assert _found(text) == []


@pytest.mark.parametrize(
    "address",
    ["anna at firma dot de", "jdoe at uni-bonn dot de", "anna AT firma DOT de", "anna at firma punkt de",
     "anna.berg at gmail.com", "mmc at tum dot edu"],
)  # fmt: skip
@pytest.mark.parametrize("told", ["{}", "Anna Berg ({})", "Mail: {}", "It's {}.", "Anna Berg\n{}\nBonn"])
def test_an_address_said_aloud_is_found_where_nothing_else_is_said(address: str, told: str) -> None:
    assert _found(told.format(address)) == [("email", address)]


@pytest.mark.parametrize(
    "text",
    [
        "Look at amazon dot com for more.", "Shop at amazon dot de", "(find us at acme dot com)", "Docs at rtfd dot io.",
        "Bob works at acme dot com", "see the docs at readthedocs.org", "it is cheaper at amazon dot de today",
        "The blog at acme dot com tells more.", "We met at eight dot", "- download at acme dot org",
    ],
)  # fmt: skip
def test_a_page_said_aloud_is_no_address(text: str) -> None:
    assert _found(text) == []
