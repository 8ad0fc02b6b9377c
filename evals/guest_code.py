"""What a task of lm-evaluation-harness would run that came neither with winnow nor with lm-eval.

A task is data to winnow. Whoever writes one may still bring code in four ways: a function beside the file, a script of
the data, a metric that lm-eval would fetch as a script, and programs that the model writes. lm-eval fetches no metric
of a task that has a function for its results, so that a task which claims one, or a group that takes it away from a
task, could hide a script from whoever looks at each alone: only lm-eval's own files may speak of it.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

_RESULTS = "process_results"


def foreign_code(config: Mapping[str, Any], file: Path | None) -> str | None:
    """Say what foreign code a task or group would run; None where there is none.

    Parameters
    ----------
    config
        Its configuration, that of files that it includes merged in, functions as text.
    file
        Where it was read; None of one that is written within a group.
    """
    if config.get("unsafe_code"):
        return "it runs code that the model writes (unsafe_code)"
    if (config.get("dataset_kwargs") or {}).get("trust_remote_code"):
        return "its data comes with code to run (trust_remote_code)"
    if file is None and _RESULTS in config:
        return f"a group changes its {_RESULTS}"
    for own in _foreign_files(file) if file is not None else ():
        if told := _own_code(own):
            return told
    if not config.get(_RESULTS) and (script := _script(config.get("metric_list") or ())):
        return f"its metric {script} is a script that would be fetched from the hub"
    return None


def _foreign_files(file: Path) -> Iterator[Path]:
    """Yield the file and those that it includes, as far as they are not lm-eval's."""
    from lm_eval.tasks._yaml_loader import load_yaml

    waiting, met = [file.resolve()], set()
    while waiting:
        one = waiting.pop()
        if one in met or _is_installed(one):
            continue
        met.add(one)
        yield one
        included = load_yaml(one, resolve_func=False, recursive=False).get("include") or []
        waiting += [(one.parent / part).resolve() for part in ([included] if isinstance(included, str) else included)]


def _own_code(file: Path) -> str | None:
    """Say what code a file that is not lm-eval's brings, or hides."""
    # Tags as the parser resolves them: a file may give `!function` another name.
    events = list(yaml.parse(file.read_text(encoding="utf-8")))
    tags = [getattr(event, "tag", None) for event in events]
    if any(tag and ((tag.startswith("!") and tag != "!") or "python" in tag) for tag in tags):
        return f"{file.name} brings a function of its own (!function), and such a file is data to winnow"
    if any(isinstance(event, yaml.ScalarEvent) and event.value == _RESULTS for event in events):
        return f"{file.name} speaks of {_RESULTS}, which takes a function, and such a file is data to winnow"
    return None


def _script(metrics: Iterable[Mapping[str, Any]]) -> str | None:
    """Name the first metric that is neither registered with lm-eval nor a function of its own package."""
    from lm_eval.api import registry

    registry.get_metric("acc")  # fills the registry
    for metric in metrics:
        named = str(metric.get("metric"))
        own = named in registry.metric_registry or ("/" in named and _is_installed(Path(named)))
        if metric.get("hf_evaluate") or not own:
            return named
    return None


def _is_installed(path: Path) -> bool:
    import lm_eval

    return Path(lm_eval.__file__).resolve().parent in path.resolve().parents
