"""An expanded template with its parameters put in: what will really be there.

Resources whose condition does not hold are left out, references become the
names and ARNs that they stand for. What a deployed stack alone can know
(generated names, versions) becomes the logical id. The resources of nested
stacks are there too, each under its stack's name and its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Template = dict[str, Any]

NAMES = ("QueueName", "TableName", "FunctionName", "LogGroupName", "RoleName", "Name")
"""Properties that name a resource."""

ARNS = {
    "AWS::DynamoDB::Table": "dynamodb:{where}:table/{name}",
    "AWS::IAM::Role": "iam::{account}:role/{name}",
    "AWS::Lambda::Function": "lambda:{where}:function:{name}",
    "AWS::Logs::LogGroup": "logs:{where}:log-group:{name}:*",
    "AWS::SQS::Queue": "sqs:{where}:{name}",
}
"""What follows `arn:aws:` for the types whose ARN the template asks for."""


STACK = "AWS::CloudFormation::Stack"


class _Nothing:
    """What AWS::NoValue stands for."""


NOTHING = _Nothing()


def resolved(
    template: Template,
    values: Mapping[str, str],
    stack: str = "flotilla-dev",
    nested: Callable[[str], Template] | None = None,
    region: str = "us-east-1",
    account: str = "123456789012",
) -> dict[str, Template]:
    """The resources of a deployment with these parameters; `nested` finds a stack's template."""
    defaults = {
        name: str(definition["Default"])
        for name, definition in template["Parameters"].items()
        if "Default" in definition
    }
    pseudo = {
        "AWS::AccountId": account,
        "AWS::Partition": "aws",
        "AWS::Region": region,
        "AWS::StackName": stack,
        "AWS::URLSuffix": "amazonaws.com",
    }
    resolver = _Resolver(template, defaults | dict(values) | pseudo)
    found = {
        name: resolver.value(resource)
        for name, resource in template["Resources"].items()
        if resolver.holds(resource.get("Condition"))
    }
    stacks = {n: r["Properties"] for n, r in found.items() if r["Type"] == STACK}
    for name, properties in stacks.items() if nested else ():
        given = {each: str(value) for each, value in properties["Parameters"].items()}
        inner = resolved(
            nested(properties["TemplateURL"]), given, f"{stack}-{name}", nested, region, account
        )
        found |= {f"{name}.{each}": resource for each, resource in inner.items()}
    return found


class _Resolver:
    """Follows the intrinsic functions that SAM's expansion of this template uses."""

    def __init__(self, template: Template, values: Mapping[str, Any]) -> None:
        self.template = template
        self.values = values

    def holds(self, condition: str | None) -> bool:
        """Whether a named condition does; none at all always does."""
        return condition is None or self._true(self.template["Conditions"][condition])

    def value(self, node: Any) -> Any:
        """A node without functions; lists and objects lose what is AWS::NoValue."""
        if isinstance(node, list):
            return [each for each in map(self.value, node) if each is not NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((function, argument),) = node.items()
            if function == "Ref" or function.startswith("Fn::"):
                return self._called(function, argument)
        kept = {key: self.value(each) for key, each in node.items()}
        return {key: each for key, each in kept.items() if each is not NOTHING}

    def _called(self, function: str, argument: Any) -> Any:
        match function:
            case "Ref":
                return self._reference(argument)
            case "Fn::GetAtt":
                name, _, attribute = (
                    argument.partition(".")
                    if isinstance(argument, str)
                    else (argument[0], ".", argument[1])
                )
                return self._attribute(name, attribute)
            case "Fn::If":
                return self.value(argument[1 if self.holds(argument[0]) else 2])
            case "Fn::FindInMap":
                table, first, second = map(self.value, argument)
                return self.template["Mappings"][table][first][second]
            case "Fn::Join":
                return argument[0].join(str(each) for each in self.value(argument[1]))
            case "Fn::Split":
                return self.value(argument[1]).split(argument[0])
            case "Fn::Select":
                return self.value(argument[1])[int(self.value(argument[0]))]
            case "Fn::Sub":
                text, extra = argument if isinstance(argument, list) else (argument, {})
                return re.sub(r"\$\{([^}!]+)\}", lambda found: self._inside(found[1], extra), text)
            case _:
                raise ValueError(f"the template uses {function}, which is not resolved here")

    def _inside(self, name: str, extra: Mapping[str, Any]) -> str:
        """One `${...}` of a Sub."""
        if name in extra:
            return str(self.value(extra[name]))
        target, dot, attribute = name.partition(".")
        return str(self._attribute(target, attribute) if dot else self._reference(name))

    def _reference(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NOTHING
        if name in self.values:
            return self.values[name]
        resource = self.template["Resources"][name]
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Lambda::Alias":
            function = properties["FunctionName"]["Ref"]
            return f"{self._attribute(function, 'Arn')}:{self.value(properties['Name'])}"
        named = next((properties[key] for key in NAMES if key in properties), name)
        return self.value(named)

    def _attribute(self, name: str, attribute: str) -> str:
        if attribute in NAMES:
            return str(self._reference(name))
        kind = self.template["Resources"][name]["Type"]
        if attribute != "Arn" or kind not in ARNS:
            return f"{name}.{attribute}"
        account = self.values["AWS::AccountId"]
        where = f"{self.values['AWS::Region']}:{account}"
        rest = ARNS[kind].format(where=where, account=account, name=self._reference(name))
        return f"arn:{self.values['AWS::Partition']}:{rest}"

    def _true(self, condition: Any) -> bool:
        ((function, argument),) = condition.items()
        match function:
            case "Condition":
                return self.holds(argument)
            case "Fn::Equals":
                first, second = map(self.value, argument)
                return str(first) == str(second)
            case "Fn::Not":
                return not self._true(argument[0])
            case "Fn::And":
                return all(map(self._true, argument))
            case "Fn::Or":
                return any(map(self._true, argument))
            case _:
                raise ValueError(f"the template uses {function}, which is not resolved here")
