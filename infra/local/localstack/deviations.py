"""Where LocalStack 4.14.0 differs from AWS, as far as the project meets it.

One table: each row has a test that asserts it, so that a release that mends one
is noticed. README.md shows the same table; `test_localstack.py` compares.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Deviation:
    """One difference, and the method of `tests/test_deviations.py` that asserts it."""

    aws: str
    here: str
    test: str


DEVIATIONS = (
    Deviation(
        "a mapping runs up to MaximumConcurrency batches at once",
        "the setting is taken and has no effect: one batch after the other",
        "test_a_mapping_works_on_one_batch_at_a_time",
    ),
    Deviation(
        "a function gets a message's body byte for byte",
        "JSON is parsed and written anew: other blanks, 2.50 as 2.5; our executor corrects that",
        "test_a_body_arrives_as_it_was_sent",
    ),
    Deviation(
        "GetFunctionConfiguration takes NAME:ALIAS",
        "it finds no such function; invoking NAME:ALIAS and mappings to an alias work",
        "test_a_function_is_not_found_under_its_alias",
    ),
    Deviation(
        "a mapping is refused whose queue's visibility is shorter than the function's timeout",
        "it is made",
        "test_a_mapping_with_a_short_visibility_is_made",
    ),
    Deviation(
        "calls without a policy that allows them are refused",
        "every call is allowed",
        "test_whoever_calls_may_do_anything",
    ),
    Deviation(
        "a function's log group is the one in its LoggingConfig",
        "/aws/lambda/NAME; our executor corrects that",
        "test_a_chosen_log_group_is_used",
    ),
    Deviation(
        "a stack is refused whose template's Rules do not hold",
        "they are ignored; make deploy and make up ask them before",
        "test_a_stack_against_its_templates_rules_is_made",
    ),
)

# Tests of the fleet that a deviation makes fail, and the row's test that stands for them.
NOT_RUN: dict[str, str] = {
    "every_agent_tells_what_it_did_in_sound_records_and_in_lines_that_lead_on": (
        "test_a_function_is_not_found_under_its_alias"
    ),
}


def table() -> str:
    """As README.md has it."""
    rows = [f"| {each.aws} | {each.here} | `Deviations.{each.test}` |" for each in DEVIATIONS]
    return "\n".join(["| AWS | LocalStack 4.14.0 | asserted by |", "|---|---|---|", *rows])
