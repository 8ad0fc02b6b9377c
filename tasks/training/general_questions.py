"""Questions that any assistant is asked: what a base answers to them is what a training on a domain might cost it."""

from collections.abc import Sequence

_FORMS: Sequence[str] = (
    "Explain in two sentences how {thing} works.",
    "What is {thing} used for?",
    "Name three facts about {thing}.",
    "Describe {thing} to a child of eight.",
    "Write one sentence about {thing} in the style of an encyclopedia.",
    "What should a beginner know about {thing}?",
)

_THINGS: Sequence[str] = (
    "a bicycle",
    "the water cycle",
    "a library",
    "the human heart",
    "a thermometer",
    "the solar system",
    "bread",
    "a volcano",
    "electricity",
    "the French language",
    "a chess game",
    "photosynthesis",
    "a piano",
    "the stock market",
    "a rainbow",
    "the Roman Empire",
    "a vaccine",
    "the internet",
    "a river delta",
    "the Olympic Games",
    "a microscope",
    "democracy",
    "a whale",
    "the number zero",
    "an earthquake",
    "a camera",
    "the Great Wall of China",
    "coffee",
    "a glacier",
    "the law of gravity",
    "a newspaper",
    "the immune system",
)


def questions(count: int) -> list[str]:
    """Return different questions, at most as many as there are: forms and things in turn.

    Examples
    --------
    >>> questions(2)
    ['Explain in two sentences how a bicycle works.', 'What is the water cycle used for?']
    """
    forms, things = len(_FORMS), len(_THINGS)
    pairs = ((at % forms + at // (forms * things // 2), at % things) for at in range(forms * things))
    asked = dict.fromkeys(_FORMS[form % forms].format(thing=_THINGS[thing]) for form, thing in pairs)
    return list(asked)[:count]
