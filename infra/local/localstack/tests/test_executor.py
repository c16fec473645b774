"""The executor as LocalStack uses it: what a caller of Lambda gets to see."""

from __future__ import annotations

import json
import threading
import unittest
from pathlib import Path
from typing import Any

from engine import LIMIT, WithEngine, client, until


class Executor(WithEngine):
    def test_an_event_is_answered(self) -> None:
        name = self.function(variables={"GREETING": "hello"})
        kind, known = self.invoke(name, do="echo", text="ä")
        self.assertEqual((kind, known["event"]["text"]), ("", "ä"))
        variables = known["variables"]
        self.assertEqual(variables["GREETING"], "hello")
        self.assertEqual(variables["AWS_LAMBDA_FUNCTION_NAME"], name)
        self.assertTrue(variables["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:"))
        self.assertNotIn("GATEWAY_LISTEN", variables, "LocalStack's own variables stay with it")

    def test_a_function_error_is_unhandled_and_in_its_own_words(self) -> None:
        kind, said = self.invoke(self.function(), do="fail")
        self.assertEqual((kind, said), ("Unhandled", {"errorType": "Oh", "errorMessage": "no"}))

    def test_a_crash_is_told_and_the_next_event_is_answered(self) -> None:
        name = self.function()
        kind, said = self.invoke(name, do="exit", code=3)
        self.assertEqual((kind, said["errorType"]), ("Unhandled", "Runtime.ExitError"))
        self.assertIn("exit status 3", said["errorMessage"])
        self.assertEqual(self.invoke(name, do="echo")[0], "")

    def test_a_timeout_is_told_and_the_next_event_is_answered(self) -> None:
        name = self.function(timeout=1)
        kind, said = self.invoke(name, do="hang", file=str(self.folder / "child"))
        self.assertEqual((kind, said["errorType"]), ("Unhandled", "Sandbox.Timedout"))
        self.assertIn("timed out after 1.00 seconds", said["errorMessage"])
        self.assertEqual(self.invoke(name, do="echo")[0], "")

    def test_a_failed_initialisation_is_told(self) -> None:
        kind, said = self.invoke(self.function(variables={"BEGIN": "error"}), do="echo")
        self.assertEqual((kind, said["errorType"]), ("Unhandled", "Bad.Config"))
        kind, said = self.invoke(self.function(variables={"BEGIN": "exit"}), do="echo")
        self.assertIn("exit status 7", said["errorMessage"])

    def test_what_it_prints_is_in_its_log_group(self) -> None:
        name = self.function()
        self.invoke(name, do="echo")
        self.invoke(name, do="exit", code=3)
        group = f"/aws/lambda/{name}"
        self.addCleanup(self.logs.delete_log_group, logGroupName=group)
        text = until(lambda: self.logged(group, "exit status 3"), "the log of a crash")
        for expected in ("START RequestId", "working on echo", "REPORT RequestId", "working on exit"):
            self.assertIn(expected, text)

    def logged(self, group: str, word: str) -> str:
        try:
            events = self.logs.filter_log_events(logGroupName=group)["events"]
        except self.logs.exceptions.ResourceNotFoundException:
            return ""
        text = "\n".join(each["message"] for each in events)
        return text if word in text else ""

    def test_several_environments_of_one_function_work_at_the_same_time(self) -> None:
        name, file = self.function(), self.folder / "go"
        answers: list[Any] = []

        def ask() -> None:
            own = client("lambda")
            event = json.dumps({"do": "wait", "file": str(file)})
            sent = own.invoke(FunctionName=name, Payload=event)
            answers.append(sent["Payload"].read())

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        # A fourth is answered while the three wait: none of them holds up another.
        kind, _ = self.invoke(name, do="echo")
        self.assertEqual((kind, answers), ("", []))
        file.touch()
        for thread in threads:
            thread.join(LIMIT)
        pids = {json.loads(answer)["pid"] for answer in answers}
        self.assertEqual(len(pids), 3, answers)

    def test_a_deleted_function_leaves_no_process(self) -> None:
        name = self.function()
        pid = self.invoke(name, do="echo")[1]["pid"]
        self.functions.delete_function(FunctionName=name)
        until(lambda: not Path(f"/proc/{pid}").exists(), f"the end of process {pid}")


class Mappings(WithEngine):
    def test_only_reported_records_come_again(self) -> None:
        url = self.queue(VisibilityTimeout="1")
        for at in range(3):
            self.send(url, {"do": "fail" if at == 1 else "echo", "at": at})
        self.mapped(url, self.function(timeout=1), BatchSize=10)
        again = until(self.again, "the reported record to come again")
        self.assertEqual({each["body"] for each in again}, {'{"do": "fail", "at": 1}'})

    def again(self) -> list[dict[str, Any]]:
        records = [record for batch in self.batches() for record in batch]
        return [r for r in records if int(r["attributes"]["ApproximateReceiveCount"]) > 1]

    def test_an_unknown_id_brings_the_whole_batch_again(self) -> None:
        url = self.queue(VisibilityTimeout="1")
        self.send(url, {"do": "stranger"})
        self.mapped(url, self.function(timeout=1), BatchSize=10)
        until(self.again, "the record to come again")

    def test_what_crashes_a_function_ends_in_the_dead_letter_queue(self) -> None:
        dead = self.queue()
        policy = f'{{"deadLetterTargetArn":"{self.arn(dead)}","maxReceiveCount":"2"}}'
        url = self.queue(VisibilityTimeout="1", RedrivePolicy=policy)
        self.send(url, {"do": "exit"})
        self.mapped(url, self.function(timeout=1), BatchSize=1)
        letter = until(
            lambda: self.sqs.receive_message(QueueUrl=dead).get("Messages"), "the dead letter"
        )
        self.assertEqual(letter[0]["Body"], '{"do": "exit"}')
        self.assertEqual(len(self.batches()), 2)

    def test_a_fifo_group_waits_for_its_failed_message(self) -> None:
        url = self.queue(FifoQueue="true", ContentBasedDeduplication="true", VisibilityTimeout="1")
        self.send(url, {"do": "fail", "at": 1}, MessageGroupId="a")
        self.send(url, {"do": "echo", "at": 2}, MessageGroupId="a")
        self.mapped(url, self.function(timeout=1), BatchSize=1)
        until(lambda: len(self.batches()) >= 2, "the failed message to come again")
        self.assertEqual(
            [batch[0]["body"] for batch in self.batches()[:2]], ['{"do": "fail", "at": 1}'] * 2
        )


if __name__ == "__main__":
    unittest.main()
