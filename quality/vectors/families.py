"""Where the families of BERT keep their weights: BERT, RoBERTa, XLM-RoBERTa, CamemBERT, DistilBERT and MPNet.

Most embedding models are one of these. A model's queries, keys and values become three views of one matrix, so that
they cost one product and no memory; the model works on as before.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from quality.vectors.encoder import Affine, Encoder, Layer, Norm

if TYPE_CHECKING:
    from torch import Tensor


def read_encoder(model: Any) -> Encoder | None:  # noqa: ANN401  (transformers' models share no narrower type)
    """Read the weights of a transformers encoder.

    Parameters
    ----------
    model
        A transformers model.

    Returns
    -------
    Encoder | None
        None where the model is of another family, or a decoder.
    """
    read = _FAMILIES.get(type(model).__name__)
    if read is None or not type(model).__module__.startswith("transformers.models."):
        return None
    return None if getattr(model.config, "is_decoder", False) else read(model)


def _bert(model: Any, *, from_padding: bool = False) -> Encoder:  # noqa: ANN401
    first = model.embeddings
    return Encoder(
        words=first.word_embeddings.weight.detach(),
        positions=first.position_embeddings.weight.detach().float() + first.token_type_embeddings.weight[0].detach(),
        norm=_norm(first.LayerNorm),
        layers=tuple(
            Layer(
                qkv=_joined(block.attention.self.query, block.attention.self.key, block.attention.self.value),
                out=_affine(block.attention.output.dense),
                attention_norm=_norm(block.attention.output.LayerNorm),
                up=_affine(block.intermediate.dense),
                down=_affine(block.output.dense),
                norm=_norm(block.output.LayerNorm),
            )
            for block in model.encoder.layer
        ),
        heads=model.config.num_attention_heads,
        padding=first.position_embeddings.padding_idx if from_padding else None,
        activation=_unless_gelu(model.config.hidden_act),
    )


def _distilbert(model: Any) -> Encoder:  # noqa: ANN401
    return Encoder(
        words=model.embeddings.word_embeddings.weight.detach(),
        positions=model.embeddings.position_embeddings.weight.detach().float(),
        norm=_norm(model.embeddings.LayerNorm),
        layers=tuple(
            Layer(
                qkv=_joined(block.attention.q_lin, block.attention.k_lin, block.attention.v_lin),
                out=_affine(block.attention.out_lin),
                attention_norm=_norm(block.sa_layer_norm),
                up=_affine(block.ffn.lin1),
                down=_affine(block.ffn.lin2),
                norm=_norm(block.output_layer_norm),
            )
            for block in model.transformer.layer
        ),
        heads=model.config.n_heads,
        activation=_unless_gelu(model.config.activation),
    )


def _mpnet(model: Any) -> Encoder:  # noqa: ANN401
    import torch

    def bias(length: int) -> "Tensor":
        added: Tensor = model.encoder.compute_position_bias(torch.empty(1, length))
        return added

    return Encoder(
        words=model.embeddings.word_embeddings.weight.detach(),
        positions=model.embeddings.position_embeddings.weight.detach().float(),
        norm=_norm(model.embeddings.LayerNorm),
        layers=tuple(
            Layer(
                qkv=_joined(block.attention.attn.q, block.attention.attn.k, block.attention.attn.v),
                out=_affine(block.attention.attn.o),
                attention_norm=_norm(block.attention.LayerNorm),
                up=_affine(block.intermediate.dense),
                down=_affine(block.output.dense),
                norm=_norm(block.output.LayerNorm),
            )
            for block in model.encoder.layer
        ),
        heads=model.config.num_attention_heads,
        padding=model.embeddings.padding_idx,
        bias=bias,
        activation=_unless_gelu(model.config.hidden_act),
    )


_FAMILIES: dict[str, Callable[[Any], Encoder]] = {
    "BertModel": _bert,
    "RobertaModel": partial(_bert, from_padding=True),
    "XLMRobertaModel": partial(_bert, from_padding=True),
    "CamembertModel": partial(_bert, from_padding=True),
    "DistilBertModel": _distilbert,
    "MPNetModel": _mpnet,
}


def _affine(linear: Any) -> Affine:  # noqa: ANN401
    return Affine(linear.weight.detach(), linear.bias.detach())


def _norm(norm: Any) -> Norm:  # noqa: ANN401
    return Norm(norm.weight.detach().float(), norm.bias.detach().float(), norm.eps)


def _joined(*linears: Any) -> Affine:  # noqa: ANN401
    """One layer that answers what several do, side by side; theirs become views of it."""
    import torch

    weight = torch.cat([linear.weight.detach() for linear in linears])
    bias = torch.cat([linear.bias.detach() for linear in linears])
    at = 0
    for linear in linears:
        rows = slice(at, at + linear.out_features)
        linear.weight.data, linear.bias.data = weight[rows], bias[rows]
        at = rows.stop
    return Affine(weight, bias)


def _unless_gelu(activation: str) -> "Callable[[Tensor], Tensor] | None":
    from transformers.activations import ACT2FN

    if activation == "gelu":
        return None
    function: Callable[[Tensor], Tensor] = ACT2FN[activation]
    return function
