"""A library's error, in one line."""


def first_line(error: BaseException) -> str:
    r"""Return the first line of what an error says (200 letters at most), or its kind where it says nothing.

    Examples
    --------
    >>> first_line(ValueError("no such layer\nat line 3")), first_line(NotImplementedError())
    ('no such layer', 'NotImplementedError')
    """
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
