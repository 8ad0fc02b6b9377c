"""The loss at a model's head, a few positions at a time: logits, the widest tensors of a step, never exist whole.

A frozen linear head needs no gradient of its own, so each piece's gradient with regard to the hidden states is made at
once and its logits are dropped. (The idea of the fused linear cross-entropy of Hsu et al., “Liger Kernel”, 2024,
arXiv:2410.10989, in plain torch.)
"""

from dataclasses import dataclass
from typing import Any, cast

import torch

# Logits of 128 positions and 50,000 words are 25 MB.
_POSITIONS = 128
_COMPARED = 64  # positions, where two such tensors are needed at once


@dataclass(frozen=True)
class Head:
    """A causal language model in two: what makes hidden states, and the matrix that makes logits of them."""

    body: torch.nn.Module
    weight: torch.Tensor

    def hidden(self, at: torch.Tensor, **inputs: object) -> torch.Tensor:
        """Return the hidden states at the positions `at` of a single row of inputs, ``(positions, dim)``."""
        states: torch.Tensor = self.body(use_cache=False, **inputs).last_hidden_state[0, at]
        return states

    def summed_loss(self, targets: torch.Tensor, at: torch.Tensor, **inputs: object) -> torch.Tensor:
        """Sum the negative log-likelihood (nats) of `targets` at the positions `at` of a single row of inputs."""
        hidden = self.hidden(at, **inputs)
        summed: torch.Tensor = _SummedLoss.apply(hidden, self.weight, targets)  # type: ignore[no-untyped-call]
        return summed

    @torch.no_grad()
    def compared(self, base: torch.Tensor, hidden: torch.Tensor, targets: torch.Tensor) -> tuple[float, float]:
        """Sum the loss of hidden states, and KL(base‖model) = Σ_v p (ln p − ln q) between the base's and them, in nats.

        Gradients reach neither.
        """
        loss = apart = 0.0
        for place in range(0, len(hidden), _COMPARED):
            piece = slice(place, place + _COMPARED)
            p, q = ((states[piece] @ self.weight.T).float().log_softmax(-1) for states in (base, hidden))
            loss -= float(q.gather(1, targets[piece, None]).sum())
            apart += float(p.sub(q).mul_(p.exp_()).sum())
        return loss, apart


def plain_head(model: torch.nn.Module, **inputs: object) -> Head | None:
    """Take a model apart, or return None where its logits are more than a frozen matrix times its hidden states.

    Scaled and capped logits, biases, trained heads: rather than know them all by name, both ways are tried.

    Parameters
    ----------
    model
        A causal language model, wrapped or not.
    inputs
        A row of a few tokens to try on.
    """
    unwrap = getattr(model, "get_base_model", None)
    causal = cast("Any", model if unwrap is None else unwrap())
    body, top = causal.get_decoder(), causal.get_output_embeddings()
    if body in (None, causal) or type(top) is not torch.nn.Linear:  # an adapter's layer is more than it seems
        return None
    if [name for name, _ in top.named_parameters()] != ["weight"] or top.weight.requires_grad:
        return None
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            whole = model(use_cache=False, **inputs).logits
            apart = body(use_cache=False, **inputs).last_hidden_state @ top.weight.T
    finally:
        model.train(training)
    same = whole.shape == apart.shape and torch.allclose(whole.float(), apart.float(), rtol=1e-2, atol=1e-2)
    return Head(body, top.weight) if same else None


class _SummedLoss(torch.autograd.Function):
    """Cross-entropy of a linear head, summed; the gradient reaches the hidden states alone."""

    @staticmethod
    def forward(ctx: Any, hidden: torch.Tensor, weight: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:  # noqa: ANN401
        loss = hidden.new_zeros((), dtype=torch.float32)
        gradient = torch.empty_like(hidden) if ctx.needs_input_grad[0] else None
        for place in range(0, len(hidden), _POSITIONS):
            piece, wanted = hidden[place : place + _POSITIONS], targets[place : place + _POSITIONS]
            logits = piece @ weight.T
            shares = logits.softmax(dim=-1, dtype=torch.float32)
            # The likeliest word's share tells the sum that all were divided by, without another pass of exponentials.
            norm = logits.amax(dim=-1, keepdim=True).float() - shares.amax(dim=-1, keepdim=True).log()
            loss += (norm - logits.gather(1, wanted[:, None])).sum()
            if gradient is not None:
                shares.scatter_add_(1, wanted[:, None], shares.new_full((len(wanted), 1), -1))
                gradient[place : place + len(piece)] = shares.to(weight.dtype) @ weight
        ctx.save_for_backward(gradient)
        return loss

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor) -> tuple[torch.Tensor, None, None]:  # noqa: ANN401
        (gradient,) = ctx.saved_tensors
        return gradient * upstream[0], None, None
