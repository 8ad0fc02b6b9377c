"""Logins of addresses: none in clear, and variables that are filled in only where an object is fetched."""

import pytest

from quality.sources.addresses import public
from quality.sources.logins import LoginError, filled, is_clear, refuse_clear

ENVIRONMENT = {
    "WHO": "me",
    "PASS": "p%40ss",
    "LOGIN": "me:p%40ss",
    "SIG": "a%2Fb==",
    "QUERY": "sig=a&exp=1/2",
    "EMPTY": "",
}


@pytest.mark.parametrize(
    "address",
    [
        "https://me:S3CRET@host/a.jsonl",
        "https://S3CRET@host/a.jsonl",
        "https://me:${PASS}S3CRET@host/a.jsonl",
        "https://${WHO}:S3CRET@host/a.jsonl",
        "HTTPS://me:S3/CRET@host/a.jsonl",
        " https://me:S3CRET@host/a.jsonl",
        "simplecache::https://me:S3CRET@host/a.jsonl",
        "https://host/a.jsonl?token=S3CRET",
        "https://host/a.jsonl?S3CRET",
        "https://host/a.jsonl?download=true&key=S3CRET",
        "https://host/a.jsonl?x=1;key=S3CRET",
        "https://host/a.jsonl?X-Amz-Signature=${SIG}&X-Amz-Credential=S3CRET",
        "https://host/a.jsonl#S3CRET",
        "s3://key:S3CRET@bucket/a.jsonl",
        "az://box/a.jsonl?sv=1&sig=S3CRET",
        "ftp://me:S3CRET@host/a.jsonl",
    ],
)
def test_a_secret_in_clear_is_refused_without_a_word_of_it(address: str) -> None:
    with pytest.raises(LoginError, match=r"environment") as told:
        refuse_clear(address)
    assert "S3C" not in str(told.value)
    assert "CRET" not in str(told.value)


@pytest.mark.parametrize(
    ("address", "whole"),
    [
        ("https://host/a.jsonl", "https://host/a.jsonl"),
        ("https://host/a.jsonl?download=true&v=2", "https://host/a.jsonl?download=true&v=2"),
        ("https://me:${PASS}@host:8443/a.jsonl", "https://me:p%40ss@host:8443/a.jsonl"),
        ("https://${WHO}:${PASS}@host/a.jsonl", "https://me:p%40ss@host/a.jsonl"),
        ("https://${LOGIN}@host/a.jsonl?${QUERY}", "https://me:p%40ss@host/a.jsonl?sig=a&exp=1/2"),
        ("https://host/a.jsonl?raw=1&sig=${SIG}&more=", "https://host/a.jsonl?raw=1&sig=a%2Fb==&more="),
        ("s3://bucket/part-?.jsonl", "s3://bucket/part-?.jsonl"),
        ("abfs://pool@account.dfs.core.windows.net/a.jsonl", "abfs://pool@account.dfs.core.windows.net/a.jsonl"),
        ("pool/what?.jsonl", None),
        ("Questions as on https://host/?q=S3CRET, and their answers.", None),
    ],
)
def test_what_holds_no_secret_passes_and_is_filled_in(address: str, whole: str | None) -> None:
    assert not is_clear(address)
    if whole is not None:
        assert filled(address, ENVIRONMENT) == whole
        assert public(whole) == public(address)


@pytest.mark.parametrize(
    "address", ["https://host/${WHO}/a.jsonl", "https://${WHO}.host/a.jsonl", "s3://${WHO}/a.jsonl"]
)
def test_a_variable_stands_for_login_or_query_alone(address: str) -> None:
    with pytest.raises(LoginError, match="write these out"):
        refuse_clear(address)


@pytest.mark.parametrize("name", ["NONE", "EMPTY"])
def test_a_variable_that_is_not_set_is_named(name: str) -> None:
    with pytest.raises(LoginError, match=f"https://host/a.jsonl: the environment variable {name}, .* is not set"):
        filled(f"https://me:${{{name}}}@host/a.jsonl", ENVIRONMENT)


@pytest.mark.parametrize("secret", ["evil.host/x", "a@evil.host", "a?b", "a#b", "a b", "a\nb", "a\\b"])
def test_a_secret_never_sends_the_rest_elsewhere(secret: str) -> None:
    with pytest.raises(LoginError, match="holds a character that ends a login or query") as told:
        filled("https://me:${PASS}@host/a.jsonl", {"PASS": secret})
    assert secret not in str(told.value)
