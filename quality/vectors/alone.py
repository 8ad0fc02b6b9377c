"""Whether a text's bf16 vector is its own here: the same, bit for bit, whatever is embedded beside it.

That is a matter of the processor and of the kernels that its libraries choose for a shape. Where it doesn't hold, a
vector that was kept differs from one that is made again, and so may what is removed.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

from quality.vectors.encoder import Affine, Encoder, Layer, Norm, Run

if TYPE_CHECKING:
    import torch

_DIM, _HEADS, _LAYERS = 384, 12, 2  # of MiniLM, whose layers are all alike
_LENGTHS = range(2, 34)  # tokens; each text alone is padded to 32 or 64 rows


@lru_cache(maxsize=1)
def bf16_stands_alone() -> bool:
    """Embed random texts in bf16 together and each alone: some 50 milliseconds, once in a process."""
    import torch

    chance = torch.Generator().manual_seed(0)
    encoder = _random_encoder(chance)
    texts = [torch.randint(1000, (length,), generator=chance) for length in _LENGTHS]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as batches are embedded
    try:
        with torch.inference_mode():
            together = encoder.hidden(torch.cat(texts), [Run(1, len(text)) for text in texts])
            alone = torch.cat([encoder.hidden(text, [Run(1, len(text))]) for text in texts])
    except RuntimeError:  # there is no such product in bf16 here: the library's own layers pad, and round by the batch
        return False
    finally:
        torch.set_num_threads(threads)
    return torch.equal(together, alone)


def _random_encoder(chance: "torch.Generator") -> Encoder:
    import torch

    def affine(out: int, rows: int) -> Affine:
        weight = torch.randn(out, rows, generator=chance) * 0.05
        return Affine(weight.bfloat16(), torch.zeros(out, dtype=torch.bfloat16))

    norm = Norm(torch.ones(_DIM), torch.zeros(_DIM), 1e-12)
    layers = tuple(
        Layer(affine(3 * _DIM, _DIM), affine(_DIM, _DIM), norm, affine(4 * _DIM, _DIM), affine(_DIM, 4 * _DIM), norm)
        for _ in range(_LAYERS)
    )
    words = torch.randn(1000, _DIM, generator=chance).bfloat16()
    return Encoder(words, torch.randn(max(_LENGTHS), _DIM, generator=chance), norm, layers, _HEADS)
