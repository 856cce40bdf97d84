"""Runs the corpus cases that Python supports, with objects and with JSON text."""

import json
from typing import Any

import cognigy_context as cc
import corpus
import jsonschema
import pytest
import workflows
from corpus import assert_issues

OBJECTS = corpus.cases_for("python/objects")
TEXT = corpus.cases_for("python/text")

# The operations that this file runs; workflows.py runs the others.
CHECK_OPERATIONS = {"check", "measure", "policy", "inject_context_request"}


def by_name(cases: list[tuple[str, dict[str, Any]]]) -> Any:
    return pytest.mark.parametrize(
        "case", [case for _, case in cases], ids=[name for name, _ in cases]
    )


@by_name(OBJECTS)
def test_corpus_case_passes_with_objects(case: dict[str, Any]) -> None:
    if case["operation"] not in CHECK_OPERATIONS:
        workflows.run(case, by_text=False)
        return
    value = corpus.value_of(case["input"])
    existing = corpus.value_of(case["existing"]) if "existing" in case else None
    run(case, value, existing, cc.check, cc.measure)


@by_name(TEXT)
def test_corpus_case_passes_with_json_text(case: dict[str, Any]) -> None:
    if case["operation"] not in CHECK_OPERATIONS:
        workflows.run(case, by_text=True)
        return
    text: str | bytes
    if "hex" in case:
        text = bytes.fromhex(case["hex"])
    elif "text" in case:
        text = corpus.text_of(case["text"])
    else:
        text = json.dumps(corpus.value_of(case["input"]))
    existing = (
        json.dumps(corpus.value_of(case["existing"])) if "existing" in case else None
    )
    run(case, text, existing, cc.check_json, cc.measure_json)


def run(
    case: dict[str, Any], value: Any, existing: Any, check: Any, measure: Any
) -> None:
    """Runs a case of ``CHECK_OPERATIONS`` with the functions for objects or text."""
    expect = case["expect"]
    if case["operation"] == "policy":
        run_policy(case["input"], expect)
    elif case["operation"] == "inject_context_request":
        run_request(value, expect)
    elif case["operation"] == "measure":
        if "issues" in expect:
            with pytest.raises(cc.ValidationError) as raised:
                measure(value)
            assert_issues(raised.value.report, expect["issues"])
        else:
            assert sizes(measure(value)) == expect["sizes"]
    else:
        assert case["operation"] == "check"
        report = check(value, case.get("policy", "platform"), existing)
        assert_issues(report, expect["issues"])
        assert report.ok == all(
            issue["severity"] != "error" for issue in expect["issues"]
        )
        if "sizes" in expect:
            assert sizes(report.sizes) == expect["sizes"]


def run_policy(spec: Any, expect: dict[str, Any]) -> None:
    if "error" in expect:
        assert expect["error"] == "configuration"
        with pytest.raises(cc.ConfigurationError):
            cc.check({}, spec)
        return
    if isinstance(spec, str):
        policy = cc.Policy(spec)  # type: ignore[arg-type]
    else:
        policy = cc.Policy(**spec)
    for name, value in expect["policy"].items():
        found = getattr(policy, name)
        assert (list(found) if isinstance(found, tuple) else found) == value, name


def run_request(arguments: dict[str, Any], expect: dict[str, Any]) -> None:
    if "request" in expect:
        request: dict[str, Any] = dict(cc.inject_context_request(**arguments))
        assert request == expect["request"]
        return
    if "error" in expect:
        assert expect["error"] == "configuration"
        with pytest.raises(cc.ConfigurationError):
            cc.inject_context_request(**arguments)
        return
    with pytest.raises(cc.ValidationError) as raised:
        cc.inject_context_request(**arguments)
    assert_issues(raised.value.report, expect["issues"])


def sizes(sizes: cc.Sizes) -> dict[str, int]:
    names = ("json_bytes", "platform_bytes", "depth", "variables")
    return {name: getattr(sizes, name) for name in names}


@pytest.mark.parametrize(
    ("runner", "cases"), [("python/objects", OBJECTS), ("python/text", TEXT)]
)
def test_the_number_of_cases_equals_that_in_the_index(
    runner: str, cases: list[Any]
) -> None:
    assert len(cases) == corpus.index()["runners"][runner]["cases"]
    assert len({name for name, _ in cases}) == len(cases)


@pytest.mark.parametrize("file", corpus.files())
def test_corpus_file_matches_the_schema(file: str) -> None:
    schema = json.loads((corpus.CORPUS / "case.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(corpus.read(file))


def test_the_index_lists_every_file_and_counts_the_cases() -> None:
    index = corpus.index()
    assert index["cases"] == sum(
        len(corpus.read(file)["cases"]) for file in corpus.files()
    )
    found = {
        path.relative_to(corpus.CORPUS).as_posix()
        for path in corpus.CORPUS.rglob("*.json")
    }
    assert found == {*corpus.files(), "index.json", "case.schema.json"}


def test_every_expected_code_is_public() -> None:
    expected = {
        issue["code"]
        for _, case in OBJECTS + TEXT
        for issue in case["expect"].get("issues", ())
    }
    assert expected <= set(cc.CODES)
