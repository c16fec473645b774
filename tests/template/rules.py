"""What must hold in the expanded template and no linter knows. One rule, one function.

Every rule takes the expansion and returns a sentence for each violation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from exceptions import MANAGED, UNBOUND

Template = dict[str, Any]
Rule = Callable[[Template], Iterator[str]]

NO_VALUE = {"Ref": "AWS::NoValue"}
ENDS = ("Minimum", "Maximum")
AGENTS = ("Ingestion", "Processing", "Decision", "Communication", "State")
DAY = 86_400

OWN = "a parameter, secret or document named after the stack"
NAMED_AFTER_THE_STACK = re.compile(
    r"arn:\$\{AWS::Partition\}:(ssm|secretsmanager):\$\{AWS::Region\}:\$\{AWS::AccountId\}"
    r":(parameter|secret:)/\$\{AWS::StackName\}/[a-z]+(/\*)?"
    r"|arn:\$\{AWS::Partition\}:s3:::\$\{PolicyBucket\}/\$\{AWS::StackName\}/\*"
)
"""What the stack does not make, because it is secret or changes without a deployment."""


def _of_type(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    return {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def _target(value: Any) -> str:
    """Logical id behind a Ref or a GetAtt, or of the table whose index it is."""
    if isinstance(value, dict):
        if "Ref" in value:
            return str(value["Ref"])
        if value.get("Fn::Sub") == "${Table.Arn}/index/attention":
            return "Table"
        if NAMED_AFTER_THE_STACK.fullmatch(str(value.get("Fn::Sub"))):
            return OWN
        if "Fn::GetAtt" in value:
            return str(value["Fn::GetAtt"][0])
    return f"literal {value!r}"


def listed(value: Any) -> list[Any]:
    """One or several, as policies allow both."""
    return value if isinstance(value, list) else [value]


def every_agent_is_whole(template: Template) -> Iterator[str]:
    """Queue, dead-letter queue, function, scaling, alarms, log group and role of its own."""
    for agent in AGENTS:
        for part in ("Queue", "DeadLetterQueue", "Function", "Scaling", "Alarms", "LogGroup", "Role"):
            if f"{agent}{part}" not in template["Resources"]:
                yield f"{agent} has no {part}"
        function = template["Resources"].get(f"{agent}Function", {}).get("Properties", {})
        if _target(function.get("Role")) != f"{agent}Role":
            yield f"{agent}Function does not run under {agent}Role"
        if _target(function.get("LoggingConfig", {}).get("LogGroup")) != f"{agent}LogGroup":
            yield f"{agent}Function does not log to {agent}LogGroup"


def queues_end_in_dead_letter_queues(template: Template) -> Iterator[str]:
    """And these keep a message longer than the queue it came from."""
    queues = _of_type(template, "AWS::SQS::Queue")
    days = template["Mappings"]["Days"]
    for agent in AGENTS:
        redrive = queues.get(f"{agent}Queue", {}).get("RedrivePolicy")
        if redrive is None:
            yield f"{agent}Queue has no redrive policy"
            continue
        target = _target(redrive["deadLetterTargetArn"])
        if target != f"{agent}DeadLetterQueue":
            yield f"{agent}Queue gives up to {target}"
        if target not in queues:
            yield f"{agent}Queue gives up to a queue that is not there"
            continue
        kept = queues[target].get("MessageRetentionPeriod", 4 * DAY)
        longest = max(entry["Seconds"] for entry in days.values())
        if kept <= longest:
            yield f"{target} keeps messages for {kept} s, its queue for up to {longest} s"


def visibility_is_six_timeouts(template: Template) -> Iterator[str]:
    """And the window, for all that may be chosen, and by the same parameters on both sides."""
    windows = template["Parameters"]["BatchWindowSeconds"]["AllowedValues"]
    for seconds, entries in template["Mappings"]["Timeouts"].items():
        for window in windows:
            found = entries.get(str(window), 0)
            if found < 6 * int(seconds) + int(window):
                yield f"a timeout of {seconds} s and a window of {window} s hide for {found} s"
    for agent in AGENTS:
        timeout = template["Resources"][f"{agent}Function"]["Properties"].get("Timeout")
        wanted = {"Fn::FindInMap": ["Timeouts", timeout, {"Ref": "BatchWindowSeconds"}]}
        queue = template["Resources"][f"{agent}Queue"]["Properties"]
        if queue.get("VisibilityTimeout") != wanted:
            yield f"{agent}Queue's visibility does not follow from {agent}Function's timeout"


def mappings_report_failures_and_are_bounded(template: Template) -> Iterator[str]:
    """One mapping an agent, on the alias, with partial failures and a bound."""
    mappings = _of_type(template, "AWS::Lambda::EventSourceMapping")
    by_queue = {_target(mapping["EventSourceArn"]): mapping for mapping in mappings.values()}
    for agent in AGENTS:
        mapping = by_queue.get(f"{agent}Queue")
        if mapping is None:
            yield f"nothing reads {agent}Queue"
            continue
        if _target(mapping["FunctionName"]) != f"{agent}FunctionAliaslive":
            yield f"{agent}Queue does not call the alias"
        if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{agent}Queue's mapping fails whole batches"
        bound = {"Fn::FindInMap": ["Concurrency", {"Ref": f"{agent}Concurrency"}, "Maximum"]}
        shared = {"Fn::If": ["ProvisionsPollers", NO_VALUE, {"MaximumConcurrency": bound}]}
        if mapping.get("ScalingConfig") != shared:
            yield f"{agent}Queue's mapping is not bounded by {agent}Concurrency"
        numbers = {f"{each}Pollers": {"Ref": f"{agent}Pollers{each}"} for each in ENDS}
        own = {"Fn::If": ["ProvisionsPollers", numbers, NO_VALUE]}
        if mapping.get("ProvisionedPollerConfig") != own:
            yield f"{agent}Queue's own pollers do not replace its bound"


def everything_is_encrypted(template: Template) -> Iterator[str]:
    """At rest: queues and the table."""
    for name, queue in _of_type(template, "AWS::SQS::Queue").items():
        if queue.get("SqsManagedSseEnabled") is not True:
            yield f"{name} is not encrypted"
    for name, table in _of_type(template, "AWS::DynamoDB::Table").items():
        if table.get("SSESpecification") != {"SSEEnabled": True}:
            yield f"{name} is not encrypted"


def the_table_is_as_the_fleet_expects(template: Template) -> Iterator[str]:
    """Keys, sparse index, expiry; protected in prod."""
    table = template["Resources"]["Table"]["Properties"]
    keys = {"HASH": "pk", "RANGE": "sk"}
    if {key["KeyType"]: key["AttributeName"] for key in table["KeySchema"]} != keys:
        yield "the table's keys are not pk and sk"
    indexes = {index["IndexName"]: index for index in table.get("GlobalSecondaryIndexes", [])}
    attention = indexes.get("attention")
    if attention is None:
        yield "the index attention is missing"
    elif attention["Projection"] != {"ProjectionType": "KEYS_ONLY"}:
        yield "the index attention carries more than keys"
    if table.get("TimeToLiveSpecification") != {"AttributeName": "expires_at", "Enabled": True}:
        yield "records do not expire by expires_at"
    if table.get("BillingMode") != "PAY_PER_REQUEST":
        yield "the table is not on demand"
    in_prod = {"Fn::If": ["IsProd", True, False]}
    recovery = table.get("PointInTimeRecoverySpecification", {})
    if recovery.get("PointInTimeRecoveryEnabled") != in_prod:
        yield "point-in-time recovery does not follow the stage"
    if table.get("DeletionProtectionEnabled") != in_prod:
        yield "deletion protection does not follow the stage"


def no_statement_is_a_wildcard(template: Template) -> Iterator[str]:
    """Actions are named one by one, resources are this stack's own."""
    for role, statement in _statements(template):
        for action in listed(statement["Action"]):
            if "*" in action:
                yield f"{role} may {action}"
        if statement.get("Sid") in UNBOUND:
            continue
        for resource in listed(statement["Resource"]):
            if _target(resource) not in {OWN, *template["Resources"]}:
                yield f"{role} may {statement['Action']} on {resource}"
    for role, properties in _of_type(template, "AWS::IAM::Role").items():
        if properties.get("ManagedPolicyArns") and role not in MANAGED:
            yield f"{role} has managed policies"


def functions_may_send_where_they_are_told_to(template: Template) -> Iterator[str]:
    """A queue in a function's environment and a queue it may send to are the same."""
    allowed: dict[str, set[str]] = {}
    for role, statement in _statements(template):
        if "sqs:SendMessage" in listed(statement["Action"]):
            allowed.setdefault(role, set()).update(map(_target, listed(statement["Resource"])))
    for agent in AGENTS:
        function = template["Resources"][f"{agent}Function"]["Properties"]
        told = {
            _target(value)
            for name, value in function["Environment"]["Variables"].items()
            if name.endswith(("QUEUE_URL", "QUEUE_URLS"))
        }
        may = allowed.get(f"{agent}Role", set())
        for queue in sorted(told - may):
            yield f"{agent} knows {queue} and may not send to it"
        for queue in sorted(may - told):
            yield f"{agent} may send to {queue} and does not know it"


def queues_refuse_plain_http(template: Template) -> Iterator[str]:
    """Each queue, whoever asks."""
    denied = set()
    for properties in _of_type(template, "AWS::SQS::QueuePolicy").values():
        for statement in properties["PolicyDocument"]["Statement"]:
            plain = {"Bool": {"aws:SecureTransport": "false"}}
            if (statement["Effect"], statement.get("Condition")) == ("Deny", plain):
                queues = {_target(queue) for queue in properties["Queues"]}
                denied |= queues & {_target(statement["Resource"])}
    for queue in sorted(set(_of_type(template, "AWS::SQS::Queue")) - denied):
        yield f"{queue} takes plain HTTP"


def fifo_is_whole(template: Template) -> Iterator[str]:
    """A queue and its dead-letter queue are of the same type, and named so."""
    for name, properties in _of_type(template, "AWS::SQS::Queue").items():
        if name == "RepliesQueue":
            continue
        if properties.get("FifoQueue") != {"Fn::If": ["IsFifo", True, NO_VALUE]}:
            yield f"{name} does not follow the queue type"
        if "${Suffix}" not in str(properties.get("QueueName")):
            yield f"{name} is not named after its type"


def logs_end(template: Template) -> Iterator[str]:
    """No log is kept for ever."""
    for name, group in _of_type(template, "AWS::Logs::LogGroup").items():
        if "RetentionInDays" not in group:
            yield f"{name} is kept for ever"


def parameters_explain_themselves(template: Template) -> Iterator[str]:
    """Each has a description and a limit, so that a wrong value is refused with a reason."""
    for name, parameter in template["Parameters"].items():
        if not parameter.get("Description"):
            yield f"parameter {name} has no description"
        limits = ("AllowedValues", "AllowedPattern", "MaxValue", "MaxLength")
        if not any(limit in parameter for limit in limits):
            yield f"parameter {name} has no limit"


def outputs_tell_where_everything_is(template: Template) -> Iterator[str]:
    """What tools and people look for by name."""
    wanted = {"TableName", "RepliesQueueUrl"}
    for agent in AGENTS:
        wanted |= {f"{agent}{what}" for what in ("QueueUrl", "DeadLetterQueueUrl", "FunctionName")}
        wanted.add(f"{agent}LogGroupName")
    for name in sorted(wanted - set(template["Outputs"])):
        yield f"there is no output {name}"


def _statements(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    for role, properties in _of_type(template, "AWS::IAM::Role").items():
        for policy in properties.get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                if isinstance(statement, dict) and "Fn::If" in statement:
                    # A statement that is there under a condition, or not at all.
                    statement = statement["Fn::If"][1]
                yield role, statement


RULES: tuple[Rule, ...] = (
    every_agent_is_whole,
    queues_end_in_dead_letter_queues,
    visibility_is_six_timeouts,
    mappings_report_failures_and_are_bounded,
    everything_is_encrypted,
    the_table_is_as_the_fleet_expects,
    no_statement_is_a_wildcard,
    functions_may_send_where_they_are_told_to,
    queues_refuse_plain_http,
    fifo_is_whole,
    logs_end,
    parameters_explain_themselves,
    outputs_tell_where_everything_is,
)


def violations(template: Template) -> list[str]:
    """What every rule has to say."""
    return [sentence for rule in RULES for sentence in rule(template)]
