"""Which words do readers of YAML take for something else than a text?"""

import re

# Readers of YAML 1.1, of which there are many, take `no`, `on`, `0x1f`, `1_000`, `1:30` and `.inf`
# for truth values and numbers; nobody takes a text in quotes for anything else.
_YAML_11_WORD = re.compile(
    r"y|yes|n|no|on|off|true|false|null|~|<<|=|[-+]?\.(inf|nan)"
    r"|[-+]?0(b[01_]+|x[0-9a-f_]+|o?[0-7_]+)"
    r"|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?|[-+]?[0-9][0-9,_]*(\.[0-9_]*)?(e[-+]?[0-9]+)?"
    r"|[0-9]{4}-[0-9]{1,2}(-[0-9]{1,2}.*)?",
    re.IGNORECASE,
)


def needs_quotes_in_yaml(word: str) -> bool:
    """Whether some reader of YAML, 1.1 or 1.2, takes a bare word for a truth value or a number.

    >>> [word for word in ("no", "On", "y", "north", "1_000", "none", "1e3") if
    ...  needs_quotes_in_yaml(word)]
    ['no', 'On', 'y', '1_000', '1e3']
    """
    return _YAML_11_WORD.fullmatch(word) is not None
