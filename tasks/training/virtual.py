"""Virtual tokens that begin as real ones: the first words of the training rows, or what the base keeps of them.

Begun at random, virtual tokens say what no text says, and prefix tuning has to find back to the base first. Words of
the task are what both papers advise.

References
----------
Lester, Al-Rfou and Constant (2021), The power of scale for parameter-efficient prompt tuning, arXiv:2104.08691, 3.2.
Li and Liang (2021), Prefix-tuning: optimizing continuous prompts for generation, arXiv:2101.00190, section 7.4.
"""

from collections.abc import Sequence
from itertools import chain, cycle, islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evals.adapters import Adapted
    from tasks.training.example import Example


def begin_at_words(model: "Adapted", examples: "Sequence[Example]") -> None:
    """Set the virtual tokens of prompt or prefix tuning to the first tokens of the examples, one behind the other."""
    import torch
    from peft.tuners.cartridge.utils import initialize_kv_prefix_from_past_key_values

    config = model.active_peft_config
    words = chain.from_iterable(example.ids.tolist() for example in cycle(examples))
    ids = torch.tensor([list(islice(words, config.num_virtual_tokens))], device=model.device)
    base = model.get_base_model()
    with torch.no_grad():
        if config.peft_type == "PREFIX_TUNING":
            kept = base(input_ids=ids, use_cache=True).past_key_values
            initialize_kv_prefix_from_past_key_values(model, past_key_values=kept)
        else:
            table = model.prompt_encoder[model.active_adapter].embedding.weight
            table.copy_(base.get_input_embeddings()(ids[0]))
