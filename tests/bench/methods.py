"""Train every method on the same rows, and print what each gains, forgets, weighs and costs.

    python tests/bench/methods.py MODEL_FOLDER DATASET_FOLDER [--tokens 6000] [--only ia3 oft] [--rate 1e-3]

The dataset is that of a run (`train.parquet` and `validation.parquet`). General text is the base's own answers. Each
adapter is loaded again from disk, and must give the same logits.
"""

import argparse
import sys
import tempfile
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
warnings.filterwarnings("ignore")

METHODS = (
    "lora",
    "gentle",
    "dora",
    "rslora",
    "pissa",
    "corda",
    "ia3",
    "oft",
    "prompt",
    "prefix",
    "reft",
    "full",
    "peft",
)


def main() -> None:
    import polars as pl
    import torch

    from evals.models import load
    from tasks.training.engine import train

    arguments = _arguments()
    read = {part: pl.read_parquet(arguments.dataset / f"{part}.parquet") for part in ("train", "validation")}
    model, tokenizer = load(arguments.folder, threads=arguments.threads)
    general = _general(model, tokenizer)
    size = sum(weight.numel() for weight in model.parameters())
    print(f"{'method':8} {'rate':>8} {'trained':>9} {'loss':>15} {'general':>8} {'tokens/CPU s':>12} same from disk")
    for method in arguments.only or METHODS:
        model, tokenizer = load(arguments.folder, threads=arguments.threads)
        settings = _settings(method, arguments)
        began = time.process_time()
        with tempfile.TemporaryDirectory() as out:
            result = train(
                model, read["train"], settings, validation=read["validation"], tokenizer=tokenizer,
                general=general[8:], watched=general[:8], out=Path(out),
            )  # fmt: skip
            spent = time.process_time() - began
            again, _ = load(arguments.folder, adapter=Path(out) / "adapter", threads=arguments.threads)
        ids = torch.arange(100, 160)[None]
        for one in (result.model, again):
            if hasattr(one, "set_prompts"):
                one.set_prompts([40])
        with torch.no_grad():
            same = torch.equal(result.model(input_ids=ids).logits, again(input_ids=ids).logits)
        trained = sum(weight.numel() for weight in result.model.parameters() if weight.requires_grad)
        print(
            f"{method:8} {settings.learning_rate:8.0e} {trained / size:9.3%} "
            f"{result.validation_before:6.3f} → {result.validation_after:6.3f} {result.forgotten:+8.3f} "
            f"{result.tokens / spent:12.0f} {same}",
            flush=True,
        )
        del model, again, result


def _settings(method: str, arguments: argparse.Namespace):
    from tasks.training.settings import Tune

    own = {"peft": {"peft_type": "VERA", "r": 64}} if method == "peft" else {}
    rate = {"learning_rate": arguments.rate} if arguments.rate else {}
    told = {"token_budget": arguments.tokens, "threads": arguments.threads, "validate_every_steps": 100, "keep": "last"}
    return Tune(method=method, forgetting={"on_breach": "tell"}, **told, **own, **rate)


def _general(model, tokenizer) -> list[dict[str, object]]:
    from evals.answering import answers
    from tasks.training.general_questions import questions

    asked = [[{"role": "user", "content": question}] for question in questions(24)]
    spoken = answers(model, tokenizer, asked, max_new_tokens=40)
    return [
        {"messages": [*prompt, {"role": "assistant", "content": answer}]}
        for prompt, answer in zip(asked, spoken, strict=True)
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a model in safetensors")
    parser.add_argument("dataset", type=Path, help="a run's dataset folder")
    parser.add_argument("--tokens", type=int, default=6_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", nargs="*", choices=METHODS)
    parser.add_argument("--rate", type=float, help="learning rate; left out, what is usual for each method")
    return parser.parse_args()


if __name__ == "__main__":
    main()
