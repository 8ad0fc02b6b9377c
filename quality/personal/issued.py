"""Keys and tokens that are told by what they look like: a form of their issuer's own, or a drawn run behind a name.

Most issuers put a name before what they draw (`ghp_…`, `tskey-auth-…`), so that scanners find a key that was published.
Where the run has letters of both cases and digits all mixed, any such name will do, and the table holds the others.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_FORMS = (
    r"(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}",  # Amazon
    r"gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_\w{22,255}|gl(?:pat|rt|dt|soat|cbt|ptt|ft|oas)-[\w-]{20,64}",
    r"xox[abeoprs]-[A-Za-z0-9-]{10,250}|xapp-\d-[A-Za-z0-9-]{10,250}",  # Slack
    r"hooks\.slack\.com/services/T\w{6,12}/B\w{6,12}/\w{16,32}|discord(?:app)?\.com/api/webhooks/\d{17,20}/[\w-]{60,80}",
    r"AIza[\w-]{35}|ya29\.[\w-]{20,500}|GOCSPX-[\w-]{20,40}|1//0[\w-]{40,120}",  # Google
    r"sk-(?:[a-z0-9]+-){0,3}[A-Za-z0-9_-]{20,250}",  # OpenAI, Anthropic and their kin
    r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,250}|whsec_[A-Za-z0-9]{20,64}",  # Stripe
    r"hf_[A-Za-z0-9]{30,40}|npm_[A-Za-z0-9]{36}|pypi-[\w-]{50,250}|rubygems_[a-f0-9]{48}|dckr_[po]at_[\w-]{24,64}",
    r"SG\.[\w-]{16,32}\.[\w-]{32,64}|SK[0-9a-f]{32}|key-[0-9a-f]{32}|\d{8,10}:AA[\w-]{33}",  # senders of messages
    r"xkeysib-[0-9a-f]{64}-\w{16}|[0-9a-f]{32}-us\d{1,2}|[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,38}",
    r"eyJ[\w-]{10,4000}\.eyJ[\w-]{10,8000}\.[\w-]{10,2000}",  # JSON Web Token
    # Clouds and what runs on them: DigitalOcean, Databricks, Vault, Terraform, Pulumi, Supabase, Doppler, Cloudflare.
    r"do[opr]_v1_[a-f0-9]{64}|dapi[a-f0-9]{32}(?:-\d)?|hv[sbr]\.[\w-]{24,200}|\w{14}\.atlasv1\.[\w-]{60,80}|"
    r"pul-[a-f0-9]{40}|sbp_[a-f0-9]{40}|dp\.(?:pt|st|ct|sa|scim|audit)\.(?:\w{2,20}\.)?\w{40,44}|v1\.0-[a-f0-9]{24}-[a-f0-9]{146}",
    r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|sq0[a-z]{3}-[\w-]{22,43}|NR[A-Z]{2}-[A-Z0-9]{27}|PMAK-[a-f0-9]{24}-[a-f0-9]{34}|"
    rf"pat-[a-z]{{2}}\d-{_UUID}|pat[A-Za-z0-9]{{14}}\.[a-f0-9]{{64}}|AGE-SECRET-KEY-1[A-Z0-9]{{58}}|GR1348941[\w-]{{20}}",
    r"sntry[su]_[\w=+/-]{40,300}|(?:sgp|bkua)_[a-f0-9]{40}|sk\.eyJ[\w-]{40,300}\.[\w-]{20,60}",
    # A digest has a name, too, but none of these words in it.
    r"[a-z]{2,16}[_-](?:live|test|prod|oauth|api|pat|token|secret|key)[_-][a-f0-9]{32,128}",
    r"ATATT3[\w=-]{60,250}|ATBB[A-Za-z0-9]{28,40}|EAA[A-Za-z0-9]{80,300}|sl\.[\w-]{100,250}",
)
_FORMED = re.compile(rf"(?<![\w-])(?:{'|'.join(_FORMS)})(?![\w-])")
_SLUG = re.compile(r"sk(?:-[a-z]+)+")

# A name, perhaps in parts, and a run. A digest has such a name too, and is no secret.
_NAMED = re.compile(
    r"(?<![\w-])(?!sha\d|md5|blake)[A-Za-z][A-Za-z0-9]{1,11}(?:[_-][a-z0-9]{1,8}){0,2}[_-](?P<run>[A-Za-z0-9]{28,250})(?![A-Za-z0-9])"
)
_LEAST_CHANGES = 0.4  # of kind (capital, small, digit) from one character to the next; drawn ones have .6, words .2
_KINDS = re.compile(r"[A-Z]+|[a-z]+|\d+")
_LEAST_DIGITS = 2


def issued(text: str) -> Iterator[re.Match[str]]:
    """Find what looks like a key whatever stands around it; placeholders are none."""
    end = 0
    for found in _FORMED.finditer(text):
        if not (is_repeated(found[0]) or _SLUG.fullmatch(found[0])):
            yield from _named(text, end, found.start())
            yield found
            end = found.end()
    yield from _named(text, end, len(text))


def _named(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    for found in _NAMED.finditer(text, start, end):
        if _is_mixed(found["run"]) and not is_repeated(found["run"]):
            yield found


def is_repeated(value: str) -> bool:
    """Tell “sk-xxxxxxxxxxxxxxxxxxxx” and “AKIAXXXXXXXXXXXXXXXX”, which stand for a key."""
    return re.search(r"(.)\1{5}|\.\.\.|\*\*\*", value, re.IGNORECASE) is not None


def _is_mixed(run: str) -> bool:
    """Tell a run drawn from letters of both cases and digits from names put together of words."""
    both = not (run.islower() or run.isupper())
    changes = len(_KINDS.findall(run)) - 1
    return both and changes >= _LEAST_CHANGES * (len(run) - 1) and sum(map(str.isdigit, run)) >= _LEAST_DIGITS
