"""How the items of a suite are asked: worked examples first, in the model's chat template or in a text of one's own."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from evals.chat import opening, other_turns, render_prompt
from evals.lessons import render_pair
from evals.suites import CHAT, Suite

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Message = Mapping[str, str]

_APART = "\n\n"
_QUESTION = "{question}"


class Turn(BaseModel):
    """A message of an example."""

    model_config = ConfigDict(frozen=True)

    role: str
    content: str


class Example(BaseModel):
    """A worked example: an item that is shown with its answer, and never asked."""

    model_config = ConfigDict(frozen=True)

    item: str
    cluster: str
    prompt: tuple[Turn, ...]
    target: str


class Asked(BaseModel):
    """A suite as an exam asks it: what it is, and the examples that stand before every item, the same for all."""

    model_config = ConfigDict(frozen=True)

    suite: Suite = Field(description="The suite, without its source.")
    shots: tuple[Example, ...] = Field(default=(), description="Worked examples, in their order.")

    @property
    def is_chat(self) -> bool:
        """Whether the model's own template is used."""
        return self.suite.format == CHAT

    def context(self, tokenizer: "PreTrainedTokenizerBase", prompt: Sequence[Message]) -> str:
        """Return all that stands before the answer.

        Raises
        ------
        ChatTemplateError
            If the model's chat template refuses the conversation.
        """
        return render_prompt(tokenizer, self._turns(prompt)) if self.is_chat else self._written(tokenizer, prompt)

    def pair(self, tokenizer: "PreTrainedTokenizerBase", prompt: Sequence[Message], answer: str) -> tuple[str, str]:
        """Return what stands before an answer, and the answer as it stands there; errors are those of `context`."""
        if self.is_chat:
            return render_pair(tokenizer, self._turns(prompt), answer)
        return self._written(tokenizer, prompt), self._behind(answer)

    def ends(self, tokenizer: "PreTrainedTokenizerBase") -> tuple[str, ...]:
        """Return where a model goes on with questions of its own; in its chat template it ends its turn."""
        if self.is_chat:
            return other_turns(tokenizer)
        before = self.suite.format.partition(_QUESTION)[0].lstrip()
        head = before.rstrip()
        if head[-1:].isalnum():  # “Q” begins many words: what parts it from the question goes with it
            head = before[: len(head) + 1]
        return (_APART, f"\n{head}") if head else (_APART,)

    def _behind(self, answer: str) -> str:
        """Part an answer from its question: by a space, unless the format ends, or it begins, with white space."""
        return answer if self.suite.format[-1:].isspace() or answer[:1].isspace() else f" {answer}"

    def _turns(self, prompt: Sequence[Message]) -> list[Message]:
        """Put the examples behind the item's own system message; those of the examples are left out."""
        own = [message for message in prompt if message["role"] == "system"]
        shown: list[Message] = []
        for shot in self.shots:
            shown += [turn.model_dump() for turn in shot.prompt if turn.role != "system"]
            shown.append({"role": "assistant", "content": shot.target})
        return [*own, *shown, *(message for message in prompt if message["role"] != "system")] if shown else [*prompt]

    def _written(self, tokenizer: "PreTrainedTokenizerBase", prompt: Sequence[Message]) -> str:
        shown = [self._filled([turn.model_dump() for turn in s.prompt]) + self._behind(s.target) for s in self.shots]
        text, start = _APART.join([*shown, self._filled(prompt)]), opening(tokenizer)
        return text if text.startswith(start) else start + text

    def _filled(self, prompt: Sequence[Message]) -> str:
        return self.suite.format.replace(_QUESTION, "\n".join(message["content"] for message in prompt))
