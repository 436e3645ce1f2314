"""A state of a conflict in option form, said in words: who does what."""

from collections.abc import Sequence

from ceasefire.gmcr.conflict import ConflictOption

# names of options that are verbs; any other is a noun or an adjective and is put behind a colon
_VERBS = frozenset(
    [
        "abandon", "accept", "agree", "aid", "appease", "arm", "attack", "block", "blockade",
        "boycott", "build", "comply", "concede", "confess", "confront", "continue", "cooperate",
        "defect", "defend", "delay", "demand", "deploy", "disarm", "drive", "escalate", "expand",
        "fight", "give", "hold", "ignore", "insist", "intervene", "invade", "invest", "join",
        "keep", "leave", "litigate", "mediate", "mobilise", "mobilize", "modify", "negotiate",
        "oppose", "pay", "press", "proceed", "propose", "protest", "pull", "recognise",
        "recognize", "refuse", "reject", "release", "remain", "resist", "retaliate", "retreat",
        "settle", "sign", "stay", "stop", "strike", "sue", "support", "surrender", "suspend",
        "threaten", "wait", "withdraw", "yield",
    ]
)  # fmt: skip
NOTHING_DONE = "nobody does any of it"


def describe_option_state(letters: str, options: Sequence[ConflictOption]) -> str:
    """Who does what in a state.

    letters  one for each option, Y where it is taken
    options  the options in the same order

    >>> options = [
    ...     ConflictOption("Modify", "MoE"), ConflictOption("Delay", "Uniroyal"),
    ...     ConflictOption("Insist", "Local Government"),
    ... ]
    >>> describe_option_state("YYN", options)
    'MoE modifies, Uniroyal delays'
    >>> describe_option_state("NNN", options)
    'nobody does any of it'
    """
    taken: dict[str, list[str]] = {}
    for letter, option in zip(letters, options, strict=True):
        if letter == "Y":
            taken.setdefault(option.party, []).append(option.name)
    clauses = []
    for party, names in taken.items():
        verbs = [_inflected(name, party) for name in names]
        said = [verb for verb in verbs if verb is not None]
        if len(said) == len(verbs):
            clauses.append(f"{party} {' and '.join(said)}")
        else:
            clauses.append(f"{party}: {' and '.join(_lowered(name) for name in names)}")
    return ", ".join(clauses) or NOTHING_DONE


def _inflected(name: str, party: str) -> str | None:
    """The name of an option as the verb of a sentence about its party; None where it is none."""
    first, blank, rest = name.partition(" ")
    verb = first.lower()
    if verb not in _VERBS:
        return None
    if _is_plural(party):
        return f"{verb}{blank}{rest}"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        ended = f"{verb[:-1]}ies"
    elif verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        ended = f"{verb}es"
    else:
        ended = f"{verb}s"
    return f"{ended}{blank}{rest}"


def _is_plural(party: str) -> bool:
    """Whether a party is spoken of in the plural, as its last word seems to say."""
    last = party.rsplit(" ", 1)[-1]
    return last.islower() and last.endswith("s") and not last.endswith(("ss", "us", "is"))


def _lowered(name: str) -> str:
    return name if name.isupper() else name[:1].lower() + name[1:]
