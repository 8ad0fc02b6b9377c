"""Prompts below which what reads like a refusal, or like the formula of a chat, is an honest answer."""

from __future__ import annotations

import polars as pl

from quality.refusals.quotations import unquoted
from quality.texts.patterns import any_of, holds, without

_ABOUT_REFUSING = (
    r"(?i)\b(?:refus\w*|apolog\w*|sorry|say(?:ing)? no|turn(?:ing|ed)? down|polite\w*|"
    r"declin\w* (?:\w+ ){0,3}(?:requests?|invitations?|meetings?|offers?|questions?|to (?:answer|help)))\b"
)
# "What happens when patients refuse?" and "Sorry to ask: what is 2 + 2?" want no such words for an answer.
_WANTS_WORDS = (
    r"(?i)\b(?:how (?:to|(?:do|can|could|should|would|might|does) (?:i|you|we|one|someone|somebody|people|a|the|my))|"
    r"ways?|polite\w*|writ\w*|give|make|compose|draft|phrases?|sentences?|samples?|examples?|e-?mails?|letters?|"
    r"messages?|notes?|reply|replies|respon[dsc]\w*|say(?:s|ing)?|said|word(?:s|ing)?|express\w*|templates?|re(?:write|"
    r"phrase)|tell (?:him|her|them|my|an?|the|someone|somebody))\b"
)
_ABOUT_ASSISTANTS = (
    r"(?i)\b(?:you|your|yourself|ai|chat ?bots?|assistants?|language models?|robots?|chat ?gpt\S*|gpt\S*|llms?|openai|"
    r"turing)\b"
)
# What it is good for is about itself, though "Can you help me with a talk?" is not.
_ABILITIES = r"(?i)\b(?:what|how) (?:else )?(?:can|could|will|do) you (?:help|assist)\b"

# What is asked of "you" so is about something else: "Could you explain it?", "How would you define it?"; and so is what
# anybody does ("when you divide by zero", "keeping your boat dry"), and what an answer is to be like ("in your own
# words"). What is asked "regarding your opinions" is not, and is put back.
_TASK = (
    r"(?:tell|give|show|explain|describe|define|list|name|write|summari[sz]e|outline|compare|provide|suggest|recommend|"
    r"find|translate|make|create|generate|help|assist|advise|check|clarify|elaborate|expand|break|walk|teach|identify|"
    r"solve|calculate|compute|convert|rewrite|edit|proofread|correct|draft|prepare|design|plan|point|guide|fix|review|"
    r"illustrate|demonstrate|analy[sz]e|evaluate|interpret|inform|brief|detail|document|classify|extract|propose|do me|"
    r"(?:say|speak|talk|comment)(?: [\w'’-]+){0,5}? (?:on|about|of|regarding|concerning))"
)
_PUT_BACK = "(?:during|regarding|concerning|including) your"
_ASKS = (
    rf"(?i)\b(?:({_PUT_BACK})|"
    r"(?:can|could|would|will|may i ask|i would like|i'd like) you(?: to)?(?: please| kindly| briefly| also| "
    rf"quickly| perhaps| possibly| maybe)? {_TASK}|how (?:would|do|can|could|might|should) you (?:\w+ly )?(?:{_TASK}|"
    r"put|say|use|handle|get|build|spell|pronounce|treat|set|change|add|remove|know|configure|install|run|test|measure)|"
    r"what (?:can|could|would) you (?:tell|say)|(?:do|would|can|could) you (?:recommend|suggest|advise|propose)|"
    r"do you know|(?:want|like|need) you to|thank you|(?:if|when|whenever|before|after|unless|once|while|until|because|"
    r"where) you|(?:in|using) your own words|\w{3,}ing your|your (?:answer|reply|response|explanation|reasoning|"
    r"summary|solution|output))\b"
)
_WORDS = (
    r"(?i)\b(?:translat\w*|(?:in|into) (?:english|german|french|spanish|portuguese|italian|dutch)|paraphras\w*|quot\w*|"
    r"lyrics?|role-?play\w*|pretend|act as|dialog(?:ue)?s?|greet\w*|how (?:do|would|can) (?:you|i|we|one) say|"
    r"übersetz\w*|tradu\w*|vertaal\w*)\b"
)
_COMPLAINT = (
    r"(?i)\b(?:my|our|i|we)\b.{0,60}\b(?:not|\w+n['’]t|never|broken|late|wrong|missing|lost|cancel\w*|refund\w*|"
    r"order\w*|account|deliver\w*|bought|received|return\w*|charged|paid|expired)\b"
)
_SALUTE = (
    r"(?i)^\W*(?:hi|hello|hey|greetings|good (?:morning|afternoon|evening|day)|thanks?|thank you|bye|goodbye|"
    r"how are you|(?:it(?:'s| is| was) )?(?:an? )?(?:very )?(?:nice|pleased|glad|good|lovely|great|pleasure) to "
    r"(?:meet|see) you|hallo|guten (?:tag|morgen)|bonjour|salut|saluti|hola|saludos|olá|saudações|ciao|auguri)\b"
    r".{0,40}$"
)
_YES_OR_NO = r"(?i)(?:^|[.!?,] )(?:can|could|is|are|was|were|do|does|did|will|would|should|may|shall|have|has|am)\b"
# Who says what is so wants nothing but a yes; a question, a wish or a task wants more.
_STATES = (
    r"(?i)^\W*(?:(?:i|you|we|he|she|it|they|this|that|these|those|there|the|an?|my|your|our|his|her|its|their|all|some|"
    r"no|every|if)\b.{0,60}?|[\w'’-]+(?: [\w'’-]+)?) (?:is|are|was|were|am|has|have|had|can|could|will|would|should|"
    r"must|may|might|do|does|did|means?)\b"
)
_WANTS = (
    r"(?i)\b(?:who|whom|whose|what|which|when|where|why|how|please|want|wants|need|needs|would like|wish|"
    r"ask(?:ed|ing)?|explain|describe|define|write|tell|give|show|list|name|translate|summari[sz]e|compare|find|"
    r"solve|help|let me)\b"
)
_TALKS = r"(?i)^\W*(?:i|you|we|they|he|she|it|that|there)(?:['’](?:m|re|s|ve|ll|d|t))?\b[^?]*\??$"
_WISHES = (
    r"(?i)\b(?:please|want|wants|need|needs|would like|wish|ask(?:ed|ing)?|explain|describe|define|write|tell|give|"
    r"show|list|name|translate|summari[sz]e|compare|find|solve|help|let me|know|wonder\w*|looking for|curious|how|what|"
    r"why|should|can i|could i)\b|['’]d like\b"
)
_INTERFACE = r"(?i)\b(?:errors?|status|https?|exceptions?|buttons?|labels?|menus?|ui|interface)\b"
# A text of somebody's is asked for, or what somebody says.
_PUT = (
    r"(?i)\b(?:write|give|make|compose|draft|form|create|suggest|show|tell|provide|what is|"
    r"what's)\b.{0,48}\b(?:sentences?|lines?|quot\w*|messages?|tweets?|mottos?|repl(?:y|ies)|respon[sc]es?|notes?|"
    r"slogans?|captions?|dialog(?:ue)?s?|monolog(?:ue)?s?|phrases?|idioms?|disclaimers?|voicemail|statements?|diary|"
    r"confessions?|reviews?|docstrings?|jokes?|haikus?|speech|text|apolog\w*|template|e-?mails?|macro|rules?|prompt|"
    r"last words|question|greeting|metaphors?|similes?|another word|synonym|opposite|resolution|microcopy)\b|"
    r"\b(?:role-?play|act as|you are an?|pretend|imagine|rewrite|rephrase|paraphras\w*|reword|put (?:in|this|it)|"
    r"turn (?:in|this|it)|make (?:this|it)|correct the|fill (?:in|the)|extract|classify|(?:complete|continue|"
    r"finish) (?:the|this)|lyrics|who (?:said|says|wrote)|write (?:what|as)|quote)\b|^\W*(?:complete|continue|finish|"
    r"summari[sz]e)\b.{0,24}:|\b(?:does|did|do|would|should|can|could) (?:[\w’'-]+ ){1,5}?(?:say|answer|reply|"
    r"keep saying)\b"
)
_SAY_IT = r"(?i)\b(?:repeat|say|type|print|echo|output)\b"
_PASSAGE = r"(?s)^.{400,}"  # characters: a text that may well not hold what is asked of it
_UNSURE = r"(?i)\b(?:(?:not|n['’]t) (?:know|sure|certain)|unsure|unanswerable|no answer|not enough)\b"
_HOW_TO = (
    r"(?i)^\W*(?:how|why|when|where|should|can) (?:do|does|can|could|should|would|to|i|we|one)\b.{0,16}\b(?:write|make|"
    r"draft|form|create)\b"
)
_TOLD_OF = (
    r"(?i)\b(?:does|did|do|according to|in) the (?:passage|texts?|articles?|stor(?:y|ies)|documents?|"
    r"paragraphs?|authors?)\b"
)
_DEFINES = r"(?i)\b(?:defin\w+|means?|meant|meaning|stand for)\b"
_SPEAKS = r"(?i)\b(?:i|we|me|us|my|our|you|your|sorry|this|requests?|questions?)\b"
_SAY_ON = (
    r"(?i)\b(?:can|could|would|will) you(?: \w+)? (?:say|speak|talk|comment|remark|tell)(?: [\w'’-]+){0,5}? "
    r"(?:on|about|of|regarding|concerning)\b"
)
# What a word means is no word that somebody says.
_MEAN_BY = (
    r"(?i)\b(?:mean|means|meant|understand|understood|refer|refers)\b(?: (?:to|by))? (?:when|by|if|whenever)\b"
    r"(?: [\w’'-]+){0,3}? (?:say|says|said|saying)\b"
)
_OF_YOU = r"(?i)^\W*(?:do|are|have|did|will|can|could|would) you\b"
# By kind of formula, as `quality.refusals.refusals` names them.
_FITTING = {
    "refusing": (_UNSURE,),
    "unseen": (_UNSURE,),
    "ignorance": (_UNSURE, _PASSAGE, _TOLD_OF),
    "interface": (_INTERFACE,),
    "asking": (_COMPLAINT, _SALUTE),
    "closing": (_COMPLAINT, _SALUTE),
    "greeting": (_COMPLAINT, _SALUTE, _SAY_IT),
    "assent": (_SALUTE, _YES_OR_NO),
}
# Nobody but a witness or a suspect refuses on such grounds.
_BEFORE_A_COURT = (
    r"(?i)\bincriminat\w+|\b(?:on|upon) (?:the )?advice of (?:my )?(?:counsel|lawyer|attorney|solicitor)\b|"
    r"\bwithout my (?:lawyer|attorney|solicitor|counsel)\b|\b(?:plead|take|invoke) (?:the fifth|my (?:\w+ )?rights?)\b"
)
_WRITES = r"(?i)\b(?:write|draft|compose|word|phrase|give|make|add|create|show|suggest|provide|put)\b"
_NO_ADVICE = r"(?i)\bdisclaim\w*|\b(?:no|not|isn['’]t) (?:\w+ )?advice\b"
_DISCLAIMS = r"(?i)\b(?:nothing|no|not|none|neither|isn['’]t)\b[^.!?]{0,60}\badvice\b"
# “The past of Rome” is no form of a word.
_WORD_FORM = (
    r"(?i)\b(?:past|negative|negated|contracted|short|full|long) (?:tense|participle|form)s? of\b|"
    r"\b(?:contractions?|abbreviations?|negations?|negatives?|opposites?|antonyms?) of\b|\bpast of ['‘“\"]"
)
_NEGATED = (
    r"(?i)^\W*(?:(?:i|we|you|he|she|it|they) )?(?:(?:is|are|was|were|has|have|had|do|does|did|ca|could|wo|would|sha|"
    r"should|must|might|may|need|dare)n['’]t|cannot|(?:am|is|are|was|were|has|have|had|do|does|did|can|could|will|would|"
    r"shall|should|must|might|may|need|dare) not)\W*$"
)
BARE = " .,;:!?…\"'“”()[]"


def ask_for_formulas() -> pl.Expr:
    """Tell the rows (`prompt, answer, kind`) whose prompt a formula of this kind answers, or that offer it.

    Such prompts ask for words of refusal, for a translation or a role, hold the answer's words ("say 'I don't know'"),
    tell a complaint, greet, ask yes or no, or say what is so. No prompt but one about assistants is answered by saying
    that one is one.
    """
    prompt, kind = pl.col("prompt"), pl.col("kind")
    said = pl.col("answer").str.to_lowercase().str.strip_chars(BARE)
    offered = prompt.str.to_lowercase().str.contains(said, literal=True)
    fitting = [(kind == name) & any_of(patterns, prompt) for name, patterns in _FITTING.items()]
    about = (kind == "self") & speak_of_assistants()
    put = kind.is_in(["refusing", "unseen", "ignorance", "interface"]) & ask_for_words()
    # "Not able to speak." is what a word means; nobody refuses there.
    defines = (kind == "refusing") & holds(prompt, _DEFINES) & ~holds(pl.col("answer"), _SPEAKS)
    agrees = (kind == "assent") & small_talk()
    formed = (kind == "refusing") & ask_for_a_form()
    return pl.any_horizontal(
        ask_to_refuse() & (kind != "self"),
        holds(prompt, _WORDS),
        offered,
        about,
        agrees,
        formed,
        defines,
        put,
        *fitting,
    )


def ask_to_refuse() -> pl.Expr:
    """Tell the rows whose `prompt` wants words of refusal or apology: "How do I say no to my boss?"."""
    return holds(pl.col("prompt"), _ABOUT_REFUSING) & holds(pl.col("prompt"), _WANTS_WORDS)


def ask_for_words() -> pl.Expr:
    """Tell the rows whose `prompt` wants somebody's text, or what somebody says; not how such a text is written.

    "Could you say a few words on it?" wants to be told of it.
    """
    prompt = pl.col("prompt")
    return holds(without(prompt, f"{_SAY_ON}|{_MEAN_BY}", " "), _PUT) & ~holds(prompt, _HOW_TO)


def ask_for_its_words() -> pl.Expr:
    """Tell the rows whose `prompt` wants what somebody says who has to refuse, or advise nothing, and gets just that.

    A witness refuses on grounds that nobody else has; and what disclaims advice does so in its own name, no “I” speaks
    there. To be sent to a lawyer is no disclaimer.
    """
    prompt, answer = pl.col("prompt"), pl.col("answer")
    witness = ask_for_words() & holds(answer, _BEFORE_A_COURT)
    wanted = holds(prompt, _WRITES) & holds(prompt, _NO_ADVICE)
    return witness | wanted & holds(answer, _DISCLAIMS) & ~holds(answer, r"\b(?:I|I['’]m|[Mm]y|[Mm]e)\b")


def ask_for_a_form() -> pl.Expr:
    """Tell the rows whose `prompt` wants a form of a word, and whose `answer` is a verb with its “not” alone."""
    return holds(pl.col("prompt"), _WORD_FORM) & holds(pl.col("answer"), _NEGATED)


def ask_you() -> pl.Expr:
    """Tell the rows whose `prompt` begins with a question about "you"; "Could you explain it?" asks for a task."""
    return holds(pl.col("prompt").str.replace_all(_ASKS, " ${1} "), _OF_YOU)


def small_talk() -> pl.Expr:
    """Tell the rows whose `prompt` says what is so, or talks of somebody, and wants nothing told."""
    prompt = pl.col("prompt")
    states = holds(prompt, _STATES) & ~holds(prompt, _WANTS)
    return states | holds(prompt, _TALKS) & ~holds(prompt, _WISHES)


def speak_of_assistants() -> pl.Expr:
    """Tell the rows whose `prompt` is about assistants, or asks one about itself; "Could you explain it?" doesn't."""
    prompt = unquoted(pl.col("prompt"))
    return holds(prompt.str.replace_all(_ASKS, " ${1} "), _ABOUT_ASSISTANTS) | holds(prompt, _ABILITIES)
