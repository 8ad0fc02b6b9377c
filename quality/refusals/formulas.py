"""Formulas that stand where an answer should: a question back, a greeting, a farewell, "I don't know", an interface.

In many an honest answer they open or close what is said, and in a chat or a service desk they are what is said. So they
count only where the rest of the answer says nothing either, and pools in which a kind of them is the custom keep it.
Patterns are for sentences in lower case, with straight apostrophes.
"""

from __future__ import annotations

_I = r"\b(?:i|we)"
_NOT = r"(?: not|n't)"
_LEAD = (
    r"^\W*(?:(?:well|oh|hmm+|sorry|unfortunately|regrettably|sadly|honestly|actually|but|and|so|no|yes|however|still|"
    r"currently|at the moment|at this time|to be honest|(?:i'm|i am) (?:very |so |really )?(?:sorry|afraid)|"
    r"i apologi[sz]e|apologies|my apologies|(?:that's|that is|this is)? ?an? (?:great|good|interesting) question|"
    r"(?:great|good) question|thank you|thanks|thank(?:s| you) for [\w ]+|as an? [\w -]+|while [\w' ]+)\W+(?:but |"
    r"and )?)*"
)
_GIVE = (
    r"(?:provide|providing|share|sharing|give|giving|send|sending|supply|clarify|clarifying|specify|specifying|explain|"
    r"explaining|elaborate|elaborating|rephrase|rephrasing|reword|tell|telling|describe|describing|expand|paste|"
    r"pasting|upload|uploading|attach|attaching|include|be (?:more|a bit|a little)|try|repeat|restate|enter|type|"
    r"submit|insert|fill|let me know|help me understand|say that again|go ahead|state|add|ask)"
)
_INPUT = (
    r"(?:text|input|question|query|prompt|message|request|information|info|details?|context|data|article|passage|"
    r"paragraph|sentences?|documents?|files?|images?|pictures?|photos?|screenshots?|attachments?|links?|url|code|"
    r"snippet|list|essay|content|background|clarification|specifics|anything|rest|part|topic)"
)
_HELP = r"(?:help|assist|support|be of (?:help|service|assistance|use)|serve)"
_PLACE = (
    r"(?:links?|urls?|images?|pictures?|photos?|screenshots?|attachments?|files?|documents?|audio|videos?|music|"
    r"websites?|web|internet|web ?pages?|pages?|sites?|online|screen|computer|databases?|real-?time|current|live|"
    r"personal (?:data|information)|previous|earlier|past|conversations?|chats?|emails?|calls?|time|date|"
    r"look (?:that|this|it|things|anything) up|external)"
)
_MACHINE = (
    r"(?:ai|a\.i\.|artificial intelligence|language model|llm|chat ?bot|bot|computer(?: program)?|program|machine|"
    r"software|virtual assistant|digital assistant|assistant|model|algorithm)"
)
_INNER = (
    r"(?:opinions?|feelings?|emotions?|beliefs?|preferences?|experiences?|bod(?:y|ies)|consciousness|favou?rites?|"
    r"childhood|gender|personal|sides|stance|views?|thoughts)"
)

_REACHED = r"(?:reached|reaching|exceed(?:ed|s|ing)?|hit|hitting|over|above|beyond|used up|out of)"
_LIMIT = (
    r"(?:(?:rate|usage|message|token|context|character|daily|maximum|your) (?:limit|quota|length)|"
    r"maximum (?:number|length|amount) of)"
)
_ONCE = (
    r"(?:once|if|when|after|as soon as|whenever) you(?: can| could|'ve| have|'re| are)? (?:\w+ )?(?:provided?|shared?|"
    r"give|sen[dt]|paste|tell|upload|specify|clarify|ready)"
)
_US = r"(?:i|i'll|i'd|i'm|we|we'll|me|us|please|happy|glad|ready)"
# Where somebody is told what is the case; what holds "if you do not specify any" is told of anything.
_TOLD = (
    r"(?:^\W*|[,;:–—-] ?|\b(?:and|but|so|that|as|because|since|sorry|afraid|think|believe|notice|noticed|see|seems|"
    r"appears|like|guess|suspect|currently|unfortunately) )"
)

ASKING = (
    rf"\b(?:could|can|would|will) you\b.{{0,24}} {_GIVE}\b",
    rf"\b(?:please|kindly)(?: \w+)? {_GIVE}\b|^\W*kindly {_GIVE}\b",
    rf"\bwould you mind (?:\w+ )?{_GIVE}\b",
    rf"\b(?:need|require|requires|needed|required|would like|lack|lacking|missing|without)\b.{{0,32}}\b{_INPUT}\b",
    r"\bwhat (?:\w+ )?(?:do|did|would|should|can|could|are|is) (?:it (?:is )?(?:that )?)?(?:you|i|we|"
    r"your) (?:\w+ )?(?:mean|want|like|need|know|ask|asking|saying|say|looking|referring|talking|trying|do with|write|"
    r"question|request|quer|message|help)",
    r"\bwhat (?:exactly|else|specifically) (?:do|would|can|should|are|is)\b|^\W*what (?:is it )?you (?:mean|need|"
    r"want)\b",
    r"^\W*(?:which|what|whose) (?:\w+ ){0,3}(?:do you mean|are you (?:referring|asking|talking|looking)|"
    r"would you like|should i|do you (?:want|need))\b",
    rf"\b(?:seems?|appears?|looks? like)\b.{{0,40}}(?:{_NOT}|\bno\b|\bforgot\b|\bincomplete\b|\bmissing\b|\bempty\b|"
    r"\bcut\b|\bblank\b|\bunclear\b)",
    # "You do not have to say anything" lacks nothing.
    rf"{_TOLD}you (?:(?:(?:have|did){_NOT}|forgot to)\b.{{0,24}}|do{_NOT}(?: (?:\w+ly|yet|even|seem to|appear to))*) "
    r"(?:provided?|give|given|attach\w*|includ\w*|sen[dt]|shared?|asked?|specif\w+|told|tell|say|said|paste\w*)\b",
    rf"{_I} (?:do|did|can|could|have){_NOT} (?:\w+ )?(?:see|find|receive|received|have|get|got)\b.{{0,24}}\b{_INPUT}\b",
    rf"\b(?:send|tell|give|show|paste) me (?:what you|more|which|how|the|your|a bit|some)\b(?:.{{0,24}}\b(?:{_INPUT}|"
    rf"need|want|like|about your \w+)\b|\W*$)",
    rf"\b{_ONCE}\b.{{0,80}}\b{_US}\b|\b{_US}\b.{{0,80}}\b{_ONCE}\b|^\W*{_ONCE}\W*$",
    r"\blet me know (?:what|which|how|where|who|more|your|the)\b|\bready (?:when|to help|to assist|to start|for)\b",
    rf"\b(?:your |the |this )?{_INPUT} (?:\w+ )?(?:is|was|are|seems|appears|got|has been)(?: \w+)? (?:to be )?"
    r"(?:missing|incomplete|empty|unclear|cut|vague|ambiguous|blank|too)\b",
    rf"\b(?:no|not an?) (?:\w+ )?{_INPUT}\b.{{0,24}}\b(?:provided|given|attached|received|supplied|included|specified|"
    rf"in (?:your|the|this)|to|here|submitted)\b|\bthere (?:is|was|are|were) no (?:\w+ )?{_INPUT}\b",
    rf"\bfeel free to {_GIVE}\b|\byou mean\W*$|\bmore {_INPUT} (?:is|are)\b",
    # "Broader terms come first, and more specific ones behind" asks nobody.
    rf"\b(?:be|being|get|were|it|something|anything|{_INPUT})(?: (?:a (?:bit|little)|even|much|slightly))? more "
    r"specific\b|\bmore specific (?:question|quer|request|prompt|instruction)",
    r"\bwhat (?:i|we) (?:should|can|shall) do with\b|\b(?:try|consider) (?:rephrasing|asking|again)\b",
)
"""Where what is asked for is missing: "Please provide the text.", "Could you be more specific?"."""

GREETING = (
    rf"\bhow (?:\w+ )?(?:can|may|could|might|shall|do|should) (?:i|we)\b.{{0,20}} (?:{_HELP}|proceed)\b",
    r"\bwhat (?:\w+ )?(?:can|may|could) (?:i|we) (?:do|help|assist|answer)\b|\bhow would you like\b",
    r"^\W*(?:hello|hi|hey|greetings|welcome|good (?:morning|afternoon|evening|day))\b",
    rf"{_I}(?: can| could| will|'ll|'d| would|'m| am|'re| are)\b.{{0,32}} {_HELP}\b",
    r"\b(?:let me|allow me to) (?:\w+ )?(?:help|assist|look|think|check|see|find|explain|answer|know what)\b",
    r"\b(?:happy|glad|pleased|delighted|ready|here) to (?:\w+ )?(?:help|assist|answer|support|tell|discuss|talk|"
    r"explain)",
    r"^\W*(?:(?:sure|okay|of course|certainly)\W+)?here(?:(?:'s| is| are| it| you(?:'re| are| go))\b"
    r".{0,60}| you (?:(?:\w+ )?(?:find|get|have)|(?:can|may|will) (?:see|read))\b.{0,48})\W*$",
    # What is below is not there.
    r"^\W*(?:(?:sure|okay|of course|certainly)\W+)?(?:below|the following) (?:is|are|(?:you(?:'ll| will| can)? )?find)"
    r" (?:\w+ ){0,5}?(?:explanations?|overviews?|summar(?:y|ies)|answers?|descriptions?|definitions?|"
    r"guides?|outlines?|responses?|breakdowns?|introductions?|drafts?|analys[ei]s|examples?|lists?)\b.{0,60}$",
    r"\b(?:one|a|just a) moment\b|\bget (?:right )?(?:on|to) (?:it|that|this)\b|\bhold on\b|\bhang on\b",
    r"\bnice to meet you\b|\bon your mind\b|\bask me (?:anything|any|a|your)\b|\bgo ahead\b|\blet's (?:\w+ )?"
    r"(?:(?:started|get)\b|(?:start|begin)(?: (?:with|by|from|now|here|right|off|again)\b|\W*$|\W*[,;:–—!]))|"
    r"\bdo (?:my|our) best\b",
    r"\b(?:thank you|thanks)\b.{0,24}\b(?:for|so much|again)\b|\b(?:great|good|interesting|excellent|nice) question\b",
)
"""What opens a chat: "Sure, I can help with that! What would you like to know?"."""

ASSENT = (
    r"^\W*(?:(?:ok|okay|sure(?: thing)?|of course|certainly|absolutely|definitely|understood|i understand|got it|"
    r"gladly|with pleasure|no problem|alright|i see|happy to)\W*)+$",
)
"""A yes, which answers a question that can be answered so."""

CLOSING = (
    r"\b(?:hope|trust|hopefully)\b.{0,32}\b(?:help\w*|useful|answer\w*|clarif\w*|clear\w*|works?|assist\w*|"
    r"resolve\w*|satisf\w*)\b",
    r"\blet me know (?:if|whether|when|should)\b|\b(?:feel free|do not hesitate|don't hesitate|never hesitate) to\b",
    r"(?:^\W*|\bthere |\bneed |\bwith |\byou |\bme |\bdo )anything else\b|\b(?:any|some) (?:\w+ )?(?:questions?|"
    r"concerns?|doubts)\b|\b(?:more|further|other) questions?\b",
    r"^\W*(?:would|do) you (?:like|want|need) (?:me to|to|more|any|some|further|another|help)\b|\bshall i (?:continue|"
    r"go on)\b",
    r"\bif you(?:'d| would|'ve)? (?:\w+ )?(?:need|want|like|require|have|got) (?:anything|any|more|further|other|some|"
    r"something|additional|help|assistance|me to)\b",
    r"\byou(?:'re| are) (?:\w+ )?welcome\b|"
    r"\bhave an? (?:(?:\w+ )?(?:day|time|evening|weekend)|(?:good|great|nice|lovely|fine) one)\b|\bgood luck\b|"
    r"\bbest of luck\b",
    r"\b(?:glad|happy|pleased)\b.{0,16}\b(?:help\w*|assist\w*|of (?:help|service|use))\b|\btake care\b",
    r"\b(?:thank you|thanks) for\b|\b(?:will|shall|'ll) (?:get back|be in touch)\b|^\W*(?:many |no )?thank(?:s|"
    r" you)\W*$",
    r"\b(?:was|is|were) (?:this|that|it|the|my) (?:\w+ )?(?:\w+ )?(?:helpful|useful|correct)\W*$|\b(?:did|does) "
    r"(?:this|that|it|i) (?:\w+ )?(?:answer|help|make)\b|\b(?:rate|vote)\b.{0,12}\b(?:response|answer|reply|chat)\b",
    r"^\W*that(?:'s| is) all\b|(?:\b(?:i|we)\b.{0,24}|^\W*)\bwait(?:ing)? (?:for|to hear)\b|"
    r"\blook(?:ing)? forward to\b",
    # Another question is offered: "Can I help you with something different?", "Do you have another question?".
    rf"^\W*(?:can|could|may|might|shall|is there)\b.{{0,24}}\b(?:i|we)\b.{{0,24}}\b{_HELP}\b.{{0,40}}\?",
    r"^\W*(?:do you have|is there|have you got|would you like|how about|(?:maybe|perhaps) i (?:can|could))\b.{0,24}"
    r"\b(?:other|another|different|else|elsewhere)\b.{0,32}$",
    r"\b(?:i )?hope (?:that )?you(?:'ll| will| can)? understand\b",
)
"""What ends a chat: "I hope this helps! Feel free to ask me anything else."."""

_NEWS = (
    r"(?:answers?|information|info|data|details|knowledge|results?|records?|match(?:es)?|sources?|expertise|context|"
    r"idea|clue|input|opinion)"
)
IGNORANCE = (
    rf"{_LEAD}(?:i|we) (?:\w+ )?(?:(?:do|can|could)(?: not|n't)|can't|cannot) (?:\w+ )?(?:know|recall|remember|say|"
    rf"tell|think of|"
    r"understand|follow)(?:\W*$|\W*[,;:–—-]|(?: for sure| with certainty| the answer| anything| much| that| this| it| "
    r"about| how to (?:answer|respond|help)| what you| your| enough| yet| either)\b)",
    rf"{_LEAD}(?:i|we) (?:do not|don't) (?:think|believe) (?:that )?(?:i|we) (?:know|can|have)\b",
    rf"{_LEAD}(?:i|we) (?:did|have)(?: not|n't) (?:\w+ )?(?:get|got|catch|caught|understand|understood|follow)\b",
    rf"{_LEAD}(?:i|we)(?:'m| am|'re| are)(?: \w+)?(?: not|n't) (?:\w+ )?(?:sure|certain|aware|familiar|"
    rf"knowledgeable)\b(?:\W*$|"
    r"\W*[,;:–—-]| (?:about|of|with|how to (?:answer|respond|help)|what (?:you|your|the)|i|if i|whether i|that i|"
    r"which)\b)",
    rf"{_LEAD}(?:(?:i|we) (?:\w+ )?)?(?:have |has )?(?:absolutely )?no (?:\w+ )?(?:idea|clue)\b",
    rf"{_LEAD}(?:i|we)(?: have|'ve)?(?: not|n't) (?:got )?(?:an?|the) (?:\w+ )?(?:clue|idea)\b|{_LEAD}(?:i|"
    rf"we) know nothing\b",
    rf"{_LEAD}(?:i|we)(?: have|'ve) (?:never|not) (?:\w+ )?heard of\b|\bwish (?:i|we) knew\b|^\W*who knows\W*$|"
    rf"\bguess is as good\b",
    rf"(?:{_LEAD}|{_I}\b.{{0,12}}|{_TOLD}there(?: is|'s| are| was| were)? .{{0,8}})\b(?:no|not|n't|lack|lacks|"
    rf"insufficient|without)\b(?: \w+){{0,3}}? {_NEWS}\b",
    rf"(?:{_I}|\bthere) \w+n't(?: \w+){{0,5}}? {_NEWS}\b",
    r"\b(?:answer|information|question)\b.{0,12}\b(?:unknown|not (?:available|known|found|determined)|unavailable|"
    r"(?:can(?:no|')t|cannot|can not|could not) be (?:determined|answered|found|known|provided|verified))\b",
    rf"(?:{_LEAD}|{_I} .{{0,8}})\b(?:unable to|cannot|can't|could not|couldn't|did not|didn't|was not able to|"
    rf"wasn't able to|not able to) (?:find|locate|determine|retrieve|verify|confirm|identify)\b",
    rf"{_LEAD}nothing (?:\w+ ){{0,3}}found\b|\b(?:is|it's)(?: not|n't) possible to (?:answer|determine|say|tell)\b",
    rf"{_I}(?:'m| am)? still (?:\w+ )?(?:learning|under development|in development|in training|being)\b|"
    rf"{_I} have(?: not|n't) (?:yet )?(?:learn\w*|been (?:taught|trained|told))\b",
    r"\b(?:context|passage|text|document|article|source|input|prompt)\b.{0,12}(?: not|n't) (?:\w+ )?(?:provide|"
    r"mention|contain|include|say|state|specify|give|cover)\b",
)
"""That an answer isn't known: "I don't know.", "No results were found for your query."."""

UNSEEN = (
    rf"{_I}(?: \w+)?(?: can ?not| can't| could not| couldn't|'m unable| am unable|'m not able| am not able|"
    rf"'m incapable| do not have| don't have| have no| lack|'m not| am not)\b.{{0,60}}\b{_PLACE}\b",
    rf"\b(?:no|not an?) (?:\w+ )?{_PLACE} (?:\w+ )?(?:is|was|were|are|access|attached|found|here|in|uploaded|to)\b",
    r"\bmy (?:\w+ )?(?:knowledge|training|information|data|memory|database|abilities|capabilities)\b.{0,24}\b(?:only|"
    r"ends?|ended|stops?|stopped|goes|limited|cut-?off|updated|extends?|up to|outdated|not|current)\b",
    rf"{_I}(?:'m| am| was|'ve been| have been) (?:\w+ )?(?:last )?(?:updated|trained)\b|\bas of (?:my|"
    rf"the) (?:\w+ )?(?:last|"
    r"latest|most|knowledge|training|current)\b|\b(?:knowledge|training) (?:data )?(?:cut-?off|ends)\b",
)
"""That the writer can't see, hear, open or look up what was asked about."""

SELF = (
    rf"\b(?:i|we)(?:'m| am|'re| are| was) (?:\w+ ){{0,2}}?(?:an?|your|the) (?:[\w-]+ ){{0,3}}?{_MACHINE}\b",
    rf"\b(?:as|being|like|such as) (?:an?|your|the|me,?) (?:[\w-]+ ){{0,3}}?{_MACHINE}\b(?:\W*$|\W*[,;:–—-]| (?:i|we|"
    rf"and|so|developed|created|made|trained|designed|built|with|without)\b)|\bmodels? (?:like|such as) m",
    rf"{_I}(?:'m| am) not (?:an?|your|able to form|capable of (?:having|forming)) (?:\w+ ){{0,2}}?(?:human|person|"
    rf"doctor|physician|lawyer|attorney|therapist|advis[eo]r|expert|professional|specialist|{_INNER})\b",
    rf"{_I} (?:do{_NOT}|cannot|can't|can not|have no|hold no|never|lack)\b.{{0,24}}\b(?:have|hold|possess|take|"
    rf"experience|feel|form|express|no|any|offer|give|lack)? ?(?:\w+ ){{0,2}}?{_INNER}\b",
    rf"{_I} (?:\w+ )?(?:try to |strive to |aim to |must |have to |prefer to |always )?(?:stay|remain|be|keep) (?:\w+ )?"
    r"(?:neutral|impartial|objective|unbiased|safe|respectful|helpful)\b",
    rf"{_I}(?:'m| am| was|'ve been| have been) (?:\w+ )?(?:created|trained|designed|developed|built|made|programmed|"
    r"meant|intended) (?:by|on|to|for|with|as)\b",
    r"\b(?:my|our) (?:\w+ )?(?:purpose|goal|role|job|aim|function|task|mission|programming) (?:here )?(?:is|does)\b",
    rf"{_I} (?:aim|strive|try) to (?:\w+ )?(?:provide|help|assist|be|answer|offer)\b",
)
"""What an assistant is: "I'm just a language model and I have no opinion."."""

INTERFACE = (
    r"^\W*(?:re-?generate(?: response)?|(?:stop|continue) generating|copy(?: code| to clipboard| link)?|share(?: this)?"
    r"(?: conversation| chat)?|new (?:chat|conversation)|try again|retry|(?:show|read|see|load) more|send a message|"
    r"edit message|view all|report (?:content|issue)|good response|bad response|thumbs (?:up|down))\W*$",
    r"^\W*(?:generating|loading|typing|thinking|processing|searching|reconnecting)(?: (?:a |your |the )?(?:response|"
    r"answer|request|web))?\s*(?:\.\.\.|…)\W*$|^\W*please wait\b.{0,30}$",
    # It says that there was one: what an error is, or is sent to, is said in any manual.
    r"(?:^\W*|\b(?:sorry|oops|whoops|uh-oh|(?:there|this) (?:was|is|has been|seems to be)|encountered|ran into|hit|got|"
    r"received|returned)\W+)(?:an? |there was an |unknown |unexpected |internal |server |network |connection |"
    r"generation )+error\b.{0,60}",
    r"^\W*error\b.{0,20}\b(?:timed? ?out|model|too many|rate|request|server|response|\d{3})\b",
    # What goes wrong with an answer is told first, or named; "something went wrong at build time" is told of software.
    rf"{_LEAD}(?:(?:oops|whoops|uh-oh|oh no|hmm|ah|error)\W+)*"
    r"(?:it (?:seems|looks|appears)(?: like| that| as if)? )?(?:something|that) went (?:\w+ly )?wrong"
    r"(?:\W*$|\W*[,;:!?–—-])|"
    r"\bsomething went (?:\w+ly )?wrong\b.{0,24}\b(?:my|our|your|me|us|i|we|request|response|repl(?:y|ies)|question|"
    r"message|chat|conversation|generat\w+)\b|"
    r"\brequest (?:has )?(?:failed|timed out)\b|\bfailed to (?:\w+ )?(?:a |the |"
    r"your )?(?:generate|load|fetch|get|complete|process|respond)\b|\bunable to (?:load|generate|connect|fetch|"
    r"reach)\b",
    # That a limit is reached: what it is, is said of many a parameter ("The maximum number of results to return.").
    rf"\b{_REACHED}\b.{{0,32}}\b{_LIMIT}\b|\b{_LIMIT}\b.{{0,32}}\b{_REACHED}\b|^\W*{_LIMIT}\W*$|\btoo many requests\b|"
    r"\bmodel['’]s maximum (?:context )?length is\b|\bmaximum context length is \d|"
    r"\blimit of messages\b|(?:^\W*|\b(?:please|and|or|must|can|to|then) )upgrade (?:to|your)\b|\bas a free user\b",
    r"\b(?:model|server|service|system)s?\b.{0,24}\b(?:overloaded|unavailable|busy|at capacity|down|not ready)\b|"
    r"\bhigh demand\b|\b(?:session|token) (?:has )?expired\b|\bconnection (?:was )?(?:lost|closed)\b|"
    r"\bscaling our systems\b",
    r"^\W*[\[(<{*]+\W*(?:[\w-]+ ){0,5}?(?:removed|deleted|redacted|blocked|filtered|censored|withheld|moderated|"
    r"flagged|hidden|omitted)\b[^\])>}*]{0,60}[\])>}*]+\W*$",
    r"\b(?:this |the |your |my )?(?:message|content|response|comment|answer|reply|output|conversation|chat|"
    r"prompt) (?:was|has been|is|were|may|might|could|had to be) (?:\w+ )?(?:been )?(?:removed|deleted|redacted|"
    r"blocked|filtered|censored|withheld|moderated|flagged|hidden|stopped|interrupted|violate|unavailable|reached)\b|"
    r"\b(?:response|generation|chat|request) (?:\w+ )?(?:stopped|failed|timed)\b",
    r"\bcan make mistakes\b|\bgenerated by (?:an )?ai\b|\bai-generated\b|^\W*(?:sign|log) in (?:to|or)\b|"
    r"^\W*click here\b",
    r"^\W*no (?:output|response|reply|answer)(?: (?:was|from|could|has been)\b.{0,30}| generated| returned|"
    r" received)?\W*$",
    r"^\W*(?:invalid|missing|incorrect) (?:api|access) (?:key|token)\b|\b(?:requested )?(?:url|"
    r"page) (?:was )?not found\b",
)
"""What the screen around a chat says: "Regenerate response", "[Response blocked by content filter]"."""

IDLE = (
    r"\b(?:as|being) an? (?:[\w-]+ ){0,3}(?:ai|language model|virtual assistant|digital assistant|chatbot)\b"
    r"|\bas an artificial intelligence(?:,| (?:i|we|system|model|assistant)\b)"
    r"|\bi(?:'m| am) (?:just |only |merely )?an? (?:[\w-]+ ){0,3}(?:ai(?: (?:language )?(?:model|assistant))?\b|"
    r"language model)",
    r"\bi (?:do not|don't) have (?:any )?(?:personal |real )?(?:opinions|feelings|beliefs|emotions|experiences|"
    r"preferences|access to (?:real-time|current|the internet|personal))",
    r"\bmy (?:knowledge|training)(?: data)? (?:cut-?off|only goes|was last updated|is limited to)",
    r"\b(?:please )?feel free to (?:ask|reach out|let me know)|\blet me know if (?:you|there)",
    r"\banything else (?:that )?i can (?:help|assist)|\bhappy to (?:help|assist)(?: you)? with (?:something|anything|"
    r"other)",
    r"\bif you have any (?:other |further |more )?questions|\bthank you for (?:your )?understanding",
    r"^\W*(?:(?:i'm|i am|we're|we are) (?:\w+ )?sorry|sorry|(?:i |my )?(?:\w+ )?(?:sorry|apologi[sz]e|apologies|"
    r"unfortunately|regret(?:tably)?|afraid))(?: (?:about|for|but) [\w ']{0,40})?\W*$",
    # Said to the reader: where medicine and law are the subject, others consult specialists in every second text.
    r"(?:^\W*|, |\b(?:please |always |you (?:\w+ ){1,3}|(?:best|better|important|advisable|recommend(?:ed)?|advise|"
    r"suggest) (?:that )?(?:you )?(?:to )?))(?:\w+ly )?(?:consult|contact(?:ing)? (?:an?|the|your|\w+s)\b|seek|"
    r"speak (?:to|with)|reach out to)(?:ing)?\b.{0,60}\b(?:professional|doctor|physician|lawyer|attorney|expert|"
    r"authorities|specialist)",
)
"""What assistants say of themselves and to the reader, in the midst of an answer too."""
