"""Measure training against Hugging Face's Trainer with PEFT, and TRL's SFTTrainer, on the same records.

    python tests/bench/training.py MODEL_FOLDER [--threads 1] [--records 48] [--lengths 20 200]
    python tests/bench/training.py MODEL_FOLDER --curve 50 --rows FILE.jsonl

Each engine runs in a process of its own, so that its peak memory is its own. Tokens are real tokens: padding counts for
nothing. TRL is measured where it is installed (1.16.0 was; it is no dependency of winnow's): as it comes, with padding,
and with the packing that it offers. The share of the matmul peak is what winnow's products need (counted by torch as
they run) against one large bfloat16 product in the same process; by the clock, which other work on the machine slows for
the training but not for the best of a few products, and in CPU time.

With `--curve`, the Trainer and winnow take the same records in the same steps at the same learning rate, and their
losses are compared step by step. Records are lines with "question" and "answer".
"""

import argparse
import importlib.util
import json
import math
import os
import random
import resource
import statistics
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
warnings.filterwarnings("ignore")

SEQUENCES = 8  # in one optimizer step
_PRODUCTS = 100


def main() -> None:
    arguments = _arguments()
    if arguments.engine:
        print(json.dumps(_measure(arguments)))
    elif arguments.curve:
        _compare_curves()
    else:
        _compare(arguments)


def _compare(arguments: argparse.Namespace) -> None:
    peers = ["trainer", *(["trl", "trl-packed"] if importlib.util.find_spec("trl") else [])]
    found: dict[str, list[dict[str, float]]] = {engine: [] for engine in [*peers, "winnow"]}
    for _ in range(arguments.repeats):
        for engine, runs in found.items():
            runs.append(_in_own_process(engine))
    best = {engine: min(runs, key=lambda run: run["cpu_seconds"]) for engine, runs in found.items()}
    tokens = int(best["winnow"]["tokens"])
    print(f"{arguments.records} records, {tokens} tokens, {arguments.threads} thread(s), best of {arguments.repeats}")
    for engine, run in best.items():
        print(
            f"{engine:10} {tokens / run['cpu_seconds']:6.0f} tokens per CPU second, "
            f"{tokens / run['seconds']:6.0f} per second, "
            f"peak {run['peak_gb']:.2f} GB, mean loss {run['loss']:.3f}"
        )
    for peer in peers:
        # Neighbours in time share the machine's load; the best of each engine may come from different moments.
        pairs = zip(found[peer], found["winnow"], strict=True)
        ratios = sorted(other["cpu_seconds"] / winnow["cpu_seconds"] for other, winnow in pairs)
        print(
            f"winnow against {peer:10} {statistics.median(ratios):.2f} times in CPU time (median of {len(ratios)} "
            f"pairs, {ratios[0]:.2f} to {ratios[-1]:.2f}), "
            f"{best['winnow']['peak_gb'] / best[peer]['peak_gb']:.2f} of its peak memory"
        )
    by_clock, by_cpu = (
        statistics.median(run[share] for run in found["winnow"])
        for share in ("share_of_peak", "share_of_peak_in_cpu_time")
    )
    print(f"winnow's products: {by_clock:.0%} of the bfloat16 matmul peak by the clock, {by_cpu:.0%} in CPU time")


def _compare_curves() -> None:
    trainer, winnow = (_in_own_process(engine)["curve"] for engine in ("trainer", "winnow"))
    apart = [abs(ours / theirs - 1) for ours, theirs in zip(winnow, trainer, strict=True)]
    for at in sorted({0, 9, 24, len(apart) - 1} & set(range(len(apart)))):
        print(f"step {at + 1:3}: Trainer {trainer[at]:.4f}, winnow {winnow[at]:.4f}, {apart[at]:.2%} apart")
    print(f"{len(apart)} steps: {statistics.mean(apart):.2%} apart on average, {max(apart):.2%} at most")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a model in safetensors")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--records", type=int, default=48)
    parser.add_argument("--lengths", type=int, nargs=2, default=(20, 200), help="shortest and longest record, tokens")
    parser.add_argument("--pack-tokens", type=int, default=None, help="default: the engine's own")
    parser.add_argument("--workers", type=int, default=1, help="winnow's processes, which share the threads")
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--curve", type=int, help="compare losses over this many steps instead")
    parser.add_argument("--rows", type=Path, help='lines with "question" and "answer"; default: random tokens')
    engines = ["winnow", "trainer", "trl", "trl-packed"]
    parser.add_argument("--engine", choices=engines, help="run only this one, here, and print JSON")
    return parser.parse_args()


def _in_own_process(engine: str) -> dict[str, Any]:
    command = [sys.executable, *sys.argv, "--engine", engine]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    run: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
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


def _read(arguments: argparse.Namespace) -> list[tuple[list[int], list[int]]]:
    """Real records, in order, for as many steps as are compared."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(arguments.folder)
    rows = []
    for line in arguments.rows.read_text(encoding="utf-8").splitlines()[: SEQUENCES * arguments.curve]:
        record = json.loads(line)
        question, answer = (tokenizer(record[part])["input_ids"] for part in ("question", "answer"))
        ids = [*question, *answer, tokenizer.eos_token_id][:512]
        rows.append((ids, [0] * min(len(question), 511) + [1] * (len(ids) - min(len(question), 511))))
    return rows


def _measure(arguments: argparse.Namespace) -> dict[str, Any]:
    import torch
    from transformers import AutoModelForCausalLM, logging

    logging.set_verbosity_error()
    torch.set_num_threads(arguments.threads)
    model = AutoModelForCausalLM.from_pretrained(arguments.folder, dtype=torch.bfloat16)
    if arguments.curve:
        torch.manual_seed(0)
        rows = _read(arguments) if arguments.rows else _rows(arguments, model.config.vocab_size)
        run = _winnow if arguments.engine == "winnow" else _trainer
        return {"curve": run(model, rows, arguments)[1]}
    rows = _rows(arguments, model.config.vocab_size)
    run = {"winnow": _winnow, "trainer": _trainer, "trl": _trl, "trl-packed": _trl}[arguments.engine]
    model, _ = run(model, rows[:2], arguments)  # kernels are chosen and memory is claimed before the clock runs
    wall, cpu = time.perf_counter(), _cpu_seconds()
    model, losses = run(model, rows, arguments)
    found = {
        "seconds": time.perf_counter() - wall,
        "cpu_seconds": _cpu_seconds() - cpu,
        "tokens": sum(len(ids) for ids, _ in rows),
        "loss": statistics.mean(losses),
        "peak_gb": sum(  # of this process, and of the largest worker
            resource.getrusage(whose).ru_maxrss / 2**20
            for whose in (resource.RUSAGE_SELF, *([resource.RUSAGE_CHILDREN] if arguments.workers > 1 else []))
        ),
    }
    if arguments.engine == "winnow":
        operations = _operations(model, rows, arguments)
        by_clock, by_cpu = _peak()
        found["share_of_peak"] = operations / found["seconds"] / by_clock
        found["share_of_peak_in_cpu_time"] = operations / found["cpu_seconds"] / by_cpu
    return found


def _cpu_seconds() -> float:
    """Of this process and of all that it started and saw end."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _operations(model, rows, arguments) -> float:
    from torch.utils.flop_counter import FlopCounterMode

    alone = argparse.Namespace(**vars(arguments) | {"workers": 1})  # what other processes compute can't be counted
    with FlopCounterMode(display=False) as counter:
        _winnow(model, rows, alone)
    return counter.get_total_flops()


def _peak() -> tuple[float, float]:
    """Operations of a large product per second, the best of a few, and per CPU second of all of them."""
    import torch

    left = torch.randn(1024, 1024).bfloat16()
    left @ left
    seconds, spent = [], _cpu_seconds()
    for _ in range(_PRODUCTS):
        began = time.perf_counter()
        left @ left
        seconds.append(time.perf_counter() - began)
    return 2 * 1024**3 / min(seconds), _PRODUCTS * 2 * 1024**3 / (_cpu_seconds() - spent)


def _winnow(model, rows, arguments):
    from tasks.training.engine import train
    from tasks.training.settings import Tune

    tokens = sum(len(ids) for ids, _ in rows)
    changed = {"pack_tokens": arguments.pack_tokens} if arguments.pack_tokens else {}
    if arguments.curve:
        return model, _winnow_curve(model, rows, arguments)
    settings = Tune(
        token_budget=tokens,
        batch_tokens=SEQUENCES * tokens // len(rows),
        threads=arguments.threads,
        workers=arguments.workers,
        warmup_share=0,
        **changed,
    )
    result = train(model, rows, settings)
    return result.model.unload(), result.curve["loss"].to_list()


def _winnow_curve(model, rows, arguments) -> list[float]:
    """Take the steps that the Trainer takes: the plan is handed over, all else is the engine's own."""
    from unittest.mock import patch

    from tasks.training.engine import train
    from tasks.training.packing import Batch, pack
    from tasks.training.settings import Tune

    sizes = [len(ids) for ids, _ in rows]
    batches = []
    for begin in range(0, len(rows), SEQUENCES):
        own = range(begin, min(begin + SEQUENCES, len(rows)))
        packs = pack([sizes[at] for at in own], 512)
        batches.append(
            Batch(
                packs=tuple(tuple(own[at] for at in members) for members in packs),
                tokens=sum(sizes[at] for at in own),
                supervised=sum(sum(rows[at][1][1:]) for at in own),
            )
        )
    settings = Tune(token_budget=sum(sizes), threads=arguments.threads, warmup_share=0)
    with (
        patch("tasks.training.loop.plan", lambda *_, **__: batches),
        patch("tasks.training.loop.learning_rate", lambda *_: 2e-4),
    ):
        return train(model, rows, settings).curve["loss"].to_list()


def _columns(rows) -> list[dict[str, list[int]]]:
    return [
        {
            "input_ids": ids,
            "attention_mask": [1] * len(ids),
            "labels": [token if learnt else -100 for token, learnt in zip(ids, mask, strict=True)],
        }
        for ids, mask in rows
    ]


def _lora():
    from peft import LoraConfig

    return LoraConfig(task_type="CAUSAL_LM", r=16, lora_alpha=32, target_modules="all-linear")


def _told(arguments: argparse.Namespace) -> dict[str, Any]:
    """What both trainers are asked for."""
    return {
        "use_cpu": True,
        "per_device_train_batch_size": SEQUENCES,
        "num_train_epochs": 1,
        "learning_rate": 2e-4,
        "lr_scheduler_type": "constant" if arguments.curve else "linear",
        "report_to": [],
        "save_strategy": "no",
        "logging_strategy": "steps",
        "logging_steps": 1,
        "disable_tqdm": True,
    }


def _losses(trainer) -> list[float]:
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]


def _trainer(model, rows, arguments):
    import tempfile

    from peft import get_peft_model
    from transformers import Trainer, TrainingArguments

    class InOrder(Trainer):
        def _get_train_sampler(self, *_):
            from torch.utils.data import SequentialSampler

            return SequentialSampler(self.train_dataset)

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

    wrapped = get_peft_model(model, _lora())
    with tempfile.TemporaryDirectory() as folder:
        trainer = (InOrder if arguments.curve else Trainer)(
            model=wrapped,
            train_dataset=_columns(rows),
            data_collator=Padder().pad,
            args=TrainingArguments(output_dir=folder, remove_unused_columns=False, **_told(arguments)),
        )
        trainer.callback_handler.callbacks = [
            one for one in trainer.callback_handler.callbacks if type(one).__name__ != "PrinterCallback"
        ]
        trainer.train()
    return wrapped.unload(), _losses(trainer)


def _trl(model, rows, arguments):
    import tempfile

    from datasets import Dataset, disable_progress_bars
    from transformers import AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    disable_progress_bars()
    packed = {"packing": True, "max_length": 512} if arguments.engine == "trl-packed" else {"max_length": None}
    if packed.get("packing"):  # a step is then of packs; as many tokens as the others' steps have
        tokens = sum(len(ids) for ids, _ in rows)
        packed |= {"per_device_train_batch_size": max(1, SEQUENCES * tokens // len(rows) // 512)}
    columns = [{key: row[key] for key in ("input_ids", "labels")} for row in _columns(rows)]
    with tempfile.TemporaryDirectory() as folder:
        trainer = SFTTrainer(
            model=model,
            train_dataset=Dataset.from_list(columns),
            processing_class=AutoTokenizer.from_pretrained(arguments.folder),
            peft_config=_lora(),
            args=SFTConfig(output_dir=folder, gradient_checkpointing=False, bf16=False, **(_told(arguments) | packed)),
        )
        trainer.callback_handler.callbacks = [
            one for one in trainer.callback_handler.callbacks if type(one).__name__ != "PrinterCallback"
        ]
        trainer.train()
    return trainer.model.unload(), _losses(trainer)


if __name__ == "__main__":
    main()
