"""Answers that were cut and then given a full stop, as “The harbour lies behind the.” was.

A word that is used again and again and that hardly a sentence ends in, ends none by itself. What a word's uses are to
its ends, sentences within the pool's answers tell: nothing was cut there. Two words that end some (“a part of.”) may
end others. And a clause may leave its verb or its preposition behind, since what that goes with stands before: “what
the pier is.”, “the log that the pier is part of.”, “the more there are.” That counts where a relative word is told from
another by the subject right behind it, and no article or the like stands in front of the last noun (“the list of.”).
"""

from __future__ import annotations

import polars as pl

from quality.truncation.sentence_ends import sampled

_WORD = r"\b\p{Ll}[\p{L}\p{M}'’-]*"
_CLOSE = r"[\"'”’)\]]*"
_END = rf"(?:\S+\s+)?{_WORD}[.!?]{_CLOSE}\s+[\"“‘'(\[]*\p{{Lu}}"
_LAST = rf"({_WORD})\s?\.{_CLOSE}\s*\z"
_LAST_TWO = rf"(\S+\s+{_WORD})\s?\.{_CLOSE}\s*\z"
_BE = r"(?:is|are|was|were|am|be|has|have|had|does|do|did|can|could|may|might|will|would|must|should)"
_TO = r"(?:of|to|for|in|on|at|by|with|from|about|into|upon|over|under|through|against|after|without|as)"
_OF_WHOM = r"(?:i|you|he|she|it|we|they|one)"
_OF_WHAT = r"(?:the|an?|this|that|these|those|its|their|his|her|our|your|my|each|every|some|any|no|all|both|which|\d+)"
_SUBJECT = rf"(?:{_OF_WHOM}|there|(?:{_OF_WHAT}|[\p{{L}}\d]+['’]s?)(?: [^\s,;:]+){{1,4}}?)"
# Where a thing is, is told behind a verb of telling; “cases where the value is.” was cut.
_TELLS = (
    r"(?:is|are|was|were|of|about|on|just|\p{L}+ly|(?:know|tell|show|see|find|say|determine|specif|indicate|decide|guess|"
    r"check|describe|define|remember|discover)\w*)"
)
_LEFT = (
    # “What the pier is.”, “how old he was.”, “which of them it is.”
    rf"\b(?:what(?:ever)?|who(?:ever)?|how \p{{L}}+|which(?:ever)?(?: of \p{{L}}+| \p{{L}}+)|{_TELLS} where)(?: else)? "
    rf"{_SUBJECT} {_BE}",
    rf"\bthe (?:more|less|\p{{L}}+er)\b.*\bthe (?:more|less|worse|\p{{L}}+er)\b(?: [^\s;:]+){{1,12}} {_BE}",
    # “The man he says he is.”, “larger than they say it is.”
    rf"\b(?:is|are|was|were|than|as|what|who)\b.*(?:claim|say|said|think|thought|pretend|believe|suppose|hope|fear|seem)"
    rf"\p{{L}}* {_OF_WHOM} {_BE}",
    r",? that (?:is|was)",
    # “The log that the pier is part of.”, “which the guild makes use of.”, “the boats they consist of.”
    rf"\b(?:which|that|who(?:m|ever|mever)?|what(?:ever)?|whose \p{{L}}+) {_SUBJECT}(?: [^\s,;:]+){{0,4}} {_TO}",
    rf"\b{_OF_WHAT}(?: \p{{L}}+){{1,2}} {_OF_WHOM} \p{{L}}{{4,}} {_TO}",
    # “Neither do we.”
    rf"\b(?:so|nor|neither) {_BE} {_OF_WHOM}",
    # “See under Dead, a.”: a dictionary's adjective.
    r"\b(?:see|cf\.?|same as|under) [^.;:]{0,60}, a",
)
# “By and by”, “over and over”.
_TWICE = rf"\b(\p{{Ll}}+) and (\p{{Ll}}+)\.{_CLOSE}\s*\z"
_LEFT_BEHIND = rf"(?i)(?:{'|'.join(_LEFT)})\.{_CLOSE}\s*\z"
# “Returns the list of.”; “such that the value of.”, where nothing is told from others.
_OWN_NOUN = (
    rf"(?i)(?:\b{_OF_WHAT} [^\s]+|\b(?:such|so|is|are|was|now|fact|order|provided|given|(?:mean|ensur|assum|say|not|"
    rf"requir|specif|indicat|check|show|know|mak|sure)\p{{L}}*) that {_SUBJECT}) {_TO}\.{_CLOSE}\s*\z"
)
# “The norm of b and of a.”: where another letter is a name, so is this.
_LETTER, _OTHER_LETTER = rf"\s(?:of|by|and|or|than|from|with) a\.{_CLOSE}\s*\z", r"[\s(,]\$?[b-hj-z]\$?[\s,;:)^]"
_SENTENCE = r"(?:\A|[.!?]\s+)([^.!?]*(?:[.!?]\S[^.!?]*)*\.[\"'”’)\]]*)\s*\z"
_FEWEST_ENDS = 1_000  # sentences within answers, below which they teach nothing
# Of a pool's answers, beforehand: those that were cut and given a full stop.
_CUT = 0.01
_FEWEST_ALIKE = 3  # answers that end in two words alike
_DOUBT = 0.5  # ends granted to each word
_LEAST_DOUBTED = 0.1


def false_stops(answers: pl.Series) -> pl.Series:
    """Tell how likely each answer was cut and given a full stop.

    By Bayes' rule: cut answers end in any word, as often as it is used, and whole ones in those that end sentences.

    Parameters
    ----------
    answers : pl.Series of String
        All of the pool, without nulls.

    Returns
    -------
    pl.Series of Float64
        Probabilities, in the order of the rows; 0 where no word of small letters stands before the full stop, and in
        pools of few sentences.
    """
    text = pl.col("text")
    texts = sampled(answers).select("text")
    inside = texts.select(end=text.str.extract_all(_END)).explode("end", empty_as_null=False, keep_nulls=False)["end"]
    if len(inside) < _FEWEST_ENDS:
        return pl.zeros(len(answers), pl.Float64, eager=True)
    ends = _counted(inside.str.extract(rf"({_WORD})[.!?]"))
    uses = _counted(texts.select(text.str.extract_all(_WORD).list.explode(empty_as_null=False)).to_series())
    told = uses.join(ends.rename({"count": "ends"}), on="word", how="left").with_columns(pl.col("ends").fill_null(0))
    used = pl.col("count") / pl.col("count").sum()
    ending = (pl.col("ends") + _DOUBT) / (len(inside) + 1)
    cut = told.select("word", cut=_CUT * used / (_CUT * used + (1 - _CUT) * ending))
    last = answers.alias("text").to_frame().select(word=text.str.extract(_LAST), two=text.str.extract(_LAST_TWO))
    seen = inside.str.extract(rf"(\S+\s+{_WORD})[.!?]").drop_nulls().unique()
    alike = (pl.len().over("two") >= _FEWEST_ALIKE) | pl.col("two").is_in(seen.implode())
    judged = last.join(cut, on="word", how="left", maintain_order="left")
    found = judged.select(cut=pl.when(~alike.fill_null(value=False)).then("cut").fill_null(0.0)).to_series()
    # Few are in doubt, and only their last sentences are read.
    doubtful = found.gt(_LEAST_DOUBTED).arg_true()
    return found.scatter(doubtful, found.gather(doubtful) * (~_left_behind(answers.gather(doubtful))).cast(pl.Float64))


def _left_behind(answers: pl.Series) -> pl.Series:
    """Tell the answers whose last clause lawfully ends in a verb or a preposition, or in the name of a variable."""
    sentence = answers.to_frame("text").select(pl.col("text").str.extract(_SENTENCE)).to_series().fill_null("")
    twice = answers.str.extract_groups(_TWICE).struct.unnest()
    again = (twice["1"] == twice["2"]).fill_null(value=False)
    named = answers.str.contains(_LETTER) & answers.str.contains(_OTHER_LETTER)
    return named | again | (sentence.str.contains(_LEFT_BEHIND) & ~sentence.str.contains(_OWN_NOUN))


def _counted(words: pl.Series) -> pl.DataFrame:
    return words.alias("word").drop_nulls().to_frame().group_by("word").agg(count=pl.len().cast(pl.Int64))
