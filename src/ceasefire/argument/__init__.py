"""Do the conclusions of a case follow from their premises, over all the worlds allowed?"""

from ceasefire.argument.figures import (
    READINGS,
    UNTESTED,
    ConclusionFigures,
    ShareAmong,
    TiltedFigures,
    conclusion_figures,
    figures_of_conclusions,
)
from ceasefire.argument.headline import (
    ClaimStanding,
    describe_figures,
    headline,
    headline_paragraphs,
    percent,
    verdict_in_short,
)
from ceasefire.argument.structure import ArgumentStep, argument_steps, theses

__all__ = [
    "READINGS",
    "UNTESTED",
    "ArgumentStep",
    "ClaimStanding",
    "ConclusionFigures",
    "ShareAmong",
    "TiltedFigures",
    "argument_steps",
    "conclusion_figures",
    "describe_figures",
    "figures_of_conclusions",
    "headline",
    "headline_paragraphs",
    "percent",
    "theses",
    "verdict_in_short",
]
