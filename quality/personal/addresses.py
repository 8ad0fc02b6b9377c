"""E-mail and IP addresses; those that a standard reserves, or that never leave a house, are exempt."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from quality.personal.entity import Entity, near

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

_AT = r"\s?[\[({<]\s?(?:at|@)\s?[\])}>]\s?|&#(?:0*64|x0*40);|&commat;|\\u0040| @ "
_SPELLED_DOT = r"\s?[\[({<]\s?dot\s?[\])}>]\s?"
_DOT = rf"(?:\.|{_SPELLED_DOT})"
_LOCAL = rf"[^\W_][\w.+%'’-]{{0,63}}(?:{_SPELLED_DOT}[\w+%'’-]{{1,63}}){{0,4}}"
_EMAIL = re.compile(
    rf"(?<![^\W_]|[.+%-])(?P<local>{_LOCAL})(?P<at>@|%40|{_AT})(?P<host>(?:[^\W_](?:[\w-]{{0,62}})?{_DOT})+)(?P<top>[^\W\d_]{{2,24}})"
    r"(?![\w@]|[.-]\w)",
    re.IGNORECASE,
)
# As it is said aloud: “anna dot berg at mail dot com”. Prose says “look at amazon dot com” as well, so there must be
# more than one word before the “at”, a figure in it, a known mailbox behind it, or a word of mail near.
_SPOKEN_DOT = "(?:dot|punkt|point|punto)"
_SPOKEN = re.compile(
    rf"(?<![\w.@-])(?<! dot )(?P<local>[^\W_][\w.+-]{{0,63}}(?: {_SPOKEN_DOT} [\w+-]{{1,63}}){{0,4}})(?P<at> at )"
    r"(?P<host>(?!(?:the|this|that|our|its|his|her|their|my|your|some|any|every|another|one)\b)[a-z\d-]{2,63}"
    rf"(?: {_SPOKEN_DOT} [a-z\d-]{{1,63}}){{0,4}})"
    rf" {_SPOKEN_DOT} (?P<top>[a-z]{{2,24}})(?![\w@])",
    re.IGNORECASE,
)
# With a full stop spelled as one, prose names a page: “see the docs at readthedocs.org”. A known mailbox is no page.
_AT_MAILBOX = re.compile(
    r"(?<![\w.@-])(?P<local>[^\W_][\w.+-]{0,63}) at (?P<host>gmail|googlemail|hotmail|protonmail|fastmail|gmx)"
    r"\.(?P<top>[a-z]{2,4})(?![\w@-]|\.\w)",
    re.IGNORECASE,
)
_SPELLED = re.compile(rf" {_SPOKEN_DOT} |[\d_.+]", re.IGNORECASE)
# Nothing else is said there: in brackets, behind a colon, on a line of its own; or it is who speaks.
_ALONE_BEFORE = re.compile(r"(?:^|[\n(<\[:|\"“*-])\s*$|\b(?:it['’]s|i['’]m|i am|that['’]s)\s$", re.IGNORECASE)
_ALONE_BEHIND = re.compile(r"\s*(?:$|[\n)>\]|\"”*,.;!?])")
_OF_MAIL = re.compile(r"\b(?:e-?mails?|mail|write|contact|reach\w*|inbox|send|address)\b", re.IGNORECASE)
_MAILBOXES = re.compile(
    r"(?:gmail|googlemail|yahoo|hotmail|outlook|live|icloud|aol|proton(?:mail)?|fastmail|gmx|web|mail|yandex|zoho)$",
    re.IGNORECASE,
)
# Behind "@" alone these name no mailbox for sure: `queries @ att.to(device)`.
_OTHER_MAILBOXES = re.compile(
    r"(?:msn|me|mac|qq|163|126|t-online|orange|laposte|libero|comcast|verizon|att|btinternet)$", re.IGNORECASE
)
_NO_NAME = re.compile(
    r"(?:me|us|you|him|her|them|it|is|are|was|were|be|look\w*|available|online|site|page|shop\w*|visit|here|out|found|"
    r"located|more|address|mail|e-?mail|one|someone|anyone|and|or|the|host\w*|find|see|read|buy|bought|order\w*|learn|check|"
    r"ask|join\w*|start\w*|sign\w*|register\w*|questions?|docs?|documentation|web|website|pages?|blogs?|home|sold|sells?|"
    r"work\w*|download\w*|try|book\w*|meet|chat|talk\w*|details?|info\w*|store|stores|people|code|source|search\w*|"
    r"browse|go|log\w*|not|only|even|cheaper|free|new|now|today|open|stay\w*|get|got|published|posted|listed|reviews?)$",
    re.IGNORECASE,
)
# RFC 2606 and RFC 6761 names, and suffixes that no public name has: networks at home, images at double size.
_RESERVED_HOST = re.compile(r"(?:^|\.)example\.(?:com|net|org)$", re.IGNORECASE)
_NO_HOST = re.compile(
    r"example|test|invalid|local(?:host|domain)?|internal|intranet|lan|home|corp|arpa|onion|png|jpe?g|gif|svg|webp|ico|css|"
    r"[mt]?jsx?|ts|json|xml|html?|txt|rst|pdf|csv|ya?ml|toml|java|class|[ch]pp|exe|dll|jar|php|aspx?|jsp",
    re.IGNORECASE,
)
# A login of a machine (git@host:path) and a password before a host (://user:password@host) name no mailbox.
_LOGIN = re.compile(r"^(?:git|hg|svn|cvs|root|anonymous|anoncvs)$", re.IGNORECASE)
# Mailboxes of an office, not of a person (RFC 2142), mailing lists, trackers of bugs and senders that read nothing.
# What a firm calls its own ("contact", "office", "praxis") may be one person's, where it stands before that one's name.
_OFFICE = re.compile(
    r"(?:info|marketing|sales|support|help|helpdesk|feedback|abuse|noc|security|postmaster|hostmaster|listmaster|usenet|"
    r"news|webmaster|www|uucp|ftp|licen[cs](?:e|es|ing)|copyright|bugs?|bug-.+|.+-bugs?|(?:do-?)?not?-?reply|majordomo|"
    r"foundation|consortium|committee|secretariat|(?:users?|working)?-?group|info-.+|owner-.+|"
    r".+-(?:request|owner|announce|devel|dev|core|help|users?|discuss|list|maintainers?|commits|patches|subscribe|"
    r"unsubscribe))$",
    re.IGNORECASE,
)
_UNREAD = re.compile(r"(?:do-?)?not?-?reply$", re.IGNORECASE)
# Where lists and trackers alone have their addresses: a machine of somebody's, as list.ru gives out mailboxes.
_OF_LISTS = re.compile(
    r"(?:^|\.)(?:lists?|listserv|bugs|packages|tracker)\.[\w-]+\.|(?:^|\.)googlegroups\.com$|(?:^|\.)groups\.io$",
    re.IGNORECASE,
)

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
# With the length of a prefix it is a network, which belongs to a provider or a firm and names nobody: /24 and /29 are
# left alone. /32, and /128 of the longer ones, is one machine; and so is what a machine tells of itself (“inet
# 81.2.69.142/24”), unless it is the network's own first address.
_IPV4 = re.compile(
    rf"(?<![\w.-])(?:(?<=//)|(?<!/)){_OCTET}(?:\.{_OCTET}){{3}}(?![\w-]|\.\w|/(?!32\b)\d)|"
    rf"(?<=\binet ){_OCTET}(?:\.{_OCTET}){{3}}(?=/\d)"
)
_GROUPS = "[23][0-9a-f]{3}:(?:[0-9a-f]{0,4}:){1,6}[0-9a-f]{0,4}"
_IPV6 = re.compile(rf"(?<![\w:.]){_GROUPS}(?![\w:]|/(?!128\b)\d)|(?<=\binet6 ){_GROUPS}(?=/\d)", re.IGNORECASE)
_OF_HOSTS = re.compile(
    r"\b(?:ip|ips|ipv4|address\w*|host\w*|server\w*|client\w*|router|gateway|ping|ssh|from|via|log(?:ged|in|s)?|"
    r"remote\w*|connect\w*|request\w*|dns|machine|proxy|subnet|traceroute|curl|visitor|user|attacker\w*)\b|https?://",
    re.IGNORECASE,
)
_OF_VERSIONS = re.compile(
    r"(?:\b(?:v|ver|version|versions|release|releases|build|firmware|section|chapter|clause|through|before|oid|dll)"
    r"[\s:.=]{0,3}|\b(?:ec|e\.c\.|enzyme commission)(?:\s(?:number|no\.?))?[\s:]{0,2}|(?<![-=])[<>]=?\s?)$",
    re.IGNORECASE,
)
_AMONG_VERSIONS = re.compile(
    r"\b(?:versions|releases|upgrad\w+|(?:older|newer|later|earlier) versions?)\b", re.IGNORECASE
)
# Enzymes are of seven classes, and their names end as no other words do.
_OF_ENZYMES = re.compile(
    r"\benzym\w*|(?:genase|kinase|ferase|ductase|drolase|nthase|lyase|merase|ligase|terase|oxidase|ptidase|protease)\b",
    re.IGNORECASE,
)
_CLASSES = 7
_TAG = re.compile(r"</?[a-z][^<>]*>\s?$", re.IGNORECASE)
# Public resolvers: services that the whole world names, and no one's machine.
_RESOLVERS = frozenset(
    (
        *("1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9", "149.112.112.112", "208.67.222.222", "208.67.220.220"),
        *("2001:4860:4860::8888", "2001:4860:4860::8844", "2606:4700:4700::1111", "2606:4700:4700::1001"),
    )
)
_LARGEST_OF_VERSIONS = 30
_CHAPTER = re.compile(r"(?<![\w.])[0-9]+(?:\.[0-9]+){2}(?!\w|\.\d)")
# For examples like 2001:db8::/32, since 2024 (RFC 9637), younger than what Python knows; and what APNIC gives to
# nobody, since examples are full of it ("1.2.3.4").
_OF_NOBODY = (ipaddress.ip_network("3fff::/20"), ipaddress.ip_network("1.2.3.0/24"))


def emails(text: str) -> Iterator[Entity]:
    """Find e-mail addresses, also those spelled “name [at] host [dot] com” or, in a link, “name%40host.com”."""
    for found in _EMAIL.finditer(text):
        host = re.sub(_DOT, ".", found["host"], flags=re.IGNORECASE) + found["top"]
        if _NO_HOST.fullmatch(found["top"]) or _RESERVED_HOST.search(host):
            continue
        if _is_of_an_office(found["local"], host):
            continue
        if found["at"] == " @ " and not (_MAILBOXES.match(host.split(".")[0]) or near(text, found, _OF_MAIL)):
            continue  # “two apples @ shop.com”, and products of matrices
        if _LOGIN.match(found["local"]) and text[found.end() : found.end() + 1] in (":", "/"):
            continue
        if re.search(r"://[^\s/@]*$", text[max(0, found.start() - 80) : found.start()]):
            continue
        local = re.sub(_DOT, ".", found["local"], flags=re.IGNORECASE)
        yield Entity(found.start(), found.end(), "email", f"{local}@{host}".lower())
    yield from _spoken(text)


def _is_of_an_office(local: str, host: str) -> bool:
    """Tell an address that several read; at a provider of mailboxes, “jo-dev” is somebody's."""
    provider, *country = host.lower().split(".")  # mail.acme.org is a firm's
    named = _MAILBOXES.match(provider) or _OTHER_MAILBOXES.match(provider)
    provides = named and (len(country) == 1 or country[0] in ("co", "com"))
    of_someone = "-" in local and provides and not _UNREAD.match(local)
    return bool(_OF_LISTS.search(host) or (_OFFICE.match(local) and not of_someone))


def _spoken(text: str) -> Iterator[Entity]:
    for found in (one for spelled in (_SPOKEN, _AT_MAILBOX) for one in spelled.finditer(text)):
        local, host = (re.sub(f" {_SPOKEN_DOT} ", ".", found[part], flags=re.IGNORECASE) for part in ("local", "host"))
        if (
            _NO_NAME.match(local)
            or local.isdecimal()
            or _OFFICE.match(local)
            or _NO_HOST.fullmatch(found["top"])
            or _RESERVED_HOST.search(f"{host}.{found['top']}")
        ):
            continue
        if _is_address(text, found, host):
            yield Entity(*found.span(), "email", f"{local}@{host}.{found['top']}".lower())


def _is_address(text: str, found: re.Match[str], host: str) -> bool:
    """Tell an address that is said aloud from a page that somebody names (“look at amazon dot com”)."""
    if _SPELLED.search(found["local"]) or _MAILBOXES.match(host.split(".")[0]) or near(text, found, _OF_MAIL):
        return True
    if " AT " in found[0] and " DOT " in found[0]:
        return True
    before, behind = text[max(0, found.start() - 20) : found.start()], text[found.end() : found.end() + 20]
    return bool(_ALONE_BEFORE.search(before) and _ALONE_BEHIND.match(behind))


def ip_addresses(text: str) -> Iterator[Entity]:
    """Find public IP addresses: no private, loopback, documentation or reserved one, no network, no version."""
    dotted = [*_IPV4.finditer(text)]
    # Once for all of a text: a log has thousands of addresses.
    small = {found[0] for found in dotted if max(map(int, found[0].split("."))) <= _LARGEST_OF_VERSIONS}
    chapters = {found[0] for found in _CHAPTER.finditer(text)} if small else set()
    for found in dotted:
        if _is_of_someone(found[0]) and not _is_version(text, found, small, chapters):
            yield Entity(found.start(), found.end(), "ip_address", found[0])
    for found in _IPV6.finditer(text):
        if _is_of_someone(found[0]):
            yield Entity(found.start(), found.end(), "ip_address", ipaddress.ip_address(found[0]).compressed)


def _is_of_someone(spelled: str) -> bool:
    try:
        address = ipaddress.ip_address(spelled)
    except ValueError:
        return False
    if not address.is_global or address.is_multicast or address.compressed in _RESOLVERS:
        return False
    if any(address in network for network in _OF_NOBODY):
        return False
    # A network, or what people write for “some machine”: 87.0.0.1.
    some = (".0", ".255", ".0.0.1") if address.version == 4 else ("::",)
    return not spelled.endswith(some)


def _is_version(text: str, found: re.Match[str], small: Set[str], chapters: Set[str]) -> bool:
    """Tell versions, numbered sections and enzymes (EC 3.2.1.50): by the word before, or by small numbers without.

    `small` are the text's dotted numbers of small parts. A section's chapter is named as well, among the numbers of
    three parts that `chapters` are: “4.3.3 Hosts, 4.3.3.1 Their addresses”.
    """
    before = text[max(0, found.start() - 30) : found.start()]
    if _OF_VERSIONS.search(before) and not _TAG.search(before):
        return True
    if int(found[0].partition(".")[0]) <= _CLASSES and near(text, found, _OF_ENZYMES, after=60):
        return True
    if found[0] not in small:
        return False
    if len(small) > 1 and near(text, found, _AMONG_VERSIONS, after=60):
        return True
    return found[0].rpartition(".")[0] in chapters or not near(text, found, _OF_HOSTS)
