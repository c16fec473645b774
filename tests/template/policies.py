"""The policies of a deployment as AWS will read them, and what parliament says of each.

parliament knows which resources and which condition keys each of AWS's actions
takes. cfn-lint knows the actions' names only, and in a SAM template not even
these.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any

from exceptions import POLICY_FINDINGS

with warnings.catch_warnings():
    # It imports a module that says of itself that it will go.
    warnings.simplefilter("ignore")
    from parliament import analyze_policy_string, enhance_finding

Template = dict[str, Any]
Finding = tuple[str, str, str]
"""Policy, parliament's name for what is wrong, and its details."""


def documents(resources: Template) -> Iterator[tuple[str, Template]]:
    """Each role's and each queue's policies among resolved resources, by the resource's name."""
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::IAM::Role":
            for policy in properties.get("Policies", []):
                yield name, policy["PolicyDocument"]
        elif "PolicyDocument" in properties:
            yield name, properties["PolicyDocument"]


def findings(resources: Template) -> list[Finding]:
    """All that parliament finds."""
    return sorted(
        (name, issue, detail)
        for name, document in documents(resources)
        for issue, detail in _analysed(json.dumps(document))
    )


def unexplained(found: list[Finding]) -> list[str]:
    """A sentence for each finding that is no explained exception."""
    return [
        f"{policy}: {issue}: {detail}"
        for policy, issue, detail in found
        if (policy, issue) not in POLICY_FINDINGS
    ]


@cache
def _analysed(document: str) -> frozenset[tuple[str, str]]:
    found = analyze_policy_string(document).findings
    return frozenset(
        (each.issue, f"{enhance_finding(each).title}: {each.detail}") for each in found
    )
