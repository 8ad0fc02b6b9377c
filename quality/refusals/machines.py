"""What a writer says that is no human: that it is a model, what it was trained on, that it wrote this.

Patterns are for sentences in lower case, with straight apostrophes. Who speaks of models, or of himself as somebody who
works on them ("as an AI researcher, I …"), says nothing of the kind.
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
NAMES_ITSELF = (
    rf"\b(?:i am|i'm|i, as|since i am|because i am) {_IS_ONE}(?:\W*$|[^\w\s]| (?:and|so|but|that|who|which|with|"
    r"without|trained|developed|created|made|built|designed|by|my|i|here|not)\b)",
    rf"\b(?:as|being|speaking as) {_IS_ONE}(?:,? (?:developed|trained|created|made|built|designed)\b.{{0,40}})?,? "
    r"(?:i|i'm|i've|my|let me)\b",
    rf"\b(?:i|me|my)\b.{{0,40}}\b(?:as|being) {_IS_ONE}\W*$",
    r"\bas (?:an )?artificial intelligence(?: (?:system|model|assistant))?,? (?:i|my)\b",
    r"\b(?:i am|i'm|as|being) (?:chat ?gpt|gpt-?\d)\b|\b(?:i am|i'm) (?:claude|bard|gemini|llama|alpaca|vicuna|copilot|"
    r"deepseek|qwen|grok)(?:\W*$|, an? (?:[\w-]+ ){0,3}(?:ai|assistant|model)\b)",
    # What it was trained on, and until when.
    r"\bmy (?:knowledge|training|information|data)(?: data| base)?(?: |'s )(?:cut-?off|(?:only )?(?:ends?|ended|stops?|"
    r"stopped|goes|extends?|reaches|runs)\b|was last updated|(?:is|may be|might be) (?:limited|current|up to date|"
    r"out ?-?of ?-?date|outdated))",
    r"\b(?:based on|according to|in|from|within) my (?:training data|knowledge (?:base|cut-?off))\b",
    r"\b(?:as of|since) my (?:last|latest|most recent|knowledge|training)\b|\bmy (?:last|latest|most recent) "
    r"(?:knowledge |training )(?:update|cut-?off)\b|\bmy last update (?:was )?(?:in|from) (?:\w+ )?(?:19|20)\d\d\b",
    rf"\b(?:i was|i have been|i've been) (?:\w+ )?(?:trained|created|developed|made|built) by {_MAKERS}\b|"
    r"\bi (?:was|have been|am) (?:last )?(?:trained|updated) (?:on (?:data|texts?|an?|the)|in (?:\w+ )?(?:19|20)\d\d|"
    r"until|up to|through)\b",
    r"\b(?:i|we) (?:do not|don't|cannot|can't) (?:have )?(?:access )?(?:to )?(?:real-?time|live|up-to-date) "
    r"(?:data|information|news|sources|databases?)\b|\bi (?:do not|don't|cannot|can't) (?:have access to|browse) the "
    r"(?:internet|web)\b",
    r"\b(?:this|the above|my) (?:(?:answer|response|text|reply|content|summary|explanation|message) )?"
    r"(?:was|is|has been) (?:\w+ )?(?:generated|written|produced|created|composed) by (?:an? )?(?:[\w-]+ ){0,2}?"
    r"(?:ai|artificial intelligence|language model|chat ?gpt|gpt-?\d|llm)\b|^\W*(?:note\W+)?ai-generated\b",
)
"""That the writer is no human: one such sentence tells of whoever wrote the answer, however much it says besides."""
