"""What `aws.py` does before it has its tools, and how it asks.

The rest is tested in `tests/template` and, against a local cloud, in `account/tests`.
"""

from __future__ import annotations

import io
import os
import socket
import sys
import time
import unittest
import unittest.mock
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import settings
from account import confirm, start
from say import Exit, Problem


class Start(unittest.TestCase):
    def setUp(self) -> None:
        said = unittest.mock.patch("say.line")
        self.said = said.start()
        self.addCleanup(said.stop)
        for name in ("interrupt.become_exceptions", "tools.install"):
            patch = unittest.mock.patch(name)
            patch.start()
            self.addCleanup(patch.stop)

    def started(self, **environment: str) -> tuple[int | None, dict[str, str] | None]:
        """The exit code, or what the second half is given."""
        with (
            unittest.mock.patch.dict(os.environ, environment),
            unittest.mock.patch("os.execve") as handed_over,
        ):
            code = start.main(["delete", "--stage", "trial"])
        return code, handed_over.call_args.args[2] if handed_over.called else None

    def test_an_endpoint_that_does_not_answer_is_told_within_five_seconds(self) -> None:
        with socket.socket() as silent:
            silent.bind((settings.HOST, 0))
            silent.listen()
            url = f"http://{settings.HOST}:{silent.getsockname()[1]}"
            began = time.monotonic()
            code, environment = self.started(AWS_ENDPOINT_URL=url)
            self.assertLess(time.monotonic() - began, 5)
        self.assertEqual((code, environment), (Exit.NOT_RUNNING, None))
        self.assertIn(url, str(self.said.call_args_list))

    def test_an_endpoint_that_is_no_local_cloud_is_refused(self) -> None:
        for url in ("https://sqs.us-east-1.amazonaws.com", "127.0.0.1:4566"):
            code, environment = self.started(AWS_ENDPOINT_URL=url)
            self.assertEqual((code, environment), (Exit.USAGE, None), url)

    def test_nothing_of_the_user_s_account_goes_to_a_local_cloud(self) -> None:
        with unittest.mock.patch("endpoint.answers"):
            _, given = self.started(AWS_ENDPOINT_URL="http://127.0.0.1:4566/", AWS_PROFILE="work")
        assert given is not None
        self.assertEqual(given["AWS_ENDPOINT_URL"], "http://127.0.0.1:4566")
        self.assertEqual(given["AWS_ACCESS_KEY_ID"], "test")
        self.assertNotIn("AWS_PROFILE", given)

    def test_to_aws_goes_the_user_s_own(self) -> None:
        _, given = self.started(AWS_ENDPOINT_URL="", AWS_PROFILE="work")
        assert given is not None
        self.assertEqual(given["AWS_PROFILE"], "work")
        self.assertNotIn("AWS_ACCESS_KEY_ID", set(given) - set(os.environ))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Confirming(unittest.TestCase):
    def ask(self, answers: io.StringIO, yes: bool = False) -> None:
        with unittest.mock.patch("sys.stderr", io.StringIO()):
            confirm.ask("Delete it?", "flotilla-dev", yes, answers)

    def test_the_wanted_answer_and_the_flag_go_on(self) -> None:
        self.ask(Terminal("flotilla-dev\n"))
        self.ask(io.StringIO(""), yes=True)

    def test_any_other_answer_changes_nothing(self) -> None:
        for answer in ("", "\n", "y\n", "yes\n", "flotilla-prod\n"):
            with self.assertRaises(Problem) as raised:
                self.ask(Terminal(answer))
            self.assertEqual(raised.exception.todo, "Nothing was changed.")

    def test_where_nobody_can_answer_it_is_refused(self) -> None:
        with self.assertRaises(Problem) as raised:
            self.ask(io.StringIO("flotilla-dev\n"))
        self.assertEqual(raised.exception.code, Exit.USAGE)
        self.assertIn("YES=1", raised.exception.todo)


if __name__ == "__main__":
    unittest.main()
