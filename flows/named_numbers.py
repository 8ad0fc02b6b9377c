"""Read numbers as a command line gives them: one for all, `0.4`, or of something by name, `herbs=0.4`."""

import math


def named_numbers(option: str, asked: list[str], *, what: str, such_as: str) -> dict[str, float]:
    """Return numbers by name; the one without a name has an empty one.

    Raises
    ------
    ValueError
        If one is no finite number, or a second number is given for one name; the sentence names the option, and says
        `what` it asks for, `such_as`.
    """
    found: dict[str, float] = {}
    for one in asked:
        name, sign, value = one.rpartition("=")
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or (sign and not name.strip()):  # =0.1 may be meant of a suite that was left out
            raise ValueError(f"{option} {one}: {what} is a number, such as {such_as}.")
        if found.get(name, number) != number:
            raise ValueError(f"{option} {one}: {what} was given for this before ({found[name]}). Give one of the two.")
        found[name] = number
    return found
