"""Every exception from a linter or a rule of ours, each with its reason: their one place.

cfn-lint has none: `.cfnlintrc` switches nothing off, and a test keeps it so. An
exception that nothing needs any more is a failing test too.
"""

from __future__ import annotations

POLICY_FINDINGS: dict[tuple[str, str], str] = {}
"""What parliament reports and we keep: (policy, its finding's name) and why. There is none.

Its list of AWS's actions is that of its release, April 2025. An action that is newer has to stand
here; cfn-lint, whose list is renewed with it, checks that action's name all the same (W3037).
"""

UNBOUND = {
    "Trace": "X-Ray's actions know no resources, so this statement's resource is *",
}
"""Statements that may name any resource, by their Sid."""

MANAGED = {
    "CodeDeployServiceRole": "SAM makes it for a gradual deployment, with AWS's policy for that",
}
"""Roles that may have managed policies."""

BY_LAMBDA = {
    "sqs:ReceiveMessage": "the event source mapping receives with the function's role",
    "sqs:DeleteMessage": "and deletes what was acknowledged",
    "logs:CreateLogStream": "Lambda writes the function's logs",
    "logs:PutLogEvents": "with the function's role",
    "xray:PutTraceSegments": "Lambda's X-Ray daemon sends traces with the function's role",
    "xray:PutTelemetryRecords": "and how many it has sent",
}
"""Actions that the platform takes with a function's role, so no call of the function shows them."""
