"""Endpoints that do not answer, and stacks that an earlier deploy left half done.

Against a CloudFormation that says what the test wants; the engines' own is
asked in `localstack/tests`.
"""

from __future__ import annotations

import http.server
import socket
import sys
import threading
import time
import unittest
import unittest.mock
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import commands
import deploy
import endpoint
import settings
import stacks
from cloudformation import Direct
from say import Exit, Problem

NAME = "flotilla-local"


class Endpoints(unittest.TestCase):
    def refused(self, url: str) -> str:
        began = time.monotonic()
        with self.assertRaises(Problem) as raised:
            endpoint.answers(url)
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual(raised.exception.code, Exit.NOT_RUNNING)
        self.assertIn(url, raised.exception.what)
        return raised.exception.what

    def test_nobody_listens(self) -> None:
        with socket.socket() as taken:
            taken.bind((settings.HOST, 0))
            self.refused(f"http://{settings.HOST}:{taken.getsockname()[1]}")

    def test_somebody_listens_and_says_nothing(self) -> None:
        with socket.socket() as silent:
            silent.bind((settings.HOST, 0))
            silent.listen()
            said = self.refused(f"http://{settings.HOST}:{silent.getsockname()[1]}")
        self.assertRegex(said, "timed out|no answer within")

    def test_a_name_that_takes_for_ever_to_look_up(self) -> None:
        never = threading.Event()
        self.addCleanup(never.set)
        with unittest.mock.patch("socket.getaddrinfo", lambda *_, **__: never.wait(30) and []):
            self.assertIn("no answer within", self.refused("http://cloud.example:4566"))

    def test_a_deploy_says_so_before_it_begins(self) -> None:
        cloud = settings.passing("one")
        with unittest.mock.patch("subprocess.run") as ran, self.assertRaises(Problem) as raised:
            deploy.deploy(cloud)
        ran.assert_not_called()
        self.assertEqual(raised.exception.code, Exit.NOT_RUNNING)

    def test_what_answers_and_is_no_cloud_is_told_before_anything_is_built(self) -> None:
        with Fake([]) as cloud, unittest.mock.patch("build.build") as built:
            cloud.answer = lambda _: (404, "")  # type: ignore[method-assign]
            given = ["run", "--engine", "localstack", "--endpoint", cloud.endpoint, "--", "true"]
            parsed = commands._parser().parse_args(given)
            with self.assertRaises(Problem) as raised:
                commands._run(parsed)
        built.assert_not_called()
        self.assertIn(f"{cloud.endpoint} refuses", raised.exception.what)

    def test_any_answer_at_all_is_one(self) -> None:
        with Fake([]) as cloud:
            endpoint.answers(cloud.endpoint)

    def test_a_run_is_not_led_to_a_real_account(self) -> None:
        for given in (
            "https://sqs.us-east-1.amazonaws.com",
            "http://sqs.us-east-1.amazonaws.com",
            "127.0.0.1:4566",
            "http://",
            "http://[",
        ):
            with self.assertRaises(Problem, msg=given) as raised:
                settings.passing("one", settings.LOCALSTACK, given)
            self.assertEqual(raised.exception.code, Exit.USAGE)
        given = settings.passing("one", settings.LOCALSTACK, "http://127.0.0.1:4566/")
        self.assertEqual(given.endpoint, "http://127.0.0.1:4566")


class Fake:
    """A CloudFormation whose one stack goes through these states, one for each look."""

    def __init__(self, states: list[str], gone_after: int = 1) -> None:
        self.states = states
        self.gone_after = gone_after
        self.deleted = 0
        self.looks = 0

    def __enter__(self) -> Fake:
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                self.send_error(404)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status, said = fake.answer(urllib.parse.parse_qs(body)["Action"][0])
                self.send_response(status)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said.encode())

        self.server = http.server.ThreadingHTTPServer((settings.HOST, 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.endpoint = f"http://{settings.HOST}:{self.server.server_port}"
        self.direct = Direct(self.endpoint)
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, action: str) -> tuple[int, str]:
        if action == "DeleteStack":
            self.deleted += 1
            self.states = [] if self.deleted >= self.gone_after else ["DELETE_FAILED"]
            return 200, "<Done/>"
        if action == "DescribeStackEvents":
            event = "<member><EventId>1</EventId></member>"
            return 200, f"<A xmlns='urn:x'><StackEvents>{event}</StackEvents></A>"
        if not self.states:
            return 400, "<Error>Stack with id flotilla-local does not exist</Error>"
        self.looks += 1
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        output = "<OutputKey>Url</OutputKey><OutputValue>here</OutputValue>"
        return 200, (
            f"<A xmlns='urn:x'><Stacks><member><StackStatus>{state}</StackStatus>"
            f"<Outputs><member>{output}</member></Outputs></member></Stacks></A>"
        )


class Repairing(unittest.TestCase):
    def setUp(self) -> None:
        said = unittest.mock.patch("say.line")
        self.said = said.start()
        self.addCleanup(said.stop)

    def test_no_stack_and_a_sound_one_are_left_alone(self) -> None:
        for states in ([], ["CREATE_COMPLETE"], ["UPDATE_COMPLETE"], ["UPDATE_ROLLBACK_COMPLETE"]):
            with Fake(states) as cloud:
                stacks.repair(cloud.direct, NAME)
                self.assertEqual(cloud.deleted, 0, states)

    def test_what_a_deploy_cannot_go_on_from_is_removed_and_named(self) -> None:
        for state in (
            "ROLLBACK_COMPLETE",
            "ROLLBACK_FAILED",
            "CREATE_FAILED",
            "DELETE_FAILED",
            "UPDATE_ROLLBACK_FAILED",
            "REVIEW_IN_PROGRESS",
        ):
            with Fake([state]) as cloud:
                stacks.repair(cloud.direct, NAME)
                self.assertEqual(cloud.deleted, 1, state)
                self.assertIsNone(cloud.direct.describe(NAME))
            self.assertIn(state, self.said.call_args.args[0])

    @unittest.mock.patch("stacks.DEAD_AFTER", 0.5)
    def test_one_in_progress_that_nobody_works_on_is_removed(self) -> None:
        for state in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"):
            with Fake([state]) as cloud:
                began = time.monotonic()
                stacks.repair(cloud.direct, NAME)
                self.assertGreater(time.monotonic() - began, 0.5)
                self.assertEqual(cloud.deleted, 1, state)

    def test_one_that_somebody_works_on_is_waited_for(self) -> None:
        with Fake(["CREATE_IN_PROGRESS"] * 3 + ["CREATE_COMPLETE"]) as cloud:
            stacks.repair(cloud.direct, NAME)
            self.assertEqual((cloud.deleted, cloud.looks), (0, 4))
        with Fake(["DELETE_IN_PROGRESS"] * 2 + ["DELETE_COMPLETE"]) as cloud:
            stacks.repair(cloud.direct, NAME)
            self.assertEqual(cloud.deleted, 0)

    def test_one_that_ends_badly_while_it_is_waited_for_is_removed(self) -> None:
        with Fake(["CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"]) as cloud:
            stacks.repair(cloud.direct, NAME)
            self.assertEqual(cloud.deleted, 1)

    def test_one_that_cannot_be_removed_is_a_problem_with_its_name_and_state(self) -> None:
        with Fake(["CREATE_FAILED"], gone_after=99) as cloud:
            with self.assertRaises(Problem) as raised:
                stacks.repair(cloud.direct, NAME)
            self.assertEqual(cloud.deleted, stacks.DELETIONS)
        self.assertEqual(raised.exception.code, Exit.DEPLOY)
        self.assertIn(f"{NAME} cannot be removed: it is DELETE_FAILED", raised.exception.what)

    def test_a_deletion_that_fails_once_is_asked_for_again(self) -> None:
        with Fake(["ROLLBACK_COMPLETE"], gone_after=2) as cloud:
            stacks.repair(cloud.direct, NAME)
            self.assertEqual(cloud.deleted, 2)

    def test_outputs(self) -> None:
        with Fake(["CREATE_COMPLETE"]) as cloud:
            found = cloud.direct.describe(NAME)
        assert found is not None
        self.assertEqual(found.outputs, {"Url": "here"})


if __name__ == "__main__":
    unittest.main()
