"""The server by itself: what it refuses, and that only this machine reaches it."""

from __future__ import annotations

import http.client
import json
import socket
import unittest

import support

from flotilla_executor.report import Report
from flotilla_executor.runtime_api import Answered, CannotBegin, Ready, RuntimeApi

API = "/2018-06-01/runtime"


class Refusing(unittest.TestCase):
    def setUp(self) -> None:
        self.api = RuntimeApi(timeout=5)
        self.addCleanup(self.api.close)
        self.connection = http.client.HTTPConnection(self.api.address, timeout=support.LIMIT)
        self.addCleanup(self.connection.close)

    def call(self, method: str, path: str, body: str = "") -> tuple[int, str]:
        self.connection.request(method, path, body)
        answer = self.connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text).get("errorType", "") if text else ""

    def test_only_this_machine_reaches_it(self) -> None:
        host, port = self.api.address.split(":")
        self.assertEqual(host, "127.0.0.1")
        with socket.socket() as another:
            # Any other address of this machine's loopback net is not listened on.
            self.assertNotEqual(another.connect_ex(("127.0.0.2", int(port))), 0)

    def test_what_it_does_not_know(self) -> None:
        self.assertEqual(self.call("GET", f"{API}/invocation/last")[0], 404)
        self.assertEqual(self.call("POST", f"{API}/invocation")[0], 404)
        self.assertEqual(self.call("GET", "/2015-03-31/runtime/invocation/next")[0], 404)

    def test_an_answer_to_another_event_and_a_second_answer(self) -> None:
        self.api.give(support.event("a", do="echo"))
        self.assertEqual(self.call("GET", f"{API}/invocation/next")[0], 200)
        wrong = self.call("POST", f"{API}/invocation/b/response", "{}")
        self.assertEqual(wrong, (400, "InvalidRequestID"))
        self.assertEqual(self.call("POST", f"{API}/invocation/a/response", "{}")[0], 202)
        again = self.call("POST", f"{API}/invocation/a/error", "{}")
        self.assertEqual(again, (400, "InvalidRequestID"))
        told = [self.api.told.get(timeout=1) for _ in range(2)]
        self.assertIsInstance(told[0], Ready)
        self.assertIsInstance(told[1], Answered)
        self.assertTrue(self.api.told.empty())

    def test_an_initialisation_error_only_before_the_first_event(self) -> None:
        self.assertEqual(self.call("POST", f"{API}/init/error", "{}")[0], 202)
        self.assertIsInstance(self.api.told.get(timeout=1), CannotBegin)
        self.api.give(support.event("a", do="echo"))
        self.call("GET", f"{API}/invocation/next")
        late = self.call("POST", f"{API}/init/error", "{}")
        self.assertEqual(late, (400, "InvalidStateTransition"))


class Reporting(unittest.TestCase):
    report = Report("r", "3", 128, seconds=0.0121, init_seconds=0.2, failed=True)

    def test_lambdas_lines_as_json(self) -> None:
        lines = self.report.around('{"level":"INFO"}\n', as_json=True).splitlines()
        start, printed, end = (json.loads(each) for each in lines)
        self.assertEqual(start["record"], {"requestId": "r", "version": "3"})
        self.assertEqual(printed, {"level": "INFO"})
        self.assertEqual(end["record"]["status"], "error")
        self.assertEqual(end["record"]["metrics"]["durationMs"], 12.1)
        self.assertEqual(end["record"]["metrics"]["initDurationMs"], 200)
        self.assertRegex(end["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")

    def test_lambdas_lines_as_text(self) -> None:
        lines = self.report.around("half a line", as_json=False).splitlines()
        self.assertEqual(lines[:3], ["START RequestId: r Version: 3", "half a line", "END RequestId: r"])
        self.assertIn("Billed Duration: 213 ms\tMemory Size: 128 MB\tInit Duration: 200.00", lines[3])


if __name__ == "__main__":
    unittest.main()
