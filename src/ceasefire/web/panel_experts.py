"""Who disagrees, and what another coding would change: shares by expert and by option, aligned."""

from collections.abc import Mapping

from markupsafe import Markup
from nicegui import ui

from ceasefire.argument import theses
from ceasefire.case import Case
from ceasefire.diagnostics import readable_name
from ceasefire.ensemble import CheckResult, ClaimCheck
from ceasefire.ensemble.statistics import ShareOfWorlds
from ceasefire.render.tables_codings import alternative_name
from ceasefire.render.tables_experts import describe_disagreement
from ceasefire.web import html_fragments
from ceasefire.web.layout import HtmlBlock, TextBlock, labelled_button
from ceasefire.web.session import PageSession

MOST_CLAIMS_SHOWN = 12


class ExpertsPanel:
    """Every claim, the theses first, with a strip for each expert and for each option."""

    def __init__(self, session: PageSession) -> None:
        self.session = session
        self.intro = TextBlock("p", "", "soft")
        self.run_button = labelled_button("Compute the shares", session.compute_shares, quiet=False)
        self.result = ui.element("div")
        with ui.element("details") as self.tables:
            TextBlock("summary", "The same in numbers")
            self.tables_html = HtmlBlock()
        session.listeners.append(self._on_change)

    def _on_change(self, topic: str) -> None:
        case = self.session.case
        if case is None or topic not in ("case", "shares", "draft", "restored"):
            return
        any_at_all = bool(case.experts or case.alternatives)
        shares = self.session.share_result
        self.intro.set_text(describe_rivals(case))
        self.run_button.set_visibility(any_at_all and shares is None)
        self.result.clear()
        tables = Markup("")
        if any_at_all and shares is not None:
            tables = html_fragments.written_otherwise_html(case, shares.check_result)
            with self.result:
                self._add_claims(case, shares.check_result)
        self.tables.set_visibility(bool(tables))
        self.tables_html.set_content(tables)

    def _add_claims(self, case: Case, checked: CheckResult) -> None:
        first = theses(checked.premises)
        claims = [claim for claim in checked.claim_checks if claim.experts or claim.codings]
        claims.sort(key=lambda claim: claim.id not in first)
        for claim in claims[:MOST_CLAIMS_SHOWN]:
            TextBlock("h3", claim.sentence)
            said = [describe_disagreement(case, claim), claim.written_otherwise]
            for sentence in filter(None, said):
                TextBlock("p", sentence if sentence.endswith(".") else f"{sentence}.")
            for heading, shares in groups_of_shares(case, claim).items():
                HtmlBlock(html_fragments.group_of_strips_html(heading, shares))


def describe_rivals(case: Case) -> str:
    """Whose numbers and which codings the case has, in a sentence.

    case  the case
    """
    if not (case.experts or case.alternatives):
        return "The case has neither experts nor alternatives. Write them down in its text."
    parts = []
    if case.experts:
        parts.append(f"experts: {', '.join(one.name for one in case.experts.values())}")
    if case.alternatives:
        named = (alternative_name(name, one) for name, one in case.alternatives.items())
        parts.append(f"written otherwise: {', '.join(named)}")
    said = "; ".join(parts)
    stop = "" if said.endswith("?") else "."
    return f"The same question, asked of each alone. {said[0].upper()}{said[1:]}{stop}"


def groups_of_shares(
    case: Case, claim: ClaimCheck
) -> Mapping[str, Mapping[str, ShareOfWorlds | None]]:
    """The shares of a claim by expert, and by the options of each alternative, under headings.

    case   the case
    claim  a claim that was checked over worlds
    """
    found: dict[str, Mapping[str, ShareOfWorlds | None]] = {}
    if claim.experts:
        found["In the worlds of each expert"] = {
            case.experts[name].name: share for name, share in claim.experts.items()
        }
    for name, options in claim.codings.items():
        heading = alternative_name(name, case.alternatives[name])
        found[heading] = {readable_name(option): share for option, share in options.items()}
    return found
