"""Numbers in words, and what they are worth in figures."""

_UNITS = (
    *("zero", "one first", "two second", "three third", "four fourth", "five fifth", "six sixth", "seven seventh"),
    *("eight eighth", "nine ninth", "ten tenth", "eleven eleventh", "twelve twelfth", "thirteen", "fourteen"),
    *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
_TENS = ("thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
VALUES = {word: str(value) for value, words in enumerate(_UNITS) for word in words.split()}
VALUES |= {word: str(10 * tens) for tens, word in enumerate(_TENS, 3)}
"""The value of each word, in figures."""
