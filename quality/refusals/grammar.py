"""The grammar of a refusal: who speaks, that he can't, won't or mayn't, a verb of assistance, and what was asked.

What tells a refusal from an honest sentence of the same verb is its object. "I cannot discuss this topic" points back
to the request; "I cannot recommend this drug in pregnancy" has an object of its own. So an object is a pronoun that
ends the thought, or a word for a request or for what is given upon one. Patterns are for sentences in lower case, with
straight apostrophes.
"""

from __future__ import annotations

_SPEAKER = r"(?:i|we|(?:the|this|your) (?:ai |virtual )?(?:assistant|chatbot|bot|model))"
_APOLOGY = r"(?:sorry|apologi[sz]e|apologies|unfortunately|regret(?:tably)?|afraid|alas)"
_BE = r"(?: ?'(?:m|re)| am| are| was| were| is|'ve been| have been)"
_ADVERB = r"(?:\w+ly |just |also |not |now |still |currently |quite |yet ){0,2}"
_FIT = (
    r"(?:able|allowed|permitted|authori[sz]ed|qualified|licensed|certified|competent|equipped|trained|designed|"
    r"programmed|built|made|meant|intended|supposed|comfortable|willing|prepared|inclined|ready|going|in a position|"
    r"at liberty|capable)"
)
_MEANS = (
    r"(?:ability|abilities|capability|capacity|means|permission|knowledge|information|expertise|authority|training|"
    r"authori[sz]ation|qualifications?|context|tools?|data|details|right|clearance)"
)
_CANNOT = (
    r"(?:(?: can ?not| can'?t| could ?n[o']t| could not| won't| will not| wouldn't| would not| must not| may not|"
    r" shall not)(?: (?:and|or) (?:will|would|do|must|can) ?not)?(?: be able to| be)?"
    rf"|{_BE} not sure(?: that| if| whether)? (?:i|we) (?:can|could|should|am able to)"
    rf"|{_BE} {_ADVERB}(?:not|n't) {_ADVERB}{_FIT}(?: to| of| with| in)?"
    rf"|{_BE} {_ADVERB}(?:unable|unwilling|incapable|unqualified|forbidden|prohibited|barred|restricted|prevented)"
    r"(?: to| of| from)"
    rf"|(?: do not| don't) {_ADVERB}(?:wish|want|intend|plan|care|feel (?:able|comfortable|qualified|right))(?: to)?"
    rf"|(?: do not| don't) {_ADVERB}(?:think|believe|feel)(?: that)? i (?:can|could|should|ought to)(?: be)?"
    r"|(?: would| ?'d| will| do)? (?:rather|prefer|choose|elect|have chosen)(?: to)? not(?: to)?"
    rf"|(?: do not have| don't have| lack) (?:the |any |enough |sufficient )?(?:\w+ )?{_MEANS}"
    r"(?: (?:needed|required|necessary))? to"
    rf"|(?: must| have to| need to| will| shall| ?'ll have to|{_BE} going to have to)? {_ADVERB}"
    r"(?:decline|refuse|abstain|refrain|declining|refusing)(?: to| from))"
)
_ASSIST = (
    r"(?:be of|help|helping|assist|assisting|aid|answer|answering|respond|responding|reply|comply|complying|provide|"
    r"providing|offer|offering|give|giving|share|sharing|discuss|discussing|comment|commenting|engage|engaging|support|"
    r"generate|generating|produce|create|creating|write|writing|complete|process|processing|fulfil|fulfill|fulfilling|"
    r"accommodate|continue|proceed|participate|address|cover|entertain|speak|talk|talking|tell|say|do|advise|"
    r"facilitate|"
    r"satisfy|honou?r|carry out|perform|execute|handle|take (?:on|part)|disclose|reveal|confirm|verify|access|find|"
    r"get into|go (?:into|along|further)|recommend|predict|look (?:that|this|it|things|anything) up)"
)
_ASKED = (
    r"(?:requests?|questions?|quer(?:y|ies)|prompts?|topics?|subjects?|matters?|issues?|contents?|information|advice|"
    r"tasks?|inquir(?:y|ies)|enquir(?:y|ies)|materials?|instructions?|details|areas?|conversations?|discussions?|"
    r"answers?|respon[sc]es?|repl(?:y|ies)|opinions?|guidance|assistance|recommendations?|kinds?|sorts?|types?|"
    r"commands?|service)"
)
# A pronoun ends the thought, or what follows says why, or for whom: no noun of its own.
_AWAY = (
    r"(?:\W*$|\W*[,;:–—-]|(?:,? (?:for you|with you|at all|here|there|either|any ?more|any further|further|because|"
    r"since|as|due to|until|unless|without|right now|at this time|at the moment|in good conscience|today)\b))"
)
_OBJECT = (
    r"(?:(?: (?:you|me|your|out|back))?(?: (?:with|to|on|about|in|for|into|of|from|any|by))?"
    rf"(?: (?:that|this|it|these|those|such|so|here|further|you|anything|more|much)){{0,2}}{_AWAY}"
    rf"|(?: (?:you|me))?(?: (?:with|to|on|about|in|for|into|of|from|by))?(?: \w+){{0,3}}? {_ASKED}\b)"
)
# Verbs that hardly take another object than the request, so that any will do.
_SERVE = (
    r"(?:help|assist|aid|comply|fulfill?|answer|respond|provid(?:e|ing)|engage|support|discuss|generat(?:e|ing)|"
    r"complete|process|offer|assisting|helping|answering|discussing|creating|writing|facilitate|accommodate)"
)
_WHAT = (
    r"(?:that|this|these|it|such|any|you|your|requests?|questions?|information|content|advice|instructions|with|an?|"
    r"about)"
)
# Only behind an apology: "I can't write" alone may be anybody's.
_DO = (
    r"(?:do|give|write|create|produce|share|continue|proceed|participate|access|recommend|perform|tell|make|say|find|"
    r"be of help|see)"
)
_TELL = (
    r"(?:tell|say|share|disclose|reveal|discuss|comment|talk|speak|go|confirm|verify|answer|help|do|respond|explain)"
)
_HELPING = (
    r"(?:helping|assisting|answering|responding|replying|providing|discussing|sharing|giving|offering|engaging|"
    r"complying|completing|generating|commenting|talking|speaking|doing|creating|writing)"
)
_MAY = (
    rf"(?:that |which |on which |about which |with which |where )?(?:i|we)(?:{_BE}| feel| would be| ?'d be)? "
    rf"{_ADVERB}(?:can|could|may|should|will|{_FIT})\b"
)
_RULES = (
    r"(?:programming|guidelines?|polic(?:y|ies)|rules?|terms|principles|instructions|training|values|standards|"
    r"restrictions|safeguards|ethics)"
)
_PROPER = r"(?:right|appropriate|ethical|responsible|proper|safe|possible|acceptable|wise|fitting)"
_WRONG = (
    rf"(?:(?:would|is|seems|feels)(?: not|n't) (?:be )?(?:\w+ )?{_PROPER}"
    r"|(?:would be|is|'s) (?:inappropriate|irresponsible|unethical|wrong|improper|unsafe|impossible)) (?:for|"
    r"of) (?:me|us) to"
)
_NOT_A = (
    r"(?:\bnot|n't|\bnothing) (?:really |quite )?(?:something|anything|one|an? (?:\w+ )?(?:topic|subject|question|"
    r"request|matter|area|thing|task|conversation))"
)
_SELF = (
    r"(?:as|being|because i ?'?a?m|since i ?'?a?m|i(?:'m| am)) (?:just |only |merely )?an? (?:[\w-]+ ){0,4}"
    r"(?:ai|language model|model|assistant|chatbot|bot|machine|artificial intelligence)\b"
    r"|as an artificial intelligence(?:,| (?:i|we|system|model|assistant)\b)"
)
_LOOK = (
    r"(?:(?:consult(?:ing)?|refer(?:ring)? (?:back )?to|see|read(?:ing)?|check(?:ing)?|visit(?:ing)?|search(?:ing)?|"
    r"review(?:ing)?|look(?:ing)? (?:at|for|in|into|up|through)|(?:have|having|take|taking) a look|"
    r"find(?:ing)? \w+(?: \w+)?)\b[^.:;]{0,40}\b(?:documentation|docs|manuals?|handbooks?|guides?|textbooks?|"
    r"dictionar(?:y|ies)|encyclop\w+|literature|faqs?|tutorials?|articles?|sources|web ?sites?|internet|web|online|"
    r"librar(?:y|ies)|forums?|wikis?)|"
    r"look(?:ing)? (?:elsewhere|(?:this|that|it|them) up)|(?:do|doing|conduct|conducting) (?:your|some))"
)
REPORTED = (
    r"[\"”'’],? (?:\w+ ){0,2}(?:said|says|replied|replies|answered|answers|asked|sang|told|wrote|writes)\b"
    r"|\b(?:said|says|replied|answered|wrote)[,:] [\"“]"
)
"""What somebody else said refuses nothing."""
OF_ANOTHER = r"\b(?:he|she) (?:\w+ed|said|told|was|had|did|went|came|wrote|gave|took|made|saw|knew|thought|left|kept)\b"
"""Nor what somebody says in a story."""

OF_A_TEXT = (
    r"\b(?:in|of|by|see) (?:their|its|the|this|an?|another|other|later|separate|next)(?: \w+){0,2} "
    r"(?:sections?|chapters?|appendix|appendices)\b"
)
"""What a text leaves to another part of it is no refusal either."""

REFUSALS = (
    # Who speaks, can't, a verb, the request: "I am not able to discuss this topic."
    r"(?:^|[,;:–—-] ?|\b(?:but|and|so|therefore|that|sorry|afraid|hmm|unfortunately|as|because|reasons?),? )"
    rf"{_SPEAKER}{_CANNOT} {_ADVERB}{_ASSIST}{_OBJECT}",
    rf"\b(?:i|we){_CANNOT} (?:\w+ly )?{_SERVE}\b(?: \w+){{0,3}}? ?(?:{_WHAT}\b|$|[.!])",
    rf"\b{_APOLOGY}\b.{{0,60}}\b(?:i|we){_CANNOT} (?:\w+ly )?{_DO}\b",
    rf"(?:{_SELF}).{{0,100}}{_CANNOT}",
    rf"\b(?:i|we) (?:refuse|decline) to (?:{_SERVE}|{_DO})\b|\b(?:i|we){_CANNOT} in good conscience\b",
    # A part of speech turned round: "That is not something I feel comfortable helping with."
    rf"{_NOT_A} {_MAY}|\b(?:something|topic|subject|question|request|matter|area)s? (?:that |which |on which |"
    rf"about which )?(?:i|we){_CANNOT}",
    r"^\W*(?:i|we) can only (?:help|answer|assist|discuss|talk|respond)\b",
    rf"\b{_APOLOGY}\b.{{0,60}}\b(?:i|we) (?:do not|don't) (?:know|understand|have (?:\w+ ){{0,3}}(?:access|answers?|"
    r"capabilit\w+|abilit\w+|context|data|details|expertise|idea|information|knowledge|means|permission|records?|"
    r"way))\b",
    # "This falls outside the scope of what I can do."
    r"\b(?:this|that|it|which|answering|request|question|topic|subject|helping)\b.{0,30}\b(?:outside|beyond|not within)"
    r"(?: of)? (?:the (?:scope|limits|bounds|range) of )?(?:what (?:i|we)\b|my\b)",
    # Rules: "Your question violates our content policy."
    r"\b(?:violat\w+|conflicts? with|go(?:es)? against|contravenes?|breach(?:es)?|against|outside|contrary to|"
    r"prohibited by|permitted (?:by|under)) (?:my|our|(?:the )?(?:usage|content|safety|community))\b(?: \w+){0,2}? ?"
    rf"(?:{_RULES})\b|\bagainst the {_RULES} (?:that )?(?:i|we)\b",
    rf"\b(?:(?:my|our)|\w+'s) (?:\w+ ){{0,2}}?{_RULES} (?:do(?:es)? not|don't|doesn't|will not|won't|prevents?|"
    rf"prohibits?|forbids?|keeps?|bars?|precludes?|stops?|requires?) (?:me|us|\w+ (?:me|us))\b",
    rf"\bi(?:{_BE}| have been) {_ADVERB}(?:trained|instructed|told|programmed|designed|asked|obliged|"
    rf"required) (?:to (?:avoid|decline|refuse|refrain)|not to (?:{_ASSIST}|{_TELL})|not to\W*$|to keep (?:this|that|"
    rf"it) (?:\w+ )?confidential)\b",
    rf"\b{_WRONG}\b",
    # What isn't done, or isn't known.
    rf"\bi {_ADVERB}(?:don't|do not) (?:do (?:that|this|such)\b|(?:engage in|discuss|comment on|answer|offer|support) "
    r"(?:\w+ ){0,4}(?:that|this|such|kind|nature|topics?|questions?|subjects?|requests?|discussions?)\b)",
    rf"\bi would (?:rather|prefer) (?:not|to avoid)(?: to| that)?(?: get into| {_HELPING}| go into)\b",
    rf"\bi {_ADVERB}(?:don't|do not) have (?:any )?access to (?:that|this|such|the requested) (?:kind of |type of )?"
    r"(?:information|data|details?|content)\b",
    r"\bi have no (?:way of knowing|(?:information|knowledge|data|answer) (?:on|about|for|to|of) (?:that|this|it|"
    r"your))\b",
    r"\bmy (?:training|knowledge)(?: data)? (?:ends?|stops?|only|do(?:es)? not|doesn't|did not|didn't|is limited)\b",
    r"\bi(?:'m| am) not (?:a|your) (?:\w+ )?(?:doctor|physician|lawyer|attorney|therapist|advis[eo]r|professional)\b"
    r".{0,40}\b(?:cannot|can't|not)\b",
    rf"\bi {_ADVERB}(?:don't|do not) (?:think|believe|feel)(?: that)? (?:it|this|that)(?: is|'s| would be)(?: \w+ly)? "
    rf"{_PROPER}(?: (?:for|of) me)? to {_ASSIST}\b",
    rf"\bi{_BE} {_ADVERB}(?:not|n't) (?:\w+ly )?(?:comfortable|happy|at ease) (?:with|about|answering|discussing) "
    rf"(?:this|that|your|such|these) {_ASKED}\b",
    # "No, I will not help with that." and what is said of a request.
    r"^\W*(?:no\W+)?i (?:have to|must|will|am going to|'m going to have to|am going to have to) (?:\w+ly )?(?:decline|"
    r"pass|say no|refuse)(?: (?:to|on|this|that|your|it|the|one|any|answering|here|request)\b.{0,60})?\W*$",
    rf"\b{_APOLOGY},? (?:but )?(?:no|not possible)\b\W*$|\bi can neither confirm nor deny\b|"
    rf"\bcannot be answered by me\b",
    rf"\b{_APOLOGY}\b.{{0,40}}\b(?:that|this|it)(?:'s| is| was) (?:not (?:possible|available|allowed|supported)"
    r"|beyond me|impossible|unavailable)(?: (?:for|to) (?:me|us)\b|.{0,24}$)",
    r"\byour (?:request|question|prompt|query)\b.{0,60} (?:cannot|can't|could not) be (?:completed|fulfilled|"
    r"processed|answered)",
)
"""What refuses, whatever its subject."""

_NO = (
    r"(?:can ?not|can'?t|could ?n[o']t|could not|won't|will not|would not|wouldn't|unable to|not (?:\w+ )?(?:able|"
    r"allowed|"
    r"permitted|willing|going|qualified|authori[sz]ed|in a position|comfortable|something|the right)|must not|may not)"
)
_PLAIN_OBJECT = r"(?: (?:that|this|it|so|you|do|help|assist|answer|comply|say|go on|with|anything))*"
REFUSING_FORMULAS = (
    rf"\b(?:i|we|model|assistant|bot)\b.{{0,12}}\b{_NO}(?: to)?\b(?: \w+){{0,3}}? (?:{_ASSIST}|{_HELPING}|let|turn)\b",
    rf"(?:^\W*|\bbut |\band )(?:{_APOLOGY}\W+(?:but )?|no\W+)*(?:i(?:'m| am)? |we )?(?:just |really |"
    rf"simply )?{_NO}{_PLAIN_OBJECT}\W*$",
    rf"^\W*(?:{_APOLOGY}\W+(?:but )?)*{_NO} (?:to )?(?:{_ASSIST}|{_HELPING})\b",
    r"\b(?:i|we|model|assistant|bot|must|have to|need to|request|question)\b.{0,20}\b(?:declin|refus|abstain|refrain|"
    r"unanswered)",
    r"\b(?:i|we|have to|to)\b.{0,24}\b(?:turn\b.{0,20} down|say no|pass on|no choice but|have to (?:stop|pass))\b|"
    r"\b(?:i|we|have to)\b.{0,24}\bleave\b",
    r"^\W*no comment\b|\bno can do\b|^\W*(?:nope|no),? .{0,24}\bsorry\W*$|^\W*(?:request|access) (?:refused|denied|"
    r"declined)\b",
    r"\bchoosing not to\b|(?:\bnot|n't) (?:something|anything) (?:that )?(?:i|we)\b|\b(?:falls?|lies?|goes|is) "
    r"(?:far )?(?:outside|beyond)(?: of)? (?:my|what (?:i|we))\b",
    r"\b(?:change|switch|drop) the (?:subject|topic)\b|\b(?:talk|speak|talked|spoke|chat) about (?:something|"
    r"anything)\b",
    r"\b(?:this|that|it|which|such|request|question|topic|subject|to (?:this|that|it))s?\b.{0,24}\b(?:out of|"
    r"outside(?: of)?|"
    r"beyond|not within|exceeds?)\b.{0,24}\b(?:scope|i can|we can|capabilit|abilit|expertise|knowledge|remit|limits|"
    r"(?:my|our|this) (?:\w+ )?area|training)",
    r"\b(?:wrong|irresponsible|inappropriate|unethical|unsafe|not (?:\w+ )?(?:appropriate|ethical|right|responsible|"
    rf"safe|possible)) (?:(?:for|of) (?:me|us) )?to {_ASSIST}\b",
    r"\b(?:i|we)\b.{0,12}\b(?:only|not) (?:able|allowed|permitted|authori[sz]ed|designed|trained|programmed|here) to\b",
    r"(?:\bnothing|n't anything|\bnot anything) (?:\w+ ){0,2}(?:i|we) can\b|\b(?:i|"
    r"we)\b.{0,16}\bkeep\b.{0,24}\b(?:private|confidential)\b",
    r"\b(?:against|violates?|break|breach(?:es)?|not permitted by|allowed by)\b.{0,12}\b(?:rules?|guidelines?|"
    r"polic(?:y|ies)|"
    r"terms|principles|programming|values|standards)\b|\b(?:my|our)\b.{0,12}\b(?:polic(?:y|ies)|guidelines|rules|"
    r"programming)\b.{0,12} (?:not|n't)\b",
    r"\b(?:request|question|prompt|query)s? (?:(?:was |is |has been |were |are )(?:denied|declined|rejected|refused|"
    r"blocked)\b(?:\W*$| due| because| for| as| by (?:our|my)\b)|(?:can ?not|can't|could not|won't|will not) be\b)",
)
"""What refuses where nothing else is said."""

REDIRECTS = (
    r"\b(?:let's|let us|perhaps we c(?:an|ould)|maybe we c(?:an|ould)|shall we|how about we|why don't we) "
    r"(?:talk|speak|discuss|move on|change|chat|focus)\b",
    r"\b(?:ask|try|choose|pick|pose|send|asking)\b(?: me)?\b.{0,20}\b(?:something|anything|another|different|other)\b",
    r"\b(?:try|check|use|search)\b.{0,32}\b(?:search engines?|elsewhere|online|the (?:web|internet)|other sources)\b",
    r"\b(?:happy|glad|pleased) to \w+\b.{0,32}\b(?:other|another|different|else)\b",
    r"\b(?:any|some)(?:thing|one) else\b|\bwh?(?:at|ow) else (?:can|may|could|would|do)\b",
    r"\b(?:see|speak(?:ing)? (?:to|with)|talk(?:ing)? (?:to|with)|turn(?:ing)? to|ask(?:ing)?|consult(?:ing)?|"
    r"contact(?:ing)?|reach(?:ing)? out to|seek(?:ing)?(?: out)?|visit(?:ing)?)\b.{0,40}\b(?:professional|doctor|"
    r"physician|lawyer|attorney|solicitor|pharmacist|therapist|expert|specialist|advis[eo]r|accountant|clinician|counsell?or)",
    # Where the asker may look instead: "I recommend that you look at the handbook."
    rf"\b(?:recommend|suggest|advise|encourage|urge)\b(?: that)?(?: you)?(?: \w+ly)?(?: to| should)? {_LOOK}\b",
    rf"\b(?:please|kindly|you (?:\w+ )?(?:can|could|may|might|should|will)|you'll)(?: \w+ly)?(?: (?:also|always|want|"
    rf"wish|like|need|try|have))?(?: to)?(?: be able to)? {_LOOK}\b",
    rf"\b(?:(?:best|better|advisable|wise|wiser|helpful|safer|safest) to|worth) {_LOOK}\b|"
    rf"^\W*(?:for [\w ]+, )?(?:(?:consider|try) )?{_LOOK}\b|\b(?:web|online|internet) search\b|\byour own research\b",
)
"""What stands around a refusal, and refuses nothing itself."""
