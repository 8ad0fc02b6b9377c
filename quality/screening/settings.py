"""What screening asks of a row, as the recipe's `curate.screen` shows it."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Screen(BaseModel):
    """Which defects cost a row its place. Checks apply to answers unless they say otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    least_words: int | None = Field(
        default=None,
        ge=0,
        description="Fewest words of an answer (`short_answer`). Left out, it is 3 where less than one answer in 200 "
        "is that short, as then a short one is a slip (“ok”) unless answers to prompts of its kind are short, "
        "and else 1, which keeps “Paris.” and “42”; "
        "0 where one in 200 is a sign (“/”, “<=”).",
    )
    most_words: int = Field(default=20_000, ge=1, description="Most words of an answer (`long_answer`).")
    placeholders: tuple[str, ...] = Field(
        default=(
            "n/a",
            "nan",
            "null",
            "tbd",
            "todo",
            "[deleted]",
            "[removed]",
            "[redacted]",
            "[empty]",
            "(empty)",
            "<empty>",
            "undefined",
            "no answer",
            "no answer provided",
            "no response",
            "no answer available",
            "no answer available.",
            "no content",
            "no data",
            "not available",
            "not applicable",
            "(no text)",
            "[blank]",
            "<blank>",
            "[answer]",
            "[insert answer here]",
            "[your answer here]",
            "placeholder",
            "lorem ipsum",
            "coming soon",
            "to be determined",
            "tba",
            "n.a.",
            "#n/a",
            "answer:",
            "response:",
            "output:",
            "_",
        ),
        description="What stands for a missing answer (`placeholder_answer`), where the prompt does not offer it "
        "(“N/A if there is none”); compared whole, in any case. Nulls, errors of "
        "spreadsheets, words for it in the main languages and places to fill in are known besides; with an empty list, "
        "nothing stands for it.",
    )
    least_letters: float = Field(
        default=0.3,
        ge=0,
        le=1,
        description="Least share (0 to 1) of letters and digits of any script among the characters that are "
        "not blank (`mostly_non_letters`).",
    )
    most_digits: float = Field(
        default=0.9,
        ge=0,
        le=1,
        description="Largest share (0 to 1) of digits among the characters that are not blank (`mostly_digits`); "
        "texts of fewer than 40 such characters are let be.",
    )
    most_symbols: float = Field(
        default=0.15,
        ge=0,
        le=1,
        description="Largest share (0 to 1) of the signs #@$%^&~|\\*§¶ among the characters that are not blank "
        "(`symbol_noise`), where five kinds of them or more stand outside of code; of all signs, where they come as "
        "evenly as if drawn; or of packed bytes (base64).",
    )
    most_gibberish: float = Field(
        default=0.7,
        ge=0,
        description="Most bits a letter by which drawing letters explains an answer's words better than the words of "
        "the pool do (`gibberish`): honest answers are below 0.5, keys struck at random mostly above 1.",
    )
    most_jumbled: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Largest share (0 to 1) of an answer's longer words that are words of other answers with their "
        "letters in another order, reversed or shuffled (`gibberish`).",
    )
    most_broken: float = Field(
        default=0.001,
        ge=0,
        le=1,
        description="Largest share (0 to 1) of places that were decoded wrongly, or hold control characters, which in "
        "prompts count too (`broken_characters`): 0.001 is one in 1,000 characters.",
    )
    most_broken_count: int = Field(
        default=2,
        ge=0,
        description="Most of such places, however long the answer (`broken_characters`).",
    )
    most_markup: int = Field(
        default=0,
        ge=0,
        description="Most HTML tags, entities, chat-template tokens, turns written in a user's name, pieces of "
        "styles, scripts, templates or typesetting, and of what frames a page, outside of code and of rows about these "
        "(`leftover_markup`).",
    )
    most_refusal: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Largest share (0 to 1) of an answer's characters in sentences that refuse (`refusal`), or in "
        "what assistants say of themselves (`assistant_boilerplate`): all of it, where the writer says that it is one. "
        "Mostly English.",
    )
    most_repeated_lines: float = Field(
        default=0.35,
        ge=0,
        le=1,
        description="Largest share (0 to 1) of characters in lines that stood before (`repeated_lines`), "
        "if two or more did: sentences and paragraphs wherever they stand, other lines where they come again and again "
        "before anything new does, so that configurations, tables, code and songs stay.",
    )
    most_repeated_phrases: float = Field(
        default=0.6,
        ge=0,
        le=1,
        description="Largest share (0 to 1) of runs of three words that stood before (`repeated_phrases`), in the "
        "answer, or in a prompt of 2,000 characters or more; in texts laid out in short lines, or full of signs of "
        "code, of those alone that come again and again before anything new does.",
    )
    most_looped_words: int = Field(
        default=15,
        ge=0,
        description="Most words in a loop, which says the same four times or more in a row (`repeated_phrases`).",
    )
    most_cut_off: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="How likely (0 to 1) an answer may be to have been cut off (`truncated_answer`): how its end, "
        "and its length, look beside the pool's own answers, whole and cut, and how usual it is here to leave out the "
        "full stop; 0.5 gives up two whole answers of a thousand by its own account (up to four were seen), 1 none.",
    )
    read_again: Literal["auto", "always", "never"] = Field(
        default="auto",
        description="Whether the base model reads the ends of answers of which the pool does not tell whether they "
        "were cut off (of mixed pools two to four in a hundred; the last words of each); auto does where the model is "
        "small (600 million numbers) or an accelerator is there.",
    )
    earlier_answers: bool = Field(
        default=True,
        description="Whether a conversation's answers before its last, which are learnt as well, are looked at, too: "
        "for broken characters, markup, noise, gibberish, repetition, placeholders, other languages, and outright "
        "refusals. Whether they are short, or cut off, is not asked: in a talk, many are.",
    )
    languages: tuple[str, ...] = Field(
        default=(),
        description="Languages that may stay, as ISO 639 codes: [en, de] (`other_language`). None: no row is looked "
        "at. Needs the package py3langid.",
    )
    least_language: float = Field(
        default=0.01,
        ge=0,
        le=1,
        description="Least probability (0 to 1) that an answer is in one of `languages` (`other_language`).",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.least_words is not None and self.least_words > self.most_words:
            raise ValueError(
                f"least_words {self.least_words:,} lies above most_words {self.most_words:,}, so that no answer could "
                "stay. Lower the one or raise the other."
            )
        return self
