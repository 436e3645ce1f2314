"""The page of the op-ed after its events is of the case as it stands and says what it gives."""

from ceasefire.case import load, loads
from ceasefire.forecasts import review
from test_evidence_update import COIN
from verification.after_events_page import CASE, PAGE, RIVAL, digests, text_of_page

KNOWN = COIN.replace("parties:", "start: 2025-05\nparties:", 1).replace(
    "within=3) > 0.4", "within=2) > 0.4"
)


def test_the_page_is_of_the_case_and_its_rival_as_they_stand() -> None:
    """Whoever changes either writes the page anew: `python -m verification.after_events_page`."""
    case, page = load(CASE), PAGE.read_text(encoding="utf-8")
    assert digests(case, load(RIVAL)) in page
    for event in case.events:
        source = f"| {event.period} | `{event.kind}: {event.target}"
        assert not event.confirmed or source in page, event
    for claim in case.claims.values():
        assert f"| {claim.says} | " in page


def test_the_page_says_what_update_and_review_say() -> None:
    text = KNOWN.replace("test: ", "happened: false, test: ")
    case = loads(text)
    rival = loads(text.replace("[0.1, 0.7]", "[0.05, 0.15]"))
    found = review(case, rival=rival, worlds=0, workers=1)
    page = text_of_page(case, rival, found).splitlines()
    assert "| Peace is likely. | true | true | true | false |" in page
    (nod,) = [line for line in page if line.startswith("| 1 | `move: a.nod` |")]
    assert nod.count("%") == 2
    assert [line for line in page if line.startswith("*Peace is likely.* is false, settled by: ")]
    (favoured,) = [line for line in page if line.startswith("The events favour")]
    assert "its rival" in favoured
    assert "| Peace is likely. | no | true, probability 0.64 |  |  |" in page
    assert page[-1] == digests(case, rival)
