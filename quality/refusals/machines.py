"""What a writer says that is no human: that it is a model, what it was trained on, that it wrote this.

Patterns are for sentences in lower case, with straight apostrophes. Who speaks of models, or of himself as somebody who
works on them ("as an AI researcher, I …"), is a person.
"""

from __future__ import annotations

_NAMES = (
    r"(?:ai|a\.i\.|artificial intelligence|(?:large |machine )?(?:language|learning) model|llm|gpt|chat ?bot|bot|"
    r"(?:virtual|digital|ai) assistant|computer program|neural network|machine)"
)
_IS_ONE = (
    rf"(?:just |only |merely |actually |simply )?(?:an?|your) (?:[\w-]+ ){{0,3}}?{_NAMES}"
    r"(?: (?:language )?(?:model|assistant|system|program|chat ?bot))?\b"
)
_MAKERS = r"(?:openai|anthropic|google|meta|microsoft|mistral|alibaba|deepseek|hugging ?face|stability)"
_MADE = r"(?:trained|created|developed|made|built|designed|programmed)"
_LEARNT = r"(?:knowledge|training|information|data)(?: data| base| set)?"
_SOURCES = r"(?:data|datasets?|data ?sets?|texts?|corpus|corpora|information)"
# A person is "in a program", and hears what is "coming from a machine".
_NO_THING = (
    r"(?:ai|a\.i\.|artificial intelligence|(?:language|ai) model|llm|gpt|chat ?bot|(?:virtual|digital|ai) assistant)"
)
NAMES_ITSELF = (
    rf"\b(?:i am|i'm|i, as|since i am|because i am) {_IS_ONE}(?:\W*$|[^\w\s]| (?:and|so|but|that|who|which|with|"
    r"without|trained|developed|created|made|built|designed|by|my|i|here|not)\b)",
    rf"\b(?:as|being|speaking as) {_IS_ONE}(?:,? (?:developed|trained|created|made|built|designed)\b.{{0,40}})?,? "
    r"(?:i|i'm|i've|my|let me)\b",
    rf"\b(?:i|me|my)\b.{{0,40}}\b(?:as|being) {_IS_ONE}\W*$",
    r"\bas (?:an )?artificial intelligence(?: (?:system|model|assistant))?,? (?:i|my)\b",
    r"\b(?:i am|i'm|as|being) (?:chat ?gpt|gpt-?\d)\b|\b(?:i am|i'm) (?:claude|bard|gemini|llama|alpaca|vicuna|copilot|"
    r"deepseek|qwen|grok)(?:\W*$|, an? (?:[\w-]+ ){0,3}(?:ai|assistant|model)\b)",
    rf"\b(?:i am|i'm) (?:claude|bard|gemini|llama|alpaca|vicuna|copilot|deepseek|qwen|grok),? (?:\w+ )?{_MADE} by\b",
    rf"\b(?:i (?:may|might) be|i'm not (?:an? )?(?:real )?(?:human|person),? (?:but )?i'm|(?:^\W*|[,;:] |\bthat |"
    rf"\bremember )you(?:'re| are) (?:talking|speaking|chatting) (?:to|with)) {_IS_ONE}(?:[^\w\s]|\W*$)",
    r"\b(?:i am|i'm) (?:just |only |merely |simply )?a (?:mere )?program\b(?:\W*$|[^\w\s]| (?:and|so|but|that)\b)",
    r"\bas an? (?:helpful|conversational|friendly|text-based|ai|automated)(?:,? (?:and|ai|virtual|digital|chat|"
    r"language|helpful|friendly|harmless|honest))* (?:assistant|ai|chat ?bot),? (?:i|i'm|i've|my|let me)\b",
    # What it was trained on, and until when.
    rf"\bmy {_LEARNT}(?: |'s )(?:cut-?off|(?:only )?(?:ends?|ended|stops?|stopped|goes|extends?|reaches|runs)\b|"
    r"was last updated|(?:is|may be|might be) (?:limited|current|up to date|out ?-?of ?-?date|outdated))",
    r"\bmy (?:knowledge(?: base)?|training (?:data|set)) (?:\w+ )?(?:covers?|includes?|contains?|comprises?|spans?|"
    r"does(?: not|n't) (?:\w+ )?"
    r"(?:cover|include|contain|extend|reach|go))\b.{0,40}\b(?:until|to|before|through|after|beyond|"
    r"past) (?:\w+ )?20\d\d\b",
    r"\bmy training (?:\w+ )?(?:covers?|includes?) (?:\w+ )?(?:events?|data|information|news|facts|anything)\b.{0,24}\b"
    r"(?:until|up to|before|through) (?:\w+ )?20\d\d\b",
    r"\b(?:based on|according to|in|from|within) my (?:training data|knowledge (?:base|cut-?off))\b",
    r"\b(?:as of|since) my (?:last|latest|most recent|knowledge|training)\b|\b(?:as per|up to|until|given) my (?:last |"
    r"latest |most recent )?(?:(?:knowledge |training )?update,? (?:in |of |from )?(?:\w+ )?20\d\d|knowledge (?:update|"
    r"cut-?off|base)|training data)\b|\bmy (?:last|latest|most recent) "
    r"(?:knowledge |training )(?:update|cut-?off)\b|\bmy last update (?:was )?(?:in|from) (?:\w+ )?(?:19|20)\d\d\b",
    rf"\b{_SOURCES} (?:that |which )?(?:i was|i am|i'm|i've been|i have been) (?:\w+ )?trained (?:on|with|by|from)\b",
    r"\bi have no (?:\w+ )?(?:information|knowledge|data)\b.{0,40}\b(?:beyond|after|since|past) (?:\w+ )?20\d\d\b",
    rf"\b(?:i was|i have been|i've been) (?:\w+ )?(?:trained|created|developed|made|built) by {_MAKERS}\b|"
    rf"\bi (?:was|have been|am|'ve been|'m) (?:last )?(?:trained (?:on|with) (?:(?:an?|the) )?"
    rf"(?:[\w-]+ ){{0,3}}?{_SOURCES}|(?:trained|updated) (?:in|until|up to|through) (?:\w+ )?(?:19|20)\d\d)\b",
    rf"\b(?:i was|i have been|i've been|i am|i'm) (?:\w+ )?{_MADE} (?:by (?:\w+ ){{0,4}}(?:at|from) {_MAKERS}\b|to "
    r"(?:assist|help|serve|support) users?\b)|\b(?:i'm|i am|i have been|i've been) "
    r"(?:\w+ )?programmed to (?:not |only |always )?(?:be|assist|help|serve|provide|give|answer|respond|reply|follow|"
    r"generate|produce|process|understand|avoid|refuse|discuss|offer|share)\b",
    rf"\b(?:{_MAKERS} (?:\w+ )?{_MADE} me|my (?:creators?|makers?|developers?) (?:at|is|are|from) {_MAKERS})\b|"
    r"\bi(?:'m| am) (?:powered by|based on|running on) (?:openai|gpt|an? (?:\w+ ){0,3}(?:language model|llm|ai))",
    r"\bmy (?:answers?|responses?|replies) (?:is|are) (?:\w+ )?(?:generated|produced|based on (?:the )?(?:patterns|"
    r"algorithms?))\b|\bi (?:generate|produce|form) (?:my )?(?:answers?|responses?|texts?)\b.{0,40}\btraining data\b",
    r"\b(?:i|we) (?:do not|don't|cannot|can't) (?:have )?(?:the ability to )?(?:access )?(?:to )?(?:real-?time|"
    r"live|up-to-date) (?:access|data|information|news|sources|databases?)\b|\bi (?:do not|don't|cannot|can't) "
    r"(?:have access to|browse) the (?:internet|web)\b",
    r"\bi (?:do not|don't|cannot|can't) (?:have (?:the ability to )?)?access (?:to )?current (?:data|information|"
    r"news)\b",
    r"\b(?:this|the above|my) (?:(?:answer|response|text|reply|content|summary|explanation|message) )?"
    r"(?:was|is|has been) (?:\w+ )?(?:generated|written|produced|created|composed) (?:\w+ )?by (?:an? )?"
    r"(?:[\w-]+ ){0,2}?(?:ai|artificial intelligence|language model|chat ?gpt|gpt-?\d|llm)\b|"
    r"^\W*(?:(?:note|disclaimer|warning)\W+)?ai-generated\b|"
    r"^\W*(?:generated|written|answered|answer|response|reply) by (?:an? )?(?:ai|chat ?gpt|gpt-?\d|language model)\W*$",
    r"^\W*(?:this (?:text|content|answer|response|article) was )?(?:sent|written|generated|created|produced|drafted) "
    r"(?:from|with|using|via|by)(?: the help of)? (?:chat ?gpt|gpt-?\d|(?:an )?ai)(?: assistance)?\W*$|"
    r"^\W*(?:note\W+)?ai-(?:written|assisted)\W*$|"
    r"^\W*(?:source|author|model|(?:answer|response|output) (?:from|of))\W+(?:the |an? )?(?:chat ?gpt|gpt-?\d|ai|"
    r"language model)\W*$",
    # What the page of a chat writes around its answers.
    r"^\W*(?:copy code|re-?generate response|is this conversation helpful so far|"
    r"was this response better or worse)\W*$|"
    r"^\W*chat ?gpt (?:can|may|might) (?:make mistakes\W*$|produce inaccurate information about\b)",
    rf"\b(?:coming|take (?:this|it)) from an? {_NO_THING}\b|\bthis is your (?:\w+ )?ai (?:assistant|helper|"
    rf"companion)\b|"
    r"\bthe (?:language )?model (?:that )?i (?:am based on|run on (?:is|was|has|does|can|cannot|can't))\b|"
    r"\bopenai's (?:[\w-]+ ){0,2}(?:policy|policies|"
    r"guidelines)\b.{0,24}\b(?:i|me)\b",
)
"""That the writer is no human: one such sentence tells of whoever wrote the answer, however much it says besides."""
