"""Personal data: what is left alone, what is found where, and what stands there afterwards."""

from __future__ import annotations

import re
import time
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from quality.personal import KINDS, Kind, Personal, edits, entities, finding, found_in
from quality.personal.prefilter import suspicious
from quality.records import MESSAGE, full_text, record_ids
from quality.row_memory import RowMemory
from tests.quality.personal.rows import rows_of


def _kinds(text: str) -> list[tuple[str, str]]:
    return [(entity.kind, text[entity.start : entity.end]) for entity in entities(text, Personal())]


CLEAN = [
    # Reserved for documentation, or never outside a house.
    "Write to john@example.com, to jane@mail.example.org or to x@db.test; root@localhost reads it.",
    "Hosts 127.0.0.1, 192.168.1.1, 10.0.0.5, 172.16.4.2, 203.0.113.9, 198.51.100.3, 192.0.2.1, 87.0.0.1, 2001:db8::17 and ::1.",
    "Call 212-555-0123 or (415) 555-0199, in London 020 7946 0018, from abroad +44 7700 900123.",
    "Call me on 07700 900123.",
    "Call me at 555-0134; her phone is 555 0199, and his cell 555.0121.",
    "A style of the middle period (794-1185), it reached its height late.",
    "Mail info@acme.com or abuse@acme.com; the list is bees-request@acme.com. Ask the resolver 8.8.8.8.",
    "Report bugs to bug-kiln@acme.org, kiln-bugs@acme.org or bugs@acme.org; licences are licensing@acme.org's business.",
    "Mail from no-reply@mail.acme.org, do-not-reply@web.acme.org and no-reply@gmail.com; kiln-devel@mail.acme.org's list.",
    "Ask kiln-users@acme.org, kiln@lists.acme.org, kiln@packages.acme.org or 123456@bugs.acme.org; not-reply@acme.org.",
    "Ask foundation@acme.org, user-group@acme.org, info-kiln@acme.org, kiln-core@acme.org or kiln-help@acme.org first.",
    "The server listens on 1.2.3.4, and its neighbour on http://1.2.3.7:80/ does not.",
    "context = weights @ att.to(device) + bias @ me.to(device)",
    # Numbers of another kind.
    "From 1990-1995 to 2000–2010; on 2020-01-15 10:30, call back by 15.01.2021. Phone sales of 2018 2019 2020.",
    "CVE-2021-44228, CWE-79, doi:10.1000/182, 10.1016/j.cell.2020.01.021, PMID 12345678, trial NCT01234567.",
    "ISBN 978-3-16-148410-0 and 0-306-40615-2, ISSN 2049-3630, UUID 123e4567-e89b-12d3-a456-426614174000.",
    "p < 0.05 (95% CI 1.234567-2.345678, n = 12345678); 8 000 000 people; 1 234 567 890 stars; $12,345,678.",
    "1234567 + 7654321 = 8888888 and 123456789 * 987654321; 3 14159 26535 89793 23846; 37.774929 -122.419416.",
    "Ann calls 24 friends 12 times each: 24 * 12 = 288. She has 4111 marbles and 1111 more.",
    "Version 4.3.2.1 before 2.3.4.5, pip install foo==1.2.3.4, section 3.1.2.1, network 44.0.0.0/8, MAC 00:1B:44:11:3A:B7.",
    "Ask the host for 4.4.0.3 or later versions: 5.0.2.1 through 5.0.2.5 were removed.",
    "Order 5821484509964492 was shipped.",
    "timestamp 1700000000000, x = 4000000000000000, 20230101T120000Z, 1234-5678-9012-3456 is a serial.",
    # Code and documentation.
    "@app.route('/x') a@b icon@2x.png git@github.com:user/repo.git std::vector<int> a::b",
    "sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    'password = "password"; pwd: your_password_here; api_key = os.environ["API_KEY_2"]; secret=get_secret(name2)',
    'def f(token: Optional[str] = None, password: str = "x"): return config.secret_key2 or self.token_value_1',
    "The password is required, the token is invalid, the secret: 3 tablespoons of paprika; sk-learn-contrib-package-name",
    "PrivateKey=tpm2-pcr-private-key-initrd.pem and secret_key: /etc/keys/web7-server-2021.key",
    "Galactosidase (EC 3.2.1.46) is low; enzyme commission number 4.1.1.37; E.C. 5.1.99.4; see EC: 1.1.1.153.",
    "Use postgres://me:mySecret@host.com/x or postgres://me:SECRET@host.com/x.",
    "Use sk-xxxxxxxxxxxxxxxxxxxxxxxx or AKIAXXXXXXXXXXXXXXXX and https://user:password@host.com/x.",
    "A block begins with -----BEGIN PRIVATE KEY----- and ends with -----END PRIVATE KEY-----.",
]


@pytest.mark.parametrize("text", CLEAN)
def test_what_only_looks_like_personal_data_is_left_alone(text: str) -> None:
    assert _kinds(text) == []


FOUND = [
    ("Jane (jane [at] acme [dot] io) knows.", ("email", "jane [at] acme [dot] io")),
    ("git clone https://bob:Pa55word99@db.acme.io/x", ("key", "Pa55word99")),
    ("Use postgres://admin:BINRrkjcFXxy@db.prod.internal:5432/main", ("key", "BINRrkjcFXxy")),
    ("The council meets at server 86.32.1.46, in Brussels", ("ip_address", "86.32.1.46")),
    ("15213-3890 (412) 268-4387, fax", ("phone", "(412) 268-4387")),
    ("Card 4111 1111 1111 1111, a test card: found all the same", ("card", "4111 1111 1111 1111")),
    ("I paid with card 5821484509964492 again", ("card", "5821484509964492")),
    ("Server 4.3.2.1 was asked for its version", ("ip_address", "4.3.2.1")),
    ("Server 4.3.2.1 was upgraded, behind the gateway 192.168.1.1", ("ip_address", "4.3.2.1")),
    ("Rückfragen unter +49 161 46777529.", ("phone", "+49 161 46777529")),
    ("SSN 078-05-1120 was printed on wallets", ("national_id", "078-05-1120")),
    ("IBAN: fr14 2004 1010 0505 0001 3m02 606 and more", ("iban", "fr14 2004 1010 0505 0001 3m02 606")),
    ("Logged in from 4.3.2.1 at noon", ("ip_address", "4.3.2.1")),
    ("my password is Tr0ub4dor&3 now", ("key", "Tr0ub4dor&3")),
    ("Passport no. X1234567", ("national_id", "X1234567")),
    ("Her NI number is ZZ 11 41 78 T, she says", ("national_id", "ZZ 11 41 78 T")),
    ("ring 867-5309", ("phone", "867-5309")),
    ("You can reach Ann Lee at 867-5309.", ("phone", "867-5309")),
    ("You may text Mark on 07816 838455 for details.", ("phone", "07816 838455")),
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_exactly_the_value_is_taken(text: str, expected: tuple[str, str]) -> None:
    assert _kinds(text) == [expected]


def test_national_numbers_need_a_word_or_a_plus_and_a_region_that_knows_them() -> None:
    assert _kinds("Order 0151 23456789 is late") == []
    assert _kinds("Handy: 0151 23456789") == [("phone", "0151 23456789")]
    assert entities("Handy: 0151 23456789", Personal(regions=("US",))) == []
    assert _kinds("Order +49 151 23456789 is late") == [("phone", "+49 151 23456789")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Rufen Sie Herrn Maier unter 0171 2345678 an.", "0171 2345678"),
        ("Sie erreichen mich unter 0171 2345678.", "0171 2345678"),
        ("Bitte um Rückruf: 030 901820", "030 901820"),
        ("Du erreichst mich unter 0151 23456789.", "0151 23456789"),
        ("Joignez-nous au 01 42 68 53 00.", "01 42 68 53 00"),
        ("Rappelez-moi au 01 42 68 53 00.", "01 42 68 53 00"),
        ("Chiamate lo 06 6982 1234 dopo le nove.", "06 6982 1234"),
        ("Bel ons op 020 624 1111.", "020 624 1111"),
        ("Llámame al 612 345 678.", "612 345 678"),
        ("Ligue para 11 91234-5678.", "11 91234-5678"),
        ("请拨打13812345678联系原告。", "13812345678"),
    ],
)
def test_whoever_is_asked_to_call_is_given_a_phone_in_other_languages_too(text: str, value: str) -> None:
    assert _kinds(text) == [("phone", value)]


@pytest.mark.parametrize(
    "text",
    [
        "Wir rufen die 1234567890 Einträge auf.",
        "Die Akte ist unter 0171 2345678 abgelegt.",
        "La ligue compte 0171234567 membres.",
        "On peut appeler la fonction 1234567890 fois.",
        "Il faut rappeler que 2147483647 est premier.",
        "Le funzioni chiamate restituiscono 2147483647 in caso di errore.",
        "Il numero di stelle chiamate nane: 3201234567",
        "Der Server ist erreichbar, Auftragsnummer 0301234567.",
        "Wir erreichen Werte auf 2147483647 genau.",
        "来电显示芯片编号13800138000",
    ],
)
def test_who_calls_a_function_or_looks_under_a_number_is_given_no_phone(text: str) -> None:
    assert _kinds(text) == []


def test_an_international_number_must_be_valid_unless_a_word_says_that_it_is_one() -> None:
    assert _kinds("Order +1 911 411 2345 is late") == []
    assert _kinds("Call me on +1 911 411 2345") == [("phone", "+1 911 411 2345")]


def test_only_the_kinds_asked_for_are_found_in_any_message() -> None:
    rows = rows_of(["Mail bob@acme.io", "Sure."], ["Why?", "Ask bob@acme.io at 81.2.69.142"], ["Why?", "So."])
    assert set(found_in(rows, Personal())) == {0, 1}
    found = found_in(rows, Personal(kinds=("ip_address",)))
    assert [[e.kind for e in message] for message in found[1]] == [[], ["ip_address"]]
    assert (set(found), found_in(rows, Personal(kinds=()))) == ({1}, {})
    assert entities("Ask bob@acme.io", Personal(kinds=("ip_address",))) == []


def test_rows_that_held_nothing_before_are_not_looked_at_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held, none = "Ask bob@acme.io", ["Why?", "So."]
    rows = rows_of([held, "Sure."], none, ["Call", "\0"], ["a\nb", "ü"], ["a", "b\nü"], ["Who?", held])
    looked: list[list[str]] = []
    monkeypatch.setattr(finding, "suspicious", lambda texts: (looked.append(texts.to_list()), suspicious(texts))[1])
    memory = RowMemory(tmp_path / "kept")
    for chosen, new in ((rows[:3], rows[:3]), (rows[::-1], rows[5:2:-1]), (rows[1:], rows[:0])):
        looked.clear()
        found = found_in(chosen, Personal(), memory)
        assert looked == [full_text(part).to_list() for part in (new, chosen[list(found)]) if part.height]
        assert found == found_in(chosen, Personal())
        assert len(found) == chosen.filter(pl.col("row").is_in([10, 15])).height


SECRETS: dict[Kind, str] = {
    "email": "bob.jones@acme.io",
    "phone": "+1 212 736 5000",
    "card": "4539 1488 0343 6467",
    "iban": "DE89 3704 0044 0532 0130 00",
    "national_id": "536-22-1234",
    "ip_address": "81.2.69.142",
    "key": "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
}


def test_masks_say_the_kind_and_leave_the_rest_as_it_was() -> None:
    text = " | ".join(SECRETS.values()) + " — ende\n"
    rows = rows_of(["Nothing here.", text])
    (edit,) = edits(rows, found_in(rows, Personal()), stage="protect").iter_rows(named=True)
    masked = "[EMAIL] | [PHONE] | [CARD] | [IBAN] | [NATIONAL_ID] | [IP_ADDRESS] | [KEY] — ende\n"
    assert [message["content"] for message in edit["messages"]] == ["Nothing here.", masked]
    assert (edit["row"], edit["stage"], edit["kinds"], edit["replaced"]) == (10, "protect", sorted(KINDS), 7)
    assert edit["id"] == record_ids(pl.Series([edit["messages"]], dtype=pl.List(MESSAGE))).item()


def _told(rows: pl.DataFrame, seed: int | None = 0) -> list[list[str]]:
    made = edits(rows, found_in(rows, Personal()), stage="protect", surrogates=seed)
    return [[message["content"] for message in messages] for messages in made["messages"]]


def test_a_value_has_one_surrogate_in_its_record_however_it_is_spelled() -> None:
    (told,) = _told(
        rows_of(["Is it Bob@acme.io or eve@acme.io?", "bob@ACME.io. Phone +1 (212) 736-5000, 212-736-5000."])
    )
    bob, eve = re.findall(r"person-\d{4}@example\.com", told[0])
    assert bob != eve
    assert bob in told[1]
    first, second = re.findall(r"\+1 \d{3}-555-01\d\d", told[1])
    assert first == second


def test_surrogates_follow_the_seed_and_tell_records_apart_but_nothing_of_the_value() -> None:
    rows = rows_of(["Who?", "bob@acme.io"], ["Who else?", "bob@acme.io"])
    one, other = _told(rows)
    assert one[1] != other[1]
    assert _told(rows) == [one, other]
    assert _told(rows, seed=1)[0][1] != one[1]
    # The same record with another value in the same place gets the same surrogate: no guess is confirmed by drawing.
    assert _told(rows_of(["Who?", "eve@acme.io"]))[0] == one


@pytest.mark.parametrize("behind", ["12 12 12 12 12", "20 7183 8750"])
def test_the_word_of_a_mask_tells_nothing_of_the_number_behind_it(behind: str) -> None:
    rows = rows_of(["Well?", f"{SECRETS['phone']} {behind}"])  # type: ignore[index]
    (left,) = _told(rows, None)
    assert left[1] == f"[PHONE] {behind}"
    assert entities(left[1], Personal()) == []
    assert entities(f"phone {behind}", Personal()), "a person's word does"


@given(
    st.lists(st.sampled_from([*KINDS, "Phone:", "password=", "SSN", "card", "ping ", "12", "://x:", "and"]), max_size=12),
    st.integers(0, 99),
)  # fmt: skip
def test_after_an_edit_nothing_is_found_and_nothing_of_a_secret_is_left(parts: list[str], seed: int) -> None:
    text = " ".join(SECRETS.get(part, part) for part in parts)  # type: ignore[call-overload]
    rows = rows_of(["Well?", text])
    found = found_in(rows, Personal())
    for surrogates in (None, seed):
        made = edits(rows, found, stage="protect", surrogates=surrogates)
        for messages in made["messages"]:
            left = messages[1]["content"]
            assert entities(left, Personal()) == []
            assert not any(left.count(value) for value in SECRETS.values())


def test_no_two_values_of_a_record_share_a_surrogate_while_there_are_enough() -> None:
    (told,) = _told(rows_of(["Which?", "ping " + " ".join(f"81.2.69.{last}" for last in range(1, 101))]))
    assert len(set(told[1].split()[1:])) == 100


def test_a_record_with_more_addresses_than_there_are_surrogates_is_edited_too() -> None:
    text = " ".join(f"81.2.{third}.{last}" for third in range(1, 5) for last in range(1, 250))
    (told,) = _told(rows_of(["Which?", f"ping {text}"]))
    assert "81.2." not in told[1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Card 4539\u00a01488\u00a00343\u00a06467, please.", ("card", "4539\u00a01488\u00a00343\u00a06467")),
        ("DE89\u202f3704\u202f0044\u202f0532\u202f0130\u202f00", ("iban", "DE89\u202f3704\u202f0044\u202f0532\u202f0130\u202f00")),
        ("Tél. 06\u00a012\u00a034\u00a056\u00a078", ("phone", "06\u00a012\u00a034\u00a056\u00a078")),
        ("06.12.34.56.78 est mon numéro", ("phone", "06.12.34.56.78")),
        ("电话：13812345678。", ("phone", "13812345678")),
        ("我的手机是138-1234-5678", ("phone", "138-1234-5678")),
        ("携帯 ０９０－１２３４－５６７８", ("phone", "０９０－１２３４－５６７８")),
        ("тел. 8 (912) 345-67-89", ("phone", "8 (912) 345-67-89")),
        ("身份证号11010519491231002X。", ("national_id", "11010519491231002X")),
        ("请联系zhangwei@163.com谢谢", ("email", "zhangwei@163.com")),
        ("https://shop.io/u?email=jane.roe%40web.de&x=1", ("email", "jane.roe%40web.de")),
        ("Charge card #4539148803436467.", ("card", "4539148803436467")),
    ],
)  # fmt: skip
def test_a_value_is_found_whatever_parts_it_from_its_text(text: str, expected: tuple[str, str]) -> None:
    assert [_kinds(text)] == [[expected]]
    assert [entity.kind for entity in found_in(rows_of([text, "Fine."]), Personal())[0][0]] == [expected[0]]


def test_a_number_sign_alone_makes_no_card_and_a_word_of_phones_no_phone() -> None:
    assert _kinds("Order #4539148803436467 left us.") == []
    assert _kinds("电话费是 1234567890 元。") == []


def test_what_one_place_tells_is_found_all_through_the_record() -> None:
    said = rows_of(
        ["My password: hunter2Xk9. Call me: 4158675309", "I log in with hunter2Xk9 and dial (415) 867-5309 or 4158675309."],
        ["I log in with hunter2Xk9.", "It is 4158675309 steps, and 14158675309 more."],
    )  # fmt: skip
    found = found_in(said, Personal())
    (told,) = edits(said, found, stage="protect")["messages"].to_list()
    assert [message["content"] for message in told] == [
        "My password: [KEY]. Call me: [PHONE]",
        "I log in with [KEY] and dial [PHONE] or [PHONE].",
    ]


@pytest.mark.parametrize("line", ["ann.roe{0}@firm{1}.de", "host 5.{1}.7.9"])
def test_a_long_list_of_addresses_takes_time_in_proportion_to_its_length(line: str) -> None:
    def seconds(addresses: int) -> float:
        said = rows_of(["List them.", "\n".join(line.format(at, at % 30) for at in range(addresses))])
        start = time.process_time()
        assert len(found_in(said, Personal())[0][1]) == addresses
        return time.process_time() - start

    seconds(100)
    # Eight times as many: 64 times the time, if each were held against each.
    assert min(seconds(8_000) for _ in range(3)) < 24 * seconds(1_000)


@pytest.mark.parametrize(
    ("asked", "said", "left"),
    [
        ("Call +44 20 7123 0958.", "020 7123 0958, 2071230958 or 2071230959", "[PHONE], [PHONE] or 2071230959"),
        ("Call +44 20 7123 0958.", "The 0958 of 20 7123.", "The 0958 of 20 7123."),
        ("The password: Zq9xTreacle77", "_Zq9xTreacle77_", "_[KEY]_"),
        ("The password: Zq9xTreacle77", "请用Zq9xTreacle77登录。", "请用[KEY]登录。"),
        ("The password: Zq9xTreacle77", "Zq9xTreacle777", "Zq9xTreacle777"),
    ],
)
def test_a_value_is_the_same_without_its_country_between_underscores_and_among_ideographs(
    asked: str, said: str, left: str
) -> None:
    records = rows_of([asked, said])
    (told,) = edits(records, found_in(records, Personal()), stage="protect")["messages"].to_list()
    assert told[1]["content"] == left


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Her social security number is 321 54 9876, he says.", ("national_id", "321 54 9876")),
        ("SSN: 321.54.9876", ("national_id", "321.54.9876")),
        ("Passport number C01X00T47 of Anna Berg", ("national_id", "C01X00T47")),
        ("Reisepassnummer CF12H3456 ist verloren", ("national_id", "CF12H3456")),
        ("Passeport n° 12AB34567", ("national_id", "12AB34567")),
        ("Write to anna dot berg at lakemail dot org.", ("email", "anna dot berg at lakemail dot org")),
        ("aberg at gmail dot com answers", ("email", "aberg at gmail dot com")),
    ],
)
def test_numbers_with_other_separators_and_addresses_said_aloud_are_found(text: str, expected: tuple[str, str]) -> None:
    assert _kinds(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "The rows are 321 54 9876 long.",
        "Social security paid 1,200 in 1974 and 1975.",
        "We looked at amazon dot com and found it there.",
        "Write to us at lakemail dot com.",
        "He was at the dot com party.",
        "The market peaked in 2000 at the dot com top.",
        "Write to me: we met at a dot com firm.",
        "My passport is valid until 2031, and the passport office opens at 9.",
        "Passport number format: one or two letters, then digits.",
    ],
)
def test_prose_about_them_is_none(text: str) -> None:
    assert _kinds(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see cc_4532015112830366 there", "4532015112830366"),
        ("see ssn_536-22-1234 there", "536-22-1234"),
        ("see _anna_berg@gmail.com there", "anna_berg@gmail.com"),
    ],
)
def test_an_underscore_before_a_value_hides_nothing(text: str, found: str) -> None:
    assert [text[one.start : one.end] for one in entities(text, Personal())] == [found]


def test_a_country_that_is_none_is_told() -> None:
    with pytest.raises(ValidationError, match="No country has the code de, UK: write two capital letters"):
        Personal(regions=("de", "UK", "FR"))


def test_what_looks_like_an_office_may_be_somebodys() -> None:
    for address in (
        *(
            "ada-dev@gmail.com",
            "ada-dev@yahoo.co.uk",
            "ada-user@qq.com",
            "ada.quillfeather@list.ru",
            "ada.list@acme.org",
        ),
        *("contact@ada-quillfeather.com", "praxis@quillfeather.de"),
    ):
        assert [entity.kind for entity in entities(f"Write to {address}.", Personal())] == ["email"]
