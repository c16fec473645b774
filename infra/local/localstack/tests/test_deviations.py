"""Every row of `deviations.py`, on the LocalStack that runs."""

from __future__ import annotations

import json
import unittest

from botocore.exceptions import ClientError
from engine import WithEngine, client, until


class Deviations(WithEngine):
    def test_a_mapping_works_on_one_batch_at_a_time(self) -> None:
        url = self.queue(VisibilityTimeout="30")
        for at in range(6):
            self.send(url, {"do": "slow", "at": at})
        settings = {"BatchSize": 1, "ScalingConfig": {"MaximumConcurrency": 3}}
        self.mapped(url, self.function(timeout=5), **settings)
        until(lambda: len(self.batches("end")) == 6, "six batches")
        self.assertEqual([what for what, _ in self.lines()], ["begin", "end"] * 6)

    def test_a_body_arrives_as_it_was_sent(self) -> None:
        url = self.queue(VisibilityTimeout="30")
        sent = {'{"a":1,"b":2.50}', '{"a":1,"a":2}', '{ "c" :\n 1e2 }', '"ä"', "no json,  at all"}
        for body in sent:
            self.send(url, body)
        self.mapped(url, self.function(timeout=5), BatchSize=1)
        until(lambda: len(self.batches("end")) == len(sent), "the messages")
        self.assertEqual({batch[0]["body"] for batch in self.batches()}, sent)

    def test_a_function_is_not_found_under_its_alias(self) -> None:
        name = self.function()
        version = self.functions.publish_version(FunctionName=name)["Version"]
        self.functions.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
        with self.assertRaises(ClientError) as raised:
            self.functions.get_function_configuration(FunctionName=f"{name}:live")
        self.assertEqual(raised.exception.response["Error"]["Code"], "ResourceNotFoundException")
        self.assertEqual(self.invoke(f"{name}:live", do="echo")[0], "")

    def test_a_mapping_with_a_short_visibility_is_made(self) -> None:
        self.mapped(self.queue(VisibilityTimeout="1"), self.function(timeout=20))

    def test_a_stack_against_its_templates_rules_is_made(self) -> None:
        never = {"Assertions": [{"Assert": {"Fn::Equals": ["on", {"Ref": "Switch"}]}}]}
        body = {
            "Parameters": {"Switch": {"Type": "String", "Default": "off"}},
            "Rules": {"Never": never},
            "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
        }
        cloud, name = client("cloudformation"), f"rules-{self.folder.name.replace('_', '-')}"
        self.addCleanup(cloud.delete_stack, StackName=name)
        cloud.create_stack(StackName=name, TemplateBody=json.dumps(body))

        def made() -> bool:
            (stack,) = cloud.describe_stacks(StackName=name)["Stacks"]
            return str(stack["StackStatus"]) == "CREATE_COMPLETE"

        until(made, "the stack")

    def test_whoever_calls_may_do_anything(self) -> None:
        stranger = client("sqs", aws_access_key_id="stranger", aws_secret_access_key="x")
        stranger.list_queues()

    def test_a_chosen_log_group_is_used(self) -> None:
        group = f"/chosen/{self.folder.name}"
        self.logs.create_log_group(logGroupName=group)
        self.addCleanup(self.logs.delete_log_group, logGroupName=group)
        name = self.function(LoggingConfig={"LogFormat": "JSON", "LogGroup": group})
        self.invoke(name, do="echo")

        def logged() -> str:
            events = self.logs.filter_log_events(logGroupName=group)["events"]
            return "".join(each["message"] for each in events)

        text = until(logged, "the log")
        for expected in ('"platform.start"', "working on echo", '"platform.report"'):
            self.assertIn(expected, text)
        kept = self.logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")
        self.assertEqual(kept["logGroups"], [])


if __name__ == "__main__":
    unittest.main()
