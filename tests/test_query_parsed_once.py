"""The text of a claim is parsed once, with its case, and read once by a check."""

import ast
import pickle
from collections import Counter
from dataclasses import replace

import ceasefire.query.parser as parser
from ceasefire.case import load
from ceasefire.cli.main import app

TEXT = """
ceasefire: 1
horizon: 1
unknowns: {odds: {range: [0.2, 0.4]}}
parties: {north: {}}
state: {war: {start: true}}
chance: {end: {when: war, outcomes: [{name: peace, chance: odds, set: {war: false}}]}}
claims:
  ends: {test: P(at_end(not war)) > 0.111, baseline: {probability: 0.3}}
  lasts: {test: P(at_end(war)) > 0.222}
"""


def test_claims_are_parsed_and_read_once_by_a_check(tmp_path, monkeypatch, capsys):
    parsed, read = Counter(), []
    parse, read_tree = ast.parse, parser._QuestionParser

    def counting_parse(source, *arguments, **keywords):
        parsed[str(source).strip("( )\n")] += 1
        return parse(source, *arguments, **keywords)

    def counting_reader(*arguments):
        read.append(arguments)
        return read_tree(*arguments)

    monkeypatch.setattr(ast, "parse", counting_parse)
    monkeypatch.setattr(parser, "_QuestionParser", counting_reader)
    path = tmp_path / "case.yaml"
    path.write_text(TEXT, encoding="utf-8")
    for more in (["--json"], []):
        parsed.clear()
        read.clear()
        app(["check", str(path), "--worlds", "0", "--no-flips", *more], standalone_mode=False)
        claims = [text for text in parsed.elements() if "0.111" in text or "0.222" in text]
        assert len(claims) == 2, claims
        assert len(read) == 2


def test_a_claim_travels_without_its_tree_and_parses_another_text_anew(tmp_path):
    path = tmp_path / "case.yaml"
    path.write_text(TEXT, encoding="utf-8")
    claim = load(path).claims["ends"]
    assert "syntax" in vars(claim)
    sent = pickle.loads(pickle.dumps(claim))
    assert "syntax" not in vars(sent)
    assert sent == claim
    assert ast.unparse(sent.syntax) == ast.unparse(claim.syntax)
    assert ast.unparse(replace(claim, test="P(war) > 1").syntax) == "P(war) > 1"
