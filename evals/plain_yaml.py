"""YAML that a stranger may have written: whatever is wrong with a value is told with its place."""

from typing import Any

import yaml

_UNREAD = (ValueError, IndexError, KeyError, AttributeError)
"""What PyYAML raises of a value that has a kind, by its looks or a tag (`!!int`), and can't be read as one of it."""


class Loader(yaml.SafeLoader):
    """PyYAML's own for data alone, whose every refusal of a value is a `yaml.MarkedYAMLError`."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: ANN401 - any YAML value
        """Construct a value; one that looks like a date or a number and is none is told with its line."""
        try:
            return super().construct_object(node, deep)
        except _UNREAD as error:
            problem = str(error) if isinstance(error, ValueError) else f"this is no {node.tag.rpartition(':')[2]}"
            raise yaml.constructor.ConstructorError(problem=problem, problem_mark=node.start_mark) from error
