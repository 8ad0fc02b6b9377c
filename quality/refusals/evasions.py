"""The words and forms of an answer that evades its question, whatever way it is put.

Lists of refusals end where somebody finds another wording. What refusals share is less: somebody speaks of himself,
says no in one of many ways, and adds nothing to the words of the question. Words and patterns are in lower case,
patterns for clauses with straight apostrophes.
"""

from __future__ import annotations

from quality.refusals.vocabulary import EXCHANGE

_UNWILLING = """
hesitant reluctant wary uneasy uncomfortable cautious keen inclined inclination disinclined averse obliged bound
compelled forced tied fit fitted unfit suited suitable unsuited ill ease eager loath hesitate hesitation reluctance
discomfort shy sooner willingly wiser unwise sensible prudent proper improper improperly daren dare dared fear hate
doubt doubts reservations tempted scared brave courage heart soul wish wishes intention intentions afraid pains pain
feels certainty confident sure answerable
"""
_KEEPING_OUT = """
sit sitting bow bowing step steer steering clear avoid avoiding skipping decline withhold withholding quiet silent
silence mum neutral draw drawn draws drawing drew line lines drop dropping move moving opt dodge duck touch touches
touching venture venturing weigh weighing wade delve dive indulge tread cross crosses crossing speculate speculating
guess guesses guessing passing withdraw excuse sidestep forgo tackle deal dealing dealt addressing addressed back alone
aside road path route stray stay stays staying kept keeping closed close closing conclude concluded finish finished
finishing end ending ended stop stopped miss missed fence side sidelines space room escape escapes stick
"""
_BOUNDS = """
remit wheelhouse lane depth grade pay league territory field domain jurisdiction competence competency mandate brief
purview sphere boundaries boundary bounds bar barred ban banned table repertoire department desk realm range forte
strength strong suit specialty speciality specialism province stretch stretches reach bandwidth skill skills function
functions functionality feature features lacking precludes precluded reserved reserve rights equip equips equipping
open place places placed include includes included exceeds exceed cut past edge bridge step far job duty duties
business practice procedure routine custom habit circumstances personally power powers talent training background
description category class mission charter assigned assignment assign task obligation obligations plan plans planning
allowance forbid forbids taboo overstep oversteps limit limits means tool tools resource equipment require requires set
prepare prepared charge helpdesk
"""
_OTHERS = """
refer referring referred defer deferring redirect direct directed colleague colleagues authority authorities officer
office qualified licensed solicitor pharmacist clinician notary accountant adviser engine trusted trustworthy reputable
whoever nobody supervisor superiors manager managers management creator creators maker makers operator operators
company firm employer organisation organization specialised specialized knowledgeable turn turned agent representative
staff crew forward forwarded forwarding transfer transferring transferred escalate escalated routing handed hotline
search seek seeking elsewhere towards toward helper enquiry enquiries
"""
_RISK = """
risk risks risky liability consequences hazard caution sake conscience mislead misleading misinform misinformed
disservice danger dangerous sensitive delicate contested controversial serious complex complicated involved involves
protect protection outcome reckless rash foolish silly false unfair bad badly wrong safe safer safest secret secrets
secrecy private licence license licences certificate oath vow promise promised owe loyal deserve
"""
_IDIOMS = """
can worms shut lips sealed seal plead fifth mouth tongue head ears eyes goes over cup tea plain pick poor poorly
clueless puzzled baffled confused lost loss dark fog stumped blank faintest foggiest beats hands grasp shot score count
dream dunno gone gonna gotta small talk moral sad sadly disappointing lighter pleasant anymore tends tend yours rather
half thing house somehow mind
"""
_SAYING = """
shan ain wouldn shouldn mustn needn won isn pointers pointer tips hint hints insight insights worthwhile meaningful
definitive sound solid properly reliably confidently disclose disclosing reveal revealing divulge divulging remark
remarks utter opine pronounce verdict judgement judgment judge prediction predictions predict predicting speculation
guesswork diagnosis diagnose configured instructed told instruction instructions orders classified recommending
replying opened entertain entertaining undertake vouch grant granting meet carry perform performing action actions
execute executing commentary produced regarding concerned concerning respect much admit fair valid big tough tricky
tall weighty exactly useless hopeless helpless handling contribute contribution compose composing drafting draft sorts
flat simple truth otherwise digital decide decision decisions influence learned teach lesson lessons expect expected
rely relying trust honesty responsibility counsel counselling agree agreed word words spoken hear forgive spare pardon
candid candidly upfront blunt bluntly let lets letting among define defining naming warning attention notice e mail
product products billing order shipping customer customers bill bills store shop general moderation module settings
setting layer restriction triggers suppressed pronounced thus unless
"""
EVASION = EXCHANGE | frozenset(
    word for words in (_UNWILLING, _KEEPING_OUT, _BOUNDS, _OTHERS, _RISK, _IDIOMS, _SAYING) for word in words.split()
)
"""Words that an answer may be made of and still evade its question."""

_ME = (
    r"\b(?:i|me|my|mine|myself|(?:this|your) (?:ai |virtual )?(?:assistant|chatbot|bot|model|service|desk|system)|"
    r"the (?:assistant|chatbot|bot))\b"
)
_US = r"\b(?:we|us|our|here)\b"
_NO = (
    r"(?:\b(?:not|no|nope|nothing|never|none|neither|nor|nobody|without|cannot|cant|unable|unwilling|incapable|"
    r"ineligible|unqualified|hardly|impossible|inappropriate|irresponsible|improper|unwise|unsafe|unethical|wrong|"
    r"against|beyond|outside|above|off limits|off the table|out of|closed to|forbid\w*|prohibit\w*|prevent\w*|"
    r"preclud\w*|barred|bars|banned|restrict\w*|stops?|rules? out|disallow\w*|declin\w+|refus\w+|abstain\w*|refrain\w*|"
    r"withh\w+|confidential|classified|violat\w+|break|hesitant|reluctant|wary|uneasy|loath|stumped|at a loss|denied|"
    r"rejected|lacks?|lacking|tied|disservice|mislead\w*|guessing|guesswork|cross(?:es|ing)?|overstep\w*|blank|"
    r"too (?:little|far|much|\w+ to)|little (?:about|of)|over (?:my|our) head\w*|past (?:me|my|them)|doubts?|"
    r"reservations?|dare|excuse|forgive|spare|escapes?|secre\w+|sealed|shut|clueless|puzzled|baffled|in the dark|poor|"
    r"secret|keep clear|rather (?:you|we)|need an?|bound|reckless|ends? (?:the|this|it)|ending|ended|closing|closed|"
    r"conclude|give (?:this|that|it)\b.* a miss|keep (?:\w+ ){1,3}to myself|uncomfortable|disinclined|anything but|"
    r"plead|missing|much to ask|exceeds?|nobody|wish i knew|lot to learn|still learning|silent|quiet|mum|silence|"
    r"feel bad|end)\b|n't\b)"
)
_VERY = r"(?: \w+ly| rather| just| best| better| simply| also| still| now| really| all| to)*"
# What is done by who keeps out of something.
_KEEP_OUT = (
    r"(?:(?:sit|stay|bow|opt|duck|keep|bail|count me|sitting|staying|bowing|opting)(?: \w+){0,3}? out|out on this|"
    r"(?:stay|steer|keep|shy|back|keeping|staying|steering)(?: \w+)? (?:away|clear)|(?:back|step)(?:ing)? (?:away|back|"
    r"off|down|out)|hold(?:ing)? (?:back|off|my)|(?:keep|stay|remain|be|keeping|staying|remaining) (?:\w+ )?(?:quiet|"
    r"silent|mum|neutral|out)|keep(?:ing)? my \w+|leave\b.* (?:alone|out|aside|unanswered|open|unsaid|there|to|answer)|"
    r"leave (?:it|this|that|you)|skip|pass(?:ing)?|avoid|turn\b.*\b(?:down|away)|draw the line|(?:stay|keep) off|"
    r"disappoint|let you down|(?:have to|must|need to) stop|say no|(?:have|has) to wait|defer (?:to|on)|refer you|"
    r"ask you to|move on)\b"
)
ASKED = (
    r"(?:requests?|questions?|quer(?:y|ies)|prompts?|topics?|subjects?|matters?|content|information|answers?|details|"
    r"respon[sc]es?|repl(?:y|ies)|opinions?|guidance|assistance|advice|help|enquir(?:y|ies)|inquir(?:y|ies)|access|"
    r"inputs?|messages?|discussion|support|tasks?)"
)
"""A word for a request, or for what is given upon one."""
_SAY = (
    r"(?:help|assist|aid|answer|respond|reply|comply|provide|give|share|discuss|comment|engage|support|generate|"
    r"produce|create|write|complete|process|fulfill?|accommodate|continue|proceed|participate|address|cover|entertain|"
    r"speak|talk|tell|say|advise|handle|disclose|reveal|take|go|get|touch|deal|offer|speculate|diagnose|recommend|"
    r"explain|describe|name|guess|weigh|express|hold|make|do|draft|summari[sz]e|judge|predict|meet|vouch|be|want|know|"
    r"have|possess|feel|think|believe|see|deem|consider|wish|perform|carry|venture|add|claim|compose|try)"
)
CANNOT_SAY = (
    r"\bi(?: can ?not| can'?t| could ?n[o']t| won't| will not|'ll not| would not| wouldn't| must not| may not|"
    r" should ?n[o']t| do not| don't|'d rather not| would rather not|'d prefer not to| would prefer not to|"
    r" prefer not to| refuse to|"
    rf" decline to|(?:'m| am) (?:\w+ly )?(?:not|un)(?: \w+)* to){_VERY} (?:be )?{_SAY}\w*\b",
    rf"\b(?:i|i'm|i am|i'd|i'll)\b.{{0,32}}\b{_KEEP_OUT}",
    r"\bi (?:won't|can't|cannot|will not|can not|couldn't|shouldn't|refuse|decline|must decline)\W*$",
    r"\bthe (?:system|model|assistant|chatbot|bot)(?: can ?not| can't| won't| will not| is unable to|"
    r" is not able to|"
    rf" declined to| refuses to| declines to) {_SAY}\b",
)
"""Who speaks of himself, and says that he won't or can't say or do."""

_OURS = (
    r"(?:practice|custom|polic(?:y|ies)|rules?|terms|standards|guidelines|remit|scope|job|task|role|field|area|"
    r"place|principles)"
)
_TELL = (
    r"(?:help|assist|answer|respond|reply|comply|provide|give|share|discuss|comment|engage|support|generate|produce|"
    r"create|write|fulfill?|address|speak|talk|tell|say|name|advise|disclose|reveal|offer|diagnose|recommend|explain|"
    r"describe|draft|summari[sz]e|deal with|predict)"
)
OUTRIGHT = (
    rf"\bi(?: can ?not| can'?t| could ?n[o']t| won't| will not| must not| may not| should ?n[o']t| do not| don't|"
    rf"'d rather not| would rather not|'d prefer not to| would prefer not to| prefer not to| refuse to| decline to|"
    rf"(?:'m| am) (?:\w+ly )?(?:not|un)(?: ?\w+)* to|(?:'m| am) (?:\w+ )?not going to){_VERY} {_TELL}\w*\b",
    r"\bi (?:do not|don't) (?:want|wish|care|intend|mean) to (?:take sides|get involved|be \w+|answer|say|"
    r"comment|talk)\b",
    *CANNOT_SAY[1:],
)
"""Who says so outright, so that what he says besides is why, or what he offers instead."""

EVADES = (
    *CANNOT_SAY,
    rf"{_ME}.*{_NO}|{_NO}.*{_ME}",
    r"(?:^\W*|\b(?:and|but|so|sorry|afraid|unfortunately|therefore|hence|that),? )we(?: \w+ly)?(?: can ?not|"
    r" can't| could ?n[o']t| won't| will not| do not| don't|(?:'re| are) (?:\w+ )?(?:not|"
    rf"unable)(?: \w+)*)(?: be able)?(?: to| in)?(?: a position to)?{_VERY} {_SAY}\b",
    r"\b(?:we|us)\b.*\b(?:not to|declin\w+|refus\w+|unable to|inappropriate to|improper to)\b|"
    r"\b(?:inappropriate|improper|wrong|not) (?:\w+ )?for us\b",
    rf"{_NO}.*{_US}\b.*\b{ASKED}|\b{ASKED}\b.*{_NO}.*{_US}|\b(?:our|company|house) (?:\w+ ){{0,3}}?(?:polic(?:y|ies)|"
    r"rules|"
    rf"terms|guidelines|team|desk)\b.*{_NO}",
    r"\b(?:i|we)\b.{0,16}\bonly (?:answer|help|discuss|deal|handle|support|talk|assist|cover|take)|\b(?:here|"
    r"able) to (?:help|assist|answer)\b.* only\b|\b(?:my|our)\b.* limited to\b",
    r"\bmore (?:\w+ )?than (?:i|we)\b|\btoo \w+ for (?:me|us)\b",
    r"^\W*(?:but )?(?:(?:that|this|it)(?:'s| is| would be| goes| lies)|the (?:decision|"
    r"choice) is)\b.*\b(?:between you|only you|"
    r"you (?:alone )?can (?:answer|tell|say|know|decide|judge|settle|choose|solve|resolve|weigh|make|work)|"
    r"yours|a no|a bridge too|a step too|too far|over my|secret|for (?:you|others|experts)(?: to)?)\b|"
    r"^\W*only you (?:can|could|should)\b",
    r"^\W*(?:let's|let us) (?:not|leave|avoid|skip|drop|steer|keep|stay|agree not|change|move)\b|\b(?:can|could|may|"
    r"might) (?:we|i) (?:please |maybe )?(?:not|suggest|propose|change|move|leave|skip|drop)\b",
    r"\byou(?:'ll| will|'d| would)? (?:have to|need to|must|do better to|get|won't|can't|better|deserve|"
    r"may want to)\b.*\b(?:from me|for yourself|elsewhere|me to|than (?:i|this|we)|else|no answer)\b",
    r"\b(?:don't|do not|never) (?:\w+ )?(?:ask|expect|send|rely|count|press|push)\b.*\b(?:me|us|this|that|these|"
    r"such|answer)\b",
    rf"\b(?:our|us)\b(?: \w+)? {_OURS}\b.*{_NO}|{_NO}.*\bour (?:\w+ )?{_OURS}\b|^\W*(?:sorry,? )?we(?:'re|"
    r" are) (?:\w+ )?not\b|\b(?:is|are) (?:a )?(?:no-go|taboo)\b|^\W*(?:some(?:one|body) else|others) (?:will|would|"
    r"should|must|may|might|can)\b|"
    rf"\bour (?:\w+ )?(?:assistant|bot|team|staff|service|desk|support|helpdesk)\b.{{0,16}}{_NO}.{{0,24}}\b{_SAY}\b|"
    r"\bas far as (?:i|we) (?:can|may)\b|\bonly (?:i|we) knew\b",
    r"\b(?:i|we)(?:'ve| have|'m| am|'re| are)? (?:\w+ )?(?:told|instructed|asked|decided|chosen|bound|obliged|"
    r"required|"
    rf"configured|programmed)\b.*(?:{_NO}|\bkeep\b)|\bwe (?:have|must|need|follow)\b.*{_NO}|{_NO}.*\bfrom (?:us|"
    r"me)\b|\bwe\b.*\b(?:ask you to|only (?:\w+ )?)\b",
    rf"^\W*(?:the|this|our) (?:chat|conversation|discussion|helpdesk|bot|place)\b.*{_NO}|^\W*end of "
    r"(?:the )?(?:discussion|conversation|story)\b|\bthis isn't (?:the|an?) (?:right )?(?:place|service|channel)\b",
    r"^\W*(?:(?:but |just )(?:nothing|not)|not (?:for|about)|anything but)\b.*\b(?:about|on|for|with|that|this)\b|"
    r"^\W*anything but\b|^\W*(?:(?:but|and|so) )?(?:this|that|it|these|those|yours?)\b(?: \w+)? ?"
    r"(?:isn't|aren't|is not|are not) (?:one|among|part)(?: of (?:them|those|that))?\W*$",
)
"""Who speaks, and says no."""

OUT_OF_BOUNDS = (
    r"^\W*(?:\w+ ){1,5}?(?:(?:is|are|falls?|lies?|goes)\b.*\b(?:outside|beyond|off limits|above (?:my|our))|"
    r"(?:is|are)(?:n't| not) (?:part|among|one|something|anything|what|within|in|my|our|for))\b.*"
    r"\b(?:i|we|my|our|me|us)\b",
)
"""A matter that is none of the speaker's: "Employment disputes are outside what I cover."."""

OFFERS = (
    r"\b(?:i|we)(?: can| could|'d be (?:happy|glad)| would be (?:happy|glad)|'m happy| am happy|'d happily|'d gladly|"
    r"'d love to)\b.*\b(?:you|instead)\b|\bwould you (?:like|prefer|be interested|care)\b|\bhow about\b|\binstead\b",
    r"^\W*(?:so |but |and |perhaps |maybe )?(?:please|kindly|you (?:may|might|could|should|would)|"
    r"your \w+(?: \w+)? (?:may|might|can|could|should|would)|the \w+ (?:would|might|may) be the)\b",
)
"""What is offered instead of an answer: another thing, or somebody else."""

_RULES = (
    r"(?:rules?|filters?|moderation|restrictions?|settings|polic(?:y|ies)|guidelines|instructions|safeguards|"
    r"protocols?)"
)
UNSPOKEN = (
    r"^\W*(?:(?:but|and|so|or),? )?(?:(?:on|about|to) )?(?:the|this|that|your|our|such|any|an(?: answer| opinion)|"
    r"all|further|"
    rf"here|these|those)\b(?: \w+){{0,3}}? {ASKED}\b.*{_NO}|^\W*(?:an? (?:answer|reply|response|opinion)|requests|"
    r"questions|"
    rf"inquiries|enquiries|queries|replies|answers|access|details|advice|help|assistance) .*{_NO}",
    rf"^\W*(?:(?:but|so|and) )no (?:\w+ )?{ASKED}\b|^\W*no (?:\w+ )?{ASKED}\b.*\b(?:can|could|will|may|shall|"
    r"possible|from me)\b|^\W*no (?:\w+ )?(?:talk|comments?|discussion|answers?|advice|help) (?:on|about|with|for)\b|"
    r"^\W*(?:this|that) (?:feature|"
    rf"action|option|capability|service)\b.*{_NO}|{_NO}.*\b(?:this|that|your|such|these) (?:\w+ )?{ASKED}\b",
    rf"\b{_RULES}\b.*(?:{_NO}|\b(?:triggered|suppressed|stop\w*)\b).*\b(?:me|us|it|this|that|these|my|our|{ASKED})\b|"
    rf"\b(?:{_NO}|triggered)\b.*\b(?:my|our|(?:by|of) (?:the )?(?:content|safety|usage)) (?:\w+ )?{_RULES}\b",
    rf"\b{ASKED}\b.*\b(?:blocked|filtered|flagged|suppressed|unavailable|unanswered|turned (?:away|down))\b",
    r"^\W*(?:helping|assisting|answering|responding|replying|providing|discussing|sharing|giving|offering|explaining|"
    rf"advising|commenting|writing|talking|speaking)\b.*{_NO}",
    r"^\W*(?:this|that|it)(?:'s| is)\b.*\b(?:off limits|off the table|confidential|classified)\b",
    r"^\W*(?:(?:this|that|it|which|(?:this|that) one)(?:'s| is| falls| lies| goes| exceeds)?|"
    r".*\?\W*)\b.*\b(?:off limits|off the table)\b",
)
"""What is said of a question by nobody: that it is not answered."""

CURT = (
    r"^\W*(?:(?:sorry|apologies|my apologies|unfortunately|regrettably|nope|no|thanks),? (?:but )?)*(?:not (?:\w+ing|"
    r"something|my|a|one|for)|can(?:no|')t|cannot|can not|unable|won't|will not|no can do|count me out|no comment|"
    r"not possible|dunno|don't know|do not know|wouldn't|couldn't|won't|afraid (?:not|i)|search me|beats me|no idea|"
    r"no clue|not (?:available|today|within|now|here)|thanks but no|i'm (?:very )?sorry)\b",
    r"^\W*thanks?,? but no\b",
    r"^\W*(?:no|nope)\W+(?:i'm )?sorry\W*$|^\W*(?:unfortunately|regrettably|sorry|afraid) not\W*$",
)
"""A few words in the place of an answer; below a question of yes or no they answer it."""

CURT_VERDICTS = (r"^\W*(?:declin(?:ed|ing)|refused|hard pass|pass|(?:\w+ )?denied)\W*$",)
"""A word in the place of an answer, which may be the name of something."""

SENDS_ON = (
    r"\b(?:ask|let|forward\w*|transfer\w*|hand|point|pass|escalat\w*|consult|see|contact|speak|talk|refer|direct|put|"
    r"take|leave|leaving|try|look|turn|call|ring|check|bring|pose|raise|address|discuss|seek|write|phone|served|left|"
    r"question)\b.{0,60}\b(?:some(?:one|body)|any(?:one|body)|professionals?|experts?|specialists?|elsewhere|else|"
    r"engine|sources?|authorit\w+|departments?|office|doctor|lawyer|physician|colleagues?|qualified|pharmacist|"
    r"solicitor|notary|clinician|accountant|advis[eo]r|provider|wrong assistant|human|others|hotline|agent|those who|"
    r"people who|team)\b",
    r"\byou(?:'d| would|'ll| should)? (?:\w+ ){0,2}?(?:need|want|require) (?:an? )?(?:\w+ )?(?:specialist|"
    r"professional|expert|human|lawyer|doctor)\b",
    r"\bwrong (?:assistant|person|place|one|bot)\b|\b(?:let's|let us|shall we|could we|can we|how about|perhaps we|"
    r"maybe we)\b.{0,24}\b(?:else|different|another|other|change|move)\b|\b(?:ask|asking|suggest|"
    r"propose)\b.{0,24}\b(?:something|anything|different|another|other) (?:else|lighter|topic|subject|things?|"
    r"questions?|\w+er)\b",
)
"""Who sends the question on to others, or would rather hear another one."""
