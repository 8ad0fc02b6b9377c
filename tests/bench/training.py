"""Measure training: this engine against Hugging Face's Trainer with PEFT, on the same records.

    python tests/bench/training.py MODEL_FOLDER [--threads 1] [--records 48] [--lengths 20 200]

Each engine runs in a process of its own, so that its peak memory is its own. Tokens are real tokens: padding
counts for nothing.
"""

import argparse
import json
import math
import random
import resource
import statistics
import subprocess
import sys
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
warnings.filterwarnings("ignore")

SEQUENCES = 8  # in one optimizer step


def main() -> None:
    arguments = _arguments()
    if arguments.engine:
        print(json.dumps(_measure(arguments)))
        return
    found: dict[str, list[dict[str, float]]] = {"trainer": [], "winnow": []}
    for _ in range(arguments.repeats):
        for engine, runs in found.items():
            runs.append(_in_own_process(engine))
    best = {engine: min(runs, key=lambda run: run["cpu_seconds"]) for engine, runs in found.items()}
    tokens = int(best["winnow"]["tokens"])
    print(f"{arguments.records} records, {tokens} tokens, {arguments.threads} thread(s), best of {arguments.repeats}")
    for engine, run in best.items():
        print(
            f"{engine:8} {tokens / run['cpu_seconds']:6.0f} tokens per CPU second, "
            f"{tokens / run['seconds']:6.0f} per second, "
            f"peak {run['peak_gb']:.2f} GB, mean loss {run['loss']:.3f}"
        )
    # Neighbours in time share the machine's load; the best of each engine may come from different moments.
    pairs = zip(found["trainer"], found["winnow"], strict=True)
    ratios = sorted(trainer["cpu_seconds"] / winnow["cpu_seconds"] for trainer, winnow in pairs)
    print(
        f"ratio    {statistics.median(ratios):.2f} in CPU time (median of {len(ratios)} pairs, "
        f"{ratios[0]:.2f} to {ratios[-1]:.2f}), "
        f"{best['winnow']['peak_gb'] / best['trainer']['peak_gb']:.2f} in peak memory"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a model in safetensors")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--records", type=int, default=48)
    parser.add_argument("--lengths", type=int, nargs=2, default=(20, 200), help="shortest and longest record, tokens")
    parser.add_argument("--pack-tokens", type=int, default=None, help="default: the engine's own")
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--engine", choices=["winnow", "trainer"], help="run only this one, here, and print JSON")
    return parser.parse_args()


def _in_own_process(engine: str) -> dict[str, float]:
    command = [sys.executable, *sys.argv, "--engine", engine]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    run: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return run


def _rows(arguments: argparse.Namespace, vocabulary: int) -> list[tuple[list[int], list[int]]]:
    """Random tokens with the lengths of short instruction data: log-normal, about half of them answer."""
    draw = random.Random(1)
    shortest, longest = arguments.lengths
    rows = []
    for _ in range(arguments.records):
        length = int(min(longest, max(shortest, draw.lognormvariate(math.log((shortest * longest) ** 0.5), 0.5))))
        question = int(min(length - 8, max(8, length * draw.uniform(0.3, 0.7))))
        ids = [draw.randrange(100, vocabulary - 100) for _ in range(length)]
        rows.append((ids, [0] * question + [1] * (length - question)))
    return rows


def _measure(arguments: argparse.Namespace) -> dict[str, float]:
    import torch
    from transformers import AutoModelForCausalLM, logging

    logging.set_verbosity_error()
    torch.set_num_threads(arguments.threads)
    model = AutoModelForCausalLM.from_pretrained(arguments.folder, dtype=torch.bfloat16)
    rows = _rows(arguments, model.config.vocab_size)
    run = _winnow if arguments.engine == "winnow" else _trainer
    model, _ = run(model, rows[:2], arguments)  # kernels are chosen and memory is claimed before the clock runs
    wall, cpu = time.perf_counter(), time.process_time()
    _, loss = run(model, rows, arguments)
    return {
        "seconds": time.perf_counter() - wall,
        "cpu_seconds": time.process_time() - cpu,
        "tokens": sum(len(ids) for ids, _ in rows),
        "loss": loss,
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


def _winnow(model, rows, arguments):
    from tasks.training.engine import train
    from tasks.training.settings import Tune

    tokens = sum(len(ids) for ids, _ in rows)
    changed = {"pack_tokens": arguments.pack_tokens} if arguments.pack_tokens else {}
    settings = Tune(
        token_budget=tokens,
        batch_tokens=SEQUENCES * tokens // len(rows),
        threads=arguments.threads,
        warmup_share=0,
        **changed,
    )
    result = train(model, rows, settings)
    return result.model.unload(), result.curve["loss"].mean()


def _trainer(model, rows, arguments):
    import tempfile

    from peft import LoraConfig, get_peft_model
    from transformers import Trainer, TrainingArguments

    class Padder:
        """All the collator needs of a tokenizer."""

        padding_side = "right"

        def pad(self, features, **_):
            import torch

            longest = max(len(row["input_ids"]) for row in features)
            wide = {"input_ids": 0, "attention_mask": 0, "labels": -100}
            return {
                key: torch.tensor([list(row[key]) + [fill] * (longest - len(row[key])) for row in features])
                for key, fill in wide.items()
            }

    data = [
        {
            "input_ids": ids,
            "attention_mask": [1] * len(ids),
            "labels": [token if learnt else -100 for token, learnt in zip(ids, mask, strict=True)],
        }
        for ids, mask in rows
    ]
    wrapped = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", r=16, lora_alpha=32, target_modules="all-linear"))
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            model=wrapped,
            train_dataset=data,
            data_collator=Padder().pad,
            args=TrainingArguments(
                output_dir=folder,
                use_cpu=True,
                per_device_train_batch_size=SEQUENCES,
                num_train_epochs=1,
                learning_rate=2e-4,
                report_to=[],
                save_strategy="no",
                logging_strategy="no",
                disable_tqdm=True,
                remove_unused_columns=False,
            ),
        )
        outcome = trainer.train()
    return wrapped.unload(), outcome.training_loss


if __name__ == "__main__":
    main()
