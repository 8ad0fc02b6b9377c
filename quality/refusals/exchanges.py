"""Prompts that ask an assistant for nothing, and what nobody but an assistant says to one.

A line of a film, a joke and a turn of a conversation have an "I" who won't, can't or doesn't know, as any person does.
Whoever declines a request speaks of it ("this question", "assist", "not able to"), or begins with an apology for it.
So below such a prompt words of refusal count only where the answer does either.
"""

from __future__ import annotations

import polars as pl

from quality.refusals.prompts import ask_you, small_talk
from quality.texts.patterns import holds

# A line, a joke or a passage is wanted; “line of code” is a thing to be told of.
_PIECES = (
    r"(?i)\b(?:(?:one-?)?liners?|lines?\b.{0,24}\b(?:by|from|spoken|said|on|about)\b|(?:memorable|famous|good|great|"
    r"funny|best|favou?rite|last) (?:lines?|words)|lines? of (?:\p{Lu}|the (?:film|movie|play|song))|quotes?|"
    r"quotations?|jokes?|sayings?|proverbs?|maxims?|aphorisms?|epigrams?|catch ?phrases?|punch ?lines?|"
    r"fortune cookies?|(?:nice|good|fine|beautiful|short) passages?|something (?:funny|witty|wise|to read)|"
    r"make me (?:laugh|smile)|limericks?|poems?|haikus?|lyrics)\b|^\W*quote \p{Lu}"
)
# What somebody says, and not about what; what somebody might say is made up.
_BEHIND_SAY = r" [^?.]{1,60}? (?:say|says|said)\b(?: (?:in|to|when|as|after|before)\b|\W*$)"
_SAYS, _MIGHT_SAY = (rf"(?i)\b(?:{words}){_BEHIND_SAY}" for words in ("does|did|do", "would|that"))
# Somebody's part is played: “Answer as Bartleby would.” Who answers as an expert would, or briefly, has a name of none.
_PLAYS = (
    r"\b(?i:answer|reply|respond|speak|talk)(?i:(?: to)? (?:this|that|it|me|the question))?,? (?i:as|like|the way) "
    r"\p{Lu}[\p{L}'’.-]+(?: \p{Lu}[\p{L}'’.-]*){0,3} (?i:would|might|did|does)\b"
)
# Of people who talk with each other.
_TURN = (
    r"(?i)\b(?:(?:ha){2,}h?|lo+l|ye+ah+|yea|ye+p|yup|nah|nope|wo+w|woah|whoa|o+h+|ah+|aw+|hm+|huh|hey|gosh|dude|omg|xd|jk|"
    r"gotcha|ugh|cool|nice|awesome|great|exactly|true|right|okay|ok|lit|ya|thanks|sorry|really|well)\b|[:;]-?[)(DP](?:\W|$)"
)
_FIRST_PERSON = r"(?i)\b(?:i|i['’]?(?:m|ve|ll|d)|im|ive|me|my|we|we['’](?:re|ve|ll|d)|our|us)\b"
# Something is wanted all the same: to be told, to be done, or to be served.
_WANTED = (
    r"(?i)\b(?:please|explain|describe|define|write|translat\w*|summari[sz]e|compare|solve|calculate|help|let me know|"
    r"(?:i|we) (?:need|want to know|wish|would like)|i['’]d like|(?:tell|give|show|find|teach|send|make|get) (?:me|us)|"
    r"recommend\w*|suggest\w*|advi[cs]e|(?:can|could|would|will) you|(?:can|should|could|may|must|do|does|shall) "
    r"(?:i|we)|how (?:do|does|can|could|should|to|many|much|long|far|old|often|is|are)|what (?:is|are|was|should|"
    r"does|did|would|can|could|causes?) (?:the|an?|i|my|we|our|it|this|that)|what['’]?s (?:the|an?|wrong|my)|why "
    r"(?:is|are|do|does|did|was|were|won|can)|questions?|requests?|looking for|wonder\w*|curious|orders?|account|"
    r"refunds?|deliver\w*|charged|subscription|password|log ?in|install\w*|error|warranty|invoice|payment|broken|"
    r"symptoms?|medication)\b"
)
# What an answer calls the exchange by, or what its speaker is or does in it.
_OF_AN_EXCHANGE = (
    r"(?i)\b(?:requests?|requested|questions?|quer(?:y|ies)|prompts?|topics?|subjects?|[ie]nquir(?:y|ies)|instructions|"
    r"guidelines|polic(?:y|ies)|programming|programmed|ai|a\.i\.|artificial intelligence|language model|assistant|"
    r"chat ?bot|computer program|assist\w*|comply|fulfil|fulfill|information|advice|advise|answers?|answering|"
    r"respond\w*|provid(?:e|ing)|discuss\w*|declin(?:e|ing)|generate|content|consult|professional|inappropriate|"
    r"appropriate|unethical|capabilit\w+|inconvenience|comment|(?:my|in) training|my knowledge|support you|explain\w*|"
    r"unanswered|experts?|material|copyright\w*|jokes|poems|quotes|quotations|for safety|"
    r"(?:my|your|content|safety) (?:rules|reasons|filters?)|(?:outside|beyond)(?: of)? (?:what|my|our|the scope))\b|"
    r"\b(?:write|do|make|share|continue|give|say|tell) (?:\w+ )?(?:(?:this|that|it|any)\b.{0,16}\b(?:for|with|about) "
    r"(?:you|that|this|it|me)|with this (?:conversation|chat)|details)\b|"
    r"\b(?:have|going|forced|obliged) to (?:\w+ ){0,2}?(?:refuse|say no to (?:that|this|it)|pass on (?:this|that|it)|"
    r"turn (?:this|that|it) down)\b|\bnot (?:something|anything|a thing) (?:that )?i(?:['’]m| am| can)\b|"
    r"\bhelp\w*(?: you)?(?: out)? (?:with|on|about|here|there)\b|\b(?:talk|speak|tell you|go|get) (?:about|into) "
    r"(?:this|that|it)\b|\b(?:any|further|be of) help\b|"
    r"\bi(?:['’]m| am) (?:\w+ )?(?:not |un)(?:\w+ )?(?:able|allowed|permitted|authori[sz]ed|qualified|licensed|"
    r"designed|trained|equipped|at liberty|in a position|comfortable|prepared|willing)\b|"
    r"\bi(?:['’]m| am) (?:\w+ )?(?:restricted|forbidden|prohibited|barred|instructed|told not|asked not)\b"
)
_APOLOGY = (
    r"(?i),? (?:(?:i['’]m|i am) )?(?:sorry|afraid)\W*$|^\W*(?:no\W+)?(?:(?:i(?:['’]m| am| do|['’]d)? (?:\w+ )?)?"
    r"(?:sorry|afraid|apologi[sz]e|regret)|(?:my )?apologies|unfortunately|regrettably|sadly|forgive me|"
    r"thanks for asking)\b"
)
_POINTS = r"(?i)\b(?:this|that|it|one|here|there)\b(?: one)?(?:\W*$|[.,;:!?]| (?:because|since|as|for|with|at)\b)"


def ask_for_pieces() -> pl.Expr:
    """Tell the rows whose `prompt` wants a quotation, a joke or the like, or what somebody says in a film."""
    return holds(pl.col("prompt"), _PIECES) | holds(pl.col("prompt"), _SAYS)


def ask_for_lines() -> pl.Expr:
    """Tell the rows whose `prompt` wants one of these, or what somebody might say, or an answer in his place."""
    return ask_for_pieces() | pl.any_horizontal(pl.col("prompt").str.contains(words) for words in (_MIGHT_SAY, _PLAYS))


def converse() -> pl.Expr:
    """Tell the rows whose `prompt` is a turn of people who talk, and asks for nothing to be told or done."""
    prompt = pl.col("prompt")
    wanted = holds(prompt, _WANTED)
    talks = holds(prompt, _FIRST_PERSON) & ~prompt.str.contains(r"\?\W*$") | holds(prompt, _TURN)
    return ask_you() | (small_talk() | talks) & ~wanted


def of_an_exchange() -> pl.Expr:
    """Tell the rows whose `answer` speaks of the request, or of what its speaker is to do about one.

    Who apologises for “this” or “that” speaks of it as well.
    """
    answer = pl.col("answer")
    return holds(answer, _OF_AN_EXCHANGE) | apologises() & holds(answer, _POINTS)


def apologises() -> pl.Expr:
    """Tell the rows whose `answer` begins or ends with an apology."""
    return holds(pl.col("answer"), _APOLOGY)
