"""Does the argument hold, where does it break first, and how sure is that? In a few sentences."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ceasefire.argument.figures import (
    ANYWAY,
    FAILS,
    FOLLOWS_SHARE,
    GRANTED,
    LEANS,
    LEAST_WORLDS,
    MOSTLY,
    SOUND,
    UNTESTED,
    ConclusionFigures,
    ShareAmong,
    TiltedFigures,
)
from ceasefire.argument.structure import theses
from ceasefire.results import format_count, join_phrases
from ceasefire.shares import verdict_of_share

MOST_NAMED = 3
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_HOLDS = {
    "holds": "holds",
    "mostly holds": "mostly holds",
    "depends": "is open",
    "mostly fails": "mostly fails",
    "fails": "does not hold",
}


@dataclass(frozen=True)
class ClaimStanding:
    """How a claim came out, as far as it is known.

    says         its sentence, None if it has none
    because      its premises
    best         whether it is true at the best estimates, None without an answer
    over_worlds  the share of worlds in which it is true; None without worlds
    figures      what it owes to its premises; None without worlds or premises
    by_premises  whether it is true where its premises are, having no test of its own
    otherwise    what becomes of it where the case is written otherwise, in sentences
    """

    id: str
    says: str | None
    because: tuple[str, ...]
    best: bool | None
    over_worlds: ShareAmong | None
    figures: ConclusionFigures | None = None
    by_premises: bool = False
    otherwise: str = ""

    @property
    def quoted(self) -> str:
        """Its sentence in quotation marks, or its name."""
        return f"“{' '.join(self.says.split()).rstrip('.')}”" if self.says else self.id

    @property
    def differs_at_best(self) -> bool:
        """Whether the best estimates say other than most worlds do."""
        share = None if self.over_worlds is None else self.over_worlds.share
        if share is None or self.best is None:
            return False
        return verdict_of_share(share) in (
            ("mostly fails", "fails") if self.best else ("holds", "mostly holds")
        )


def percent(share: float) -> str:
    """A share as per cent, 0 and 100 only where it is so.

    share  from 0 to 1

    >>> [percent(share) for share in (0.0, 0.001, 0.05, 0.996, 1.0)]
    ['0 %', 'under 1 %', '5 %', 'over 99 %', '100 %']
    """
    if 0.0 < share < 0.005:
        return "under 1 %"
    return "over 99 %" if 0.995 < share < 1.0 else f"{100 * share:.0f} %"


def headline(claims: Sequence[ClaimStanding]) -> str:
    """What a check found, in one paragraph: of each thesis, or of all claims where none argues.

    claims  every claim of a case, in its order

    >>> sure = ShareAmong(0.25, 64)
    >>> headline([ClaimStanding("quiet", "The guns fall silent.", (), True, sure)])
    '“The guns fall silent” mostly fails: it is true in 25 % of 64 worlds (95 % interval
    16 to 37 %), though it is true at the best estimates.'
    """
    return " ".join(headline_paragraphs(claims))


def headline_paragraphs(claims: Sequence[ClaimStanding]) -> tuple[str, ...]:
    """The headline, a paragraph for each thesis: the first is told in full, the others in a line.

    claims  every claim of a case, in its order
    """
    by_name = {claim.id: claim for claim in claims}
    found = [by_name[name] for name in theses({claim.id: claim.because for claim in claims})]
    if not found:
        return tuple(_without_an_argument(claims))
    named = zip(_thesis_names(len(found)), found, strict=True)
    return tuple(
        " ".join(_about_thesis(name, thesis, by_name, briefly=thesis is not found[0]))
        for name, thesis in named
    )


def verdict_in_short(claims: Sequence[ClaimStanding]) -> str:
    """How the argument stands, in a few words: its theses, or all claims where none argues.

    claims  every claim of a case, in its order

    >>> sure = ShareAmong(0.25, 64)
    >>> verdict_in_short([ClaimStanding("quiet", "The guns fall silent.", (), True, sure)])
    'The claim mostly fails.'
    """
    found = theses({claim.id: claim.because for claim in claims})
    judged = [claim for claim in claims if claim.id in found] or list(claims)
    if not judged:
        return "The case makes no claim yet."
    argues = bool(found)
    subject = "The argument" if argues else "The claim" if len(judged) == 1 else ""
    verdicts = [_verdict_of_standing(claim) for claim in judged]
    where = "" if any(claim.over_worlds for claim in judged) else " at the best estimates"
    if len(judged) == 1:
        return f"{subject} {verdicts[0]}{where}."
    holds = sum(verdict in ("holds", "mostly holds") for verdict in verdicts)
    if not argues:
        return f"{holds} of {format_count(len(judged), 'claim')} hold{where}."
    if holds == len(judged):
        return f"{subject} holds{where}."
    if holds:
        return f"{subject} holds in part{where}."
    failed = all(verdict in ("mostly fails", "does not hold") for verdict in verdicts)
    return f"{subject} {'does not hold' if failed else 'is open'}{where}."


def _verdict_of_standing(claim: ClaimStanding) -> str:
    share = None if claim.over_worlds is None else claim.over_worlds.share
    if share is not None:
        return _HOLDS[verdict_of_share(share)]
    return {True: "holds", False: "does not hold", None: "has no answer"}[claim.best]


def _thesis_names(count: int) -> list[str]:
    if count == 1:
        return ["The thesis"]
    return [
        f"The {_ORDINALS[n]} thesis" if n < len(_ORDINALS) else f"Thesis {n + 1}"
        for n in range(count)
    ]


def _about_thesis(
    name: str, thesis: ClaimStanding, by_name: Mapping[str, ClaimStanding], *, briefly: bool
) -> Iterator[str]:
    if thesis.over_worlds is None:
        yield from _at_best_estimates(name, thesis, by_name)
        if thesis.otherwise and not briefly:
            yield thesis.otherwise
        return
    yield _verdict_sentence(name, thesis, thesis.quoted)
    if thesis.figures is not None and not briefly:
        yield _reading_sentence(thesis, thesis.figures)
        yield from _tilted_sentence(thesis.figures)
        yield from _premise_sentences(thesis.figures, by_name)
    if thesis.otherwise and not briefly:
        yield thesis.otherwise


def _verdict_sentence(name: str, claim: ClaimStanding, subject: str) -> str:
    among = claim.over_worlds
    assert among is not None
    if among.share is None:
        return f"{name} has no answer in any world."
    where = _in_so_many_worlds(among)
    if 0.0 < among.share < 1.0:
        low, high = among.interval
        where += f" (95 % interval {100 * low:.0f} to {100 * high:.0f} %)"
    though = ""
    if claim.differs_at_best:
        though = f", though it is {'true' if claim.best else 'false'} at the best estimates"
    verdict = _HOLDS[verdict_of_share(among.share)]
    return f"{name} {verdict}: {subject} is true {where}{though}."


def _in_so_many_worlds(among: ShareAmong) -> str:
    """In which part of the worlds something is true: counted where it is few."""
    share, worlds = among.share or 0.0, format_count(round(among.worlds), "world")
    true = share * among.worlds
    if share == 0.0:
        return f"in none of {worlds}" if among.worlds > 1.5 else "in 0 of 1 world"
    if share == 1.0:
        return f"in all {worlds}" if among.worlds > 1.5 else "in the only world"
    if true < LEAST_WORLDS and abs(true - round(true)) < 1e-9:
        return f"in {round(true)} of {worlds}"
    return f"in {percent(share)} of {worlds}"


def _reading_sentence(thesis: ClaimStanding, figures: ConclusionFigures) -> str:
    count = len(figures.each)
    all_true = {1: "its premise is true", 2: "both its premises are true"}.get(
        count, f"its {count} premises are all true"
    )
    premises, them, are = (
        ("its premise", "it", "is") if count == 1 else ("its premises", "them", "are")
    )
    if thesis.by_premises:
        return f"It has no test of its own: it is true where {all_true}."
    granted = _in_so_many_worlds(figures.premises)
    follows, otherwise = _part(figures.follows.share or 0.0), figures.otherwise.share
    others = "" if otherwise is None else f" and in {_part(otherwise)} of the others"
    inside = f"the thesis is true in {follows} of the worlds in which {all_true}"
    if figures.reading == UNTESTED:
        few = "too few to tell whether it follows"
        if not figures.worlds_granted:
            few = "so that it cannot be told whether it follows"
        return f"{all_true[0].upper()}{all_true[1:]} {granted}, {few}."
    return {
        SOUND: f"The argument is sound here: {all_true} {granted}, and the thesis is true "
        f"in {follows} of these.",
        GRANTED: f"It follows if {premises} {are} granted: {all_true} {granted}, and "
        f"the thesis is true in {follows} of these.",
        LEANS: f"It leans on {premises}: {inside}{others}.",
        MOSTLY: f"It mostly follows from {premises}: {inside}{others}; how much it owes to {them} "
        "cannot be told.",
        FAILS: f"It does not follow from {premises}: {inside}{others}.",
        ANYWAY: f"It does not need {premises}: {inside}{others}.",
    }[figures.reading]


def _tilted_sentence(figures: ConclusionFigures) -> Iterator[str]:
    """What worlds tilted towards the premises say, where the drawn ones could not tell."""
    tilted = figures.tilted
    if tilted is not None and tilted.worlds:
        them, hold = ("it", "it holds") if len(figures.each) == 1 else ("them", "they all hold")
        yield f"{describe_tilted_worlds(tilted, 'the thesis', them, hold)}."


def describe_tilted_worlds(tilted: TiltedFigures, subject: str, them: str, hold: str) -> str:
    """What was found in tilted worlds, in a sentence without a stop.

    tilted   the figures of tilted worlds, of which there are some
    subject  the conclusion
    them     the premises
    hold     that they all hold
    """
    worlds = f"{format_count(tilted.worlds, 'world')} tilted towards {them}"
    if tilted.direction:
        worlds += f" ({tilted.direction})"
    if tilted.tells:
        low, high = tilted.follows.interval
        return (
            f"In {worlds} {subject} is true in {_part(tilted.follows.share or 0.0)} of those in "
            f"which {hold} (95 % interval {100 * low:.0f} to {100 * high:.0f} %)"
        )
    few = "in none" if not tilted.granted else "in too few to tell"
    return f"Even in {worlds} {hold} {few}"


def describe_figures(figures: ConclusionFigures) -> str:
    """The reading of a conclusion with its two shares, in a line.

    figures  what it owes to its premises
    """
    count = len(figures.each)
    granted = {1: "its premise is", 2: "both its premises are"}.get(count, "all its premises are")
    if figures.reading == UNTESTED:
        worlds = format_count(round(figures.premises.worlds), "world")
        said = f"{figures.reading}: {granted} true in {round(figures.worlds_granted) or 'none'}"
        said, tilted = f"{said} of {worlds}", figures.tilted
        if tilted is None or not (tilted.worlds or tilted.given_up):
            return said
        if not tilted.worlds:
            return f"{said}; {tilted.given_up}"
        them, hold = ("it", "it holds") if count == 1 else ("them", "they hold")
        return f"{said}. {describe_tilted_worlds(tilted, 'it', them, hold)}"
    inside = f"true in {percent(figures.follows.share or 0.0)} of worlds where {granted} true"
    outside = figures.otherwise.share
    others = "" if outside is None else f", in {percent(outside)} of the others"
    return f"{figures.reading}: {inside}{others}"


def _part(share: float) -> str:
    return {0.0: "none", 1.0: "all"}.get(share) or percent(share)


def _premise_sentences(
    figures: ConclusionFigures, by_name: Mapping[str, ClaimStanding]
) -> Iterator[str]:
    weakest, granted = figures.weakest, figures.premises.share
    unsound = figures.reading in (GRANTED, UNTESTED)
    if weakest is not None and (granted or 0.0) < FOLLOWS_SHARE and figures.reading != ANYWAY:
        among = "weakest premise" if len(figures.each) > 1 else "premise"
        lead = "The argument breaks first at" if unsound else f"Its {among} is"
        yield f"{lead} {by_name[weakest].quoted}, {_how_often(figures.each[weakest])}."
    if figures.idle and figures.reading in (SOUND, GRANTED, LEANS):
        named = join_phrases([by_name[name].quoted for name in figures.idle])
        yield f"It would stand without {named}."


def _how_often(share: float | None) -> str:
    if share is None:
        return "which has no answer"
    if share in (0.0, 1.0):
        return f"true in {'every' if share else 'no'} world"
    return f"true in {percent(share)} of worlds"


def _at_best_estimates(
    name: str, thesis: ClaimStanding, by_name: Mapping[str, ClaimStanding]
) -> Iterator[str]:
    lead = f"At the best estimates {name[0].lower()}{name[1:]}"
    if thesis.best is None:
        yield f"{lead} has no answer: {thesis.quoted}."
    else:
        yield f"{lead} is {'true' if thesis.best else 'false'}: {thesis.quoted}."
    premises = [by_name[one] for one in thesis.because]
    lacking = [one.quoted for one in premises if one.best is not True]
    count = len(premises)
    if not lacking:
        all_of = {1: "Its premise is", 2: "Both its premises are"}.get(
            count, f"All {count} of its premises are"
        )
        yield f"{all_of} true there."
        return
    more = len(lacking) - MOST_NAMED
    named = lacking[:MOST_NAMED] + ([f"{more} more"] if more > 0 else [])
    are_not = "is not" if len(lacking) == 1 else "are not"
    yield f"Of its {format_count(count, 'premise')} {join_phrases(named)} {are_not} true there."


def _without_an_argument(claims: Sequence[ClaimStanding]) -> Iterator[str]:
    if not claims:
        return
    if all(claim.over_worlds is None for claim in claims):
        if len(claims) == 1:
            (claim,) = claims
            found = {True: "is true", False: "is false", None: "has no answer"}[claim.best]
            yield f"At the best estimates the claim {found}: {claim.quoted}."
            return
        true = sum(claim.best is True for claim in claims)
        count = format_count(len(claims), "claim")
        yield f"At the best estimates {true} of {count} {'is' if true == 1 else 'are'} true."
        return
    if len(claims) == 1:
        (claim,) = claims
        yield _verdict_sentence(claim.quoted, claim, "it")
        if claim.otherwise:
            yield claim.otherwise
        return
    yield _count_by_verdict(claims)
    if other := [claim.id for claim in claims if claim.differs_at_best]:
        more = len(other) - MOST_NAMED
        named = other[:MOST_NAMED] + ([f"{more} more"] if more > 0 else [])
        yield f"The best estimates say otherwise than most worlds of {join_phrases(named)}."


def _count_by_verdict(claims: Sequence[ClaimStanding]) -> str:
    shares = [None if claim.over_worlds is None else claim.over_worlds.share for claim in claims]
    verdicts = [None if share is None else verdict_of_share(share) for share in shares]
    said: dict[str, tuple[str | None, ...]] = {
        "true in most worlds": ("holds", "mostly holds"),
        "false in most": ("mostly fails", "fails"),
        "open": ("depends",),
        "without an answer": (None,),
    }
    counts = {words: sum(verdict in those for verdict in verdicts) for words, those in said.items()}
    parts = [f"{n} {'is' if n == 1 else 'are'} {words}" for words, n in counts.items() if n]
    if not counts["true in most worlds"]:
        parts = [part.replace("false in most", "false in most worlds") for part in parts]
    return f"Of {format_count(len(claims), 'claim')} {join_phrases(parts)}."
