"""Sentences that say no of their subject and not of a request: findings, conclusions, advice, a duty of silence.

“We were unable to find an effect of the drug” tells what a study found, “I was unable to find information on that”
tells nothing. Each kind is told by its object, and some by what was asked as well. Patterns are for sentences in lower
case, with straight apostrophes.
"""

from __future__ import annotations

import polars as pl

from quality.refusals.evasions import ASKED
from quality.texts.patterns import holds

# What is sought and not found is a finding where it is what one measures, and of something that has a name.
_MEASURED = (
    r"(?:effects?|differences?|associations?|correlations?|relation(?:ship)?s?|(?:links?|connections?)(?: between)|"
    r"evidence|benefits?|changes?|influences?|increases?|decreases?|reductions?|improvements?|interactions?|trends?|"
    r"impacts?)"
)
_SOUGHT = (
    r"\b(?:(?:was|were)(?: unable|(?: not|n't) able) to|could not|couldn't|did not|didn't|failed to) (?:\w+ly )?"
    r"(?:find|detect|show|demonstrate|confirm|establish|observe|prove|identify|see)"
)
_OF = r"(?:of|on|between|in|for|from|with|upon|among|to|that)"
_FOUND = rf"{_SOUGHT}(?: [\w-]+){{0,3}}? {_MEASURED} (?:{_OF} )?\w"
_NAMELESS = (
    rf"{_SOUGHT}(?: \w+){{0,2}}? {ASKED}\b|\b{_MEASURED} {_OF} (?:(?:this|that|it|these|those|such|the|your)\b ?)?"
    rf"(?:{ASKED})?\W*$"
)
# Why there is none, where it is asked why: “Because no number …, so there is no answer.” Of an exchange nobody speaks.
_ASKS_WHY = r"(?i)\b(?:why|how come|reasons?)\b"
_REASON = r"^\W*(?:because|since|as) (.{12,}?),? (?:so|and so|thus|hence|therefore) there(?: is| are|'s) no\b"
_OF_AN_EXCHANGE = (
    rf"\b(?:i|we|me|us|my|our|you|your|{ASKED}|unknown|unavailable|missing|sensitive|access|servers?|systems?|"
    r"models?)\b"
)
# Who is asked whether something may be done, and advises against it, says no; nobody's “can you” asks that.
_WHETHER = r"(?i)(?:^|[.!?,:;]\s)\W*(?:(?:can|could|may|should|shall|might|must) \w|(?:is|would) it\b)"
_WHETHER_YOU = r"(?i)(?:^|[.!?,:;]\s)\W*(?:can|could|may|should|shall|might|must) you\b"
_ADVISES = (
    r"\b(?:i|we)(?:(?:'d| would)(?: \w+ly)? (?:not|never)| wouldn't)(?: \w+ly)? (?:advise|recommend|suggest) "
    r"(?:it|that|this|doing (?:so|it|that|this))\W*$|"
    r"\b(?:i|we)(?:'d| would)(?: \w+ly)? (?:advise|recommend|counsel) against (?:it|that|this|"
    r"doing (?:so|it|that|this))\W*$"
)
# A duty of silence: what somebody else confided is kept from others. Who refuses keeps it from “you”.
_CONFIDED = (
    r"\b(?:i|we)(?: must not| mustn't| may not| can ?not| can't| could not| couldn't| won't| will not)(?: \w+ly)? "
    r"(?:tell|say|share|show|disclose|reveal|repeat|discuss|talk|speak)(?: to| with)? (?:any(?:one|body)|others|"
    r"other people)(?: else)?\b(?: \w+){0,3}? (?:what|whatever|anything|all)(?: that)? (?:my|our) [\w-]+"
    r"(?: has| have)? (?:told|tells?|said|says?|wrote|writes?|confided|confides?|showed|shows?|entrust\w*)\b"
)
_MAKERS = (
    r"\b(?:my|our) (?:developers?|creators?|makers?|operators?|trainers?|programmers?|owners?|compan(?:y|ies)|"
    r"(?:system )?prompts?|instructions|rules|guidelines|polic(?:y|ies))\b"
)
# “In case the information is not available, the field is empty.” tells what happens then.
_IN_CASE = r"^\W*(?:in case|if|when(?:ever)?|where|unless)\b[^,]*\b(?:information|answers?|questions?)\b[^,]*,\s"
_THEN_NOTHING = rf",\s+(?:then )?(?:{ASKED}|i|we|you|your|please|sorry|there|it|that)\b"
# “No files are created” tells what a program does; “no files are attached” what its reader lacks.
_NOT_DONE = (
    r"^\W*no (?:\w+ )?(?:files?|images?|documents?|pages?|databases?|emails?|calls?|links?)"
    r"(?: is| are| was| were| will be| gets?| get) (?:\w+ly )?(?:created|written|deleted|removed|generated|made|"
    r"changed|modified|needed|required|saved|stored|used|sent|kept|lost|cached|opened|closed|locked|touched)\b"
)
# What nobody knows, “we” don't: of a question that speaks of nobody here, and of no text.
_WE_ALL = (
    r"^\W*(?:no\W+)?(?:(?:so far|currently|to date|at present|as yet)\W+)?we (?:\w+ly |still |just )?(?:do not|don't) "
    r"(?:\w+ly )?know(?: yet| for sure| for certain| with certainty)?\W*$"
)
_OF_SOMEBODY = (
    r"(?i)\b(?:i|i'm|me|my|mine|you|your|yours|us|our|ours|this|these|those|(?:the|following) (?:text|passage|context|"
    r"article|document|paragraph|story|author|speaker|order|customer|user|account|parcel|package|product|ticket))\b"
)


def tells_no(prompt: pl.Expr, sentence: pl.Expr) -> pl.Expr:
    """Tell the sentences that say no of what they are about, and so answer their prompt.

    “I was unable to find information on that.”, “I would not advise on this.” and “I can't tell you that.” do not.
    """
    found = holds(sentence, _FOUND) & ~holds(sentence, _NAMELESS)
    reason = sentence.str.extract(_REASON)
    concludes = holds(prompt, _ASKS_WHY) & ~holds(reason, _OF_AN_EXCHANGE).fill_null(value=True)
    whether = holds(prompt, _WHETHER) & ~holds(prompt, _WHETHER_YOU)
    advises = whether & holds(sentence, _ADVISES)
    confided = holds(sentence, _CONFIDED) & ~holds(sentence, _MAKERS)
    in_case = holds(sentence, _IN_CASE) & ~holds(sentence, _THEN_NOTHING)
    nobody = holds(sentence, _WE_ALL) & prompt.str.contains("?", literal=True) & ~holds(prompt, _OF_SOMEBODY)
    return found | concludes | advises | confided | in_case | nobody | holds(sentence, _NOT_DONE)
