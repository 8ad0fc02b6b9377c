"""The grammar of a refusal: who speaks, that he can't, won't or mayn't, a verb of assistance, and what was asked.

What tells a refusal from an honest sentence of the same verb is its object. "I cannot discuss this topic" points back
to the request; "I cannot recommend this drug in pregnancy" has an object of its own. So an object is a pronoun that
ends the thought, or a word for a request or for what is given upon one. Patterns are for sentences in lower case.
"""

_SPEAKER = r"(?:i|we|(?:the|this|your) (?:ai |virtual )?(?:assistant|chatbot|bot|model))"
_BE = r"(?: ?['’](?:m|re)| am| are| was| were| is|['’]ve been| have been)"
_ADVERB = r"(?:\w+ly |just |also |not |now |still |currently |quite |yet ){0,2}"
_FIT = (
    r"(?:able|allowed|permitted|authori[sz]ed|qualified|licensed|certified|competent|equipped|trained|designed|"
    r"programmed|built|made|meant|intended|supposed|comfortable|willing|prepared|inclined|ready|going|in a position|"
    r"at liberty|capable)"
)
_MEANS = (
    r"(?:ability|abilities|capability|capacity|means|permission|knowledge|information|expertise|authority|training|"
    r"qualifications?|context|tools?|data|details|right|clearance)"
)
_CANNOT = (
    rf"(?:(?: can ?not| can['’]?t| could ?n[o'’]t| won['’]?t| will not| wouldn['’]t| would not| must not| may not)"
    rf"(?: be able to| be)?"
    rf"|{_BE} not sure(?: that| if| whether)? (?:i|we) (?:can|could|should|am able to)"
    rf"|{_BE} {_ADVERB}(?:not|n['’]t) {_ADVERB}{_FIT}(?: to| of| with| in)?"
    rf"|{_BE} {_ADVERB}(?:unable|unwilling|incapable|unqualified|forbidden|prohibited|barred|restricted|prevented)"
    rf"(?: to| of| from)"
    rf"|(?: do not| don['’]t) {_ADVERB}(?:wish|want|intend|plan|care|feel (?:able|comfortable|qualified|right))(?: to)?"
    rf"|(?: do not| don['’]t) {_ADVERB}(?:think|believe|feel)(?: that)? i (?:can|could|should|ought to)(?: be)?"
    rf"|(?: would| ?['’]d| will| do)? (?:rather|prefer|choose|elect|have chosen)(?: to)? not(?: to)?"
    rf"|(?: do not have| don['’]t have| lack) (?:the |any |enough |sufficient )?(?:\w+ )?{_MEANS}"
    rf"(?: (?:needed|required|necessary))? to"
    rf"|(?: must| have to| need to| will| shall| ?['’]ll have to|{_BE} going to have to)? {_ADVERB}"
    rf"(?:decline|refuse|abstain|refrain|declining|refusing)(?: to| from))"
)
_ASSIST = (
    r"(?:be of|help|helping|assist|assisting|aid|answer|answering|respond|responding|reply|comply|complying|provide|"
    r"providing|offer|offering|give|giving|share|sharing|discuss|discussing|comment|commenting|engage|engaging|support|"
    r"generate|generating|produce|create|creating|write|writing|complete|process|processing|fulfil|fulfill|fulfilling|"
    r"accommodate|continue|proceed|participate|address|cover|entertain|speak|talk|talking|tell|do|advise|"
    r"facilitate|satisfy|honou?r|carry out|perform|execute|handle|take on)"
)
_ASKED = (
    r"(?:requests?|questions?|quer(?:y|ies)|prompts?|topics?|subjects?|matters?|issues?|contents?|information|advice|"
    r"tasks?|inquir(?:y|ies)|enquir(?:y|ies)|materials?|instructions?|details|areas?|conversations?|discussions?|"
    r"answers?|respon[sc]es?|repl(?:y|ies)|opinions?|guidance|assistance|recommendations?|kinds?|sorts?|types?|"
    r"commands?|service)"
)
# A pronoun ends the thought, or what follows says why, or for whom: no noun of its own.
_AWAY = (
    r"(?:\W*$|\W*[,;:–—-]|(?:,? (?:for you|with you|at all|here|either|any ?more|any further|further|because|since|as|"
    r"due to|until|unless|without|right now|at this time|at the moment|in good conscience|today|anymore)\b))"
)
_OBJECT = (
    rf"(?:(?: (?:you|me|your|out|back))?(?: (?:with|to|on|about|in|for|into|of|from|any|by))?"
    rf"(?: (?:that|this|it|these|those|such|so|here|further|you|anything|more|much)){{0,2}}{_AWAY}"
    rf"|(?: (?:you|me))?(?: (?:with|to|on|about|in|for|into|of|from|by))?(?: \w+){{0,3}}? {_ASKED}\b)"
)
_LEAD = r"^\W*(?:(?:\w+ ?['’]?\w*\W+){0,6}?)??"
_APOLOGY = r"(?:sorry|apologi[sz]e|apologies|unfortunately|regret(?:tably)?|afraid|alas)"
_NOT_A = (
    r"(?:\bnot|n['’]t) (?:really |quite )?(?:something|anything|one|an? (?:\w+ )?(?:topic|subject|question|"
    r"request|matter|"
    r"area|thing|task|conversation))"
)
_MAY = (
    rf"(?:that |which |on which |about which |with which |where )?(?:i|we)(?:{_BE}| feel| would be| ?['’]d be)? "
    rf"{_ADVERB}(?:can|could|may|should|will|{_FIT})\b"
)
_RULES = (
    r"(?:programming|guidelines?|polic(?:y|ies)|rules?|terms|principles|instructions|training|values|standards|"
    r"restrictions|safeguards|ethics)"
)
_WRONG = (
    r"(?:(?:would|is|seems|feels) (?:not|n['’]t) (?:be )?(?:\w+ )?(?:right|appropriate|ethical|responsible|proper|safe|"
    r"possible|acceptable|wise|fitting)"
    r"|(?:would|is)(?:n['’]t) (?:be )?(?:right|appropriate|ethical|responsible|proper|safe|possible|acceptable|wise)"
    r"|(?:would be|is|['’]s) (?:inappropriate|irresponsible|unethical|wrong|improper|unsafe|"
    r"impossible)) for (?:me|us) to"
)
_SELF = (
    r"(?:as|being|because i ?['’]?a?m|since i ?['’]?a?m) an? (?:[\w-]+ ){0,4}(?:ai|model|assistant|chatbot|bot|machine|"
    r"artificial intelligence)\b|as an artificial intelligence,? i\b"
)
REPORTED = (
    r"[\"”'’],? (?:\w+ ){0,2}(?:said|says|replied|replies|answered|answers|asked|sang|told|wrote|writes)\b"
    r"|\b(?:said|says|replied|answered|wrote)[,:] [\"“]"
)
"""What somebody else said refuses nothing."""

REFUSALS = (
    # "I am not able to discuss this topic."
    rf"(?:^|[,;:–—-] ?|\b(?:but|and|so|therefore|that|sorry|afraid|hmm|unfortunately|as|because|reasons?),? )"
    rf"{_SPEAKER}{_CANNOT} {_ADVERB}{_ASSIST}{_OBJECT}",
    rf"\b(?:{_SELF}).{{0,100}}{_CANNOT}",
    rf"\b{_APOLOGY}\b.{{0,60}} (?:and|but) (?:cannot|can['’]?t|could not|am unable to) {_ASSIST}{_OBJECT}",
    # "That is not something I feel comfortable helping with."
    rf"{_NOT_A} {_MAY}",
    rf"\b(?:topic|subject|question|request|matter|area)s? (?:that |which |on which |about which )?(?:i|we){_CANNOT}",
    # "This falls outside the scope of what I can do."
    r"\b(?:this|that|it|which|answering|request|question|topic|subject|helping)\b.{0,30}\b(?:outside|beyond)(?: of)? "
    r"(?:the (?:scope|limits|bounds|range) of )?(?:what (?:i|we)\b|my\b)",
    # "Your question violates our content policy."
    rf"\b(?:violat\w+|conflicts? with|go(?:es)? against|contravenes?|breach(?:es)?|against|contrary to|prohibited by|"
    rf"permitted (?:by|under)) (?:my|our|(?:the )?(?:usage|content|safety|community))\b(?: \w+){{0,2}}? ?"
    rf"(?:{_RULES})\b|\bagainst the {_RULES} (?:that )?(?:i|we)\b",
    rf"\b(?:my|our) (?:\w+ ){{0,2}}?{_RULES} (?:do(?:es)? not|don['’]t|doesn['’]t|will not|won['’]t|prevents?|"
    rf"prohibits?|"
    rf"forbids?|keeps?|bars?|precludes?|stops?|requires? me|tells? me)\b",
    # "It would not be right for me to write that."
    rf"\b{_WRONG}\b",
    # "Sorry, but no." "No, I will not help with that."
    rf"\b{_APOLOGY},? (?:but )?(?:no|not possible)\b\W*$",
    r"^\W*(?:no\W+)?i (?:have to|must|will|am going to|['’]m going to have to|"
    r"am going to have to) (?:\w+ly )?(?:decline|pass|"
    r"say no|refuse)(?: (?:to|on|this|that|your|it|the|one|answering|here|request)\b.{0,40})?\W*$",
    rf"\bi {_ADVERB}(?:don['’]t|do not) do (?:that|this|such)\b(?: (?:kind|sort|type))?",
    rf"\bi(?:{_BE}| have been) {_ADVERB}(?:trained|instructed|told|programmed|designed|asked) (?:to (?:avoid|"
    rf"decline|refuse"
    rf"|refrain)|not to)\b",
    # "There is nothing I can say about that."
    r"\bthere(?: is|['’]s) nothing (?:more |else )?(?:that )?i can (?:say|do|tell|share|offer|"
    r"add)\b(?: (?:about|on|for|to) "
    r"(?:that|this|it|you)\b|\W*$)",
    r"\b(?:your |this |the )(?:\w+ )?(?:request|question|prompt|query|message)(?: has been| was| is| had to be) "
    r"(?:denied|declined|rejected|refused|blocked|withheld|filtered|flagged)\b(?:\W*$| because it| by (?:our|"
    r"my)\b| as it)",
    r"\bmy (?:training|knowledge)(?: data)? (?:ends?|stops?|only|does not|doesn['’]t|is limited)\b",
    r"\bi ?['’]?a?m not (?:a|your) (?:\w+ )?(?:doctor|physician|lawyer|attorney|therapist|advis[eo]r|professional)\b"
    r".{0,40}\b(?:cannot|can['’]t|not)\b",
    # In German, French, Spanish, Portuguese, Italian, Dutch: what a model says of itself, or that it can't help.
    r"\bals (?:ki\b|künstliche intelligenz|sprachmodell|virtueller assistent|ai\b|taalmodel).{0,80}\b(?:nicht|"
    r"kein\w*|niet|"
    r"geen)\b|\bals (?:ki|ai)-\w+.{0,80}\b(?:nicht|kein\w*|niet|geen)\b"
    r"|\b(?:nicht|niet)\b.{0,30}\bals (?:ki|ai)\b",
    r"\ben tant qu(?:e |['’])(?:modèle|ia\b|intelligence artificielle|assistant).{0,60}\b(?:ne|n['’])",
    r"\bil m['’]est impossible de (?:répondre|vous aider|fournir|donner|traiter|satisfaire)",
    r"\bcomo (?:modelo|ia\b|inteligencia artificial|assistente|asistente|inteligência artificial|um modelo|un modelo)"
    r".{0,60}\b(?:no|não)\b",
    r"\b(?:in quanto|come) (?:modello|ia\b|intelligenza artificiale|assistente).{0,60}\bnon\b",
)
"""What refuses, by the grammar above."""

REDIRECTS = (
    r"\b(?:let['’]s|let us|perhaps we c(?:an|ould)|maybe we c(?:an|ould)|shall we|how about we|why don['’]t we) "
    r"(?:talk|speak|discuss|move on|change|chat|focus)\b",
    r"\b(?:ask|try|choose|pick|pose|send|asking)\b(?: me)?\b.{0,20}\b(?:something|anything|another|different|other)\b",
    r"\b(?:any|some)(?:thing|one) else\b|\bwh?(?:at|ow) else (?:can|may|could|would|do)\b",
    r"\b(?:could|can|would) you (?:please )?(?:share|provide|give|rephrase|clarify|reword)\b|"
    r"\bplease (?:rephrase|try again|"
    r"reword)\b",
    r"\b(?:please )?(?:see|speak (?:to|with)|talk (?:to|with)|turn to|ask)\b.{0,40}"
    r"\b(?:professional|doctor|physician|lawyer|attorney|solicitor|pharmacist|therapist)",
)
"""What stands around a refusal, and refuses nothing itself."""
