"""An environment's life: answers, errors, crashes, timeouts, and several at once."""

from __future__ import annotations

import os
import signal
import threading
import time
import unittest

from support import LIMIT, WithEnvironments, event, lives, read, until

from flotilla_executor.answers import Answer, InitFailed


class Invoking(WithEnvironments):
    def test_an_event_is_answered_with_what_lambda_tells_beside_it(self) -> None:
        environment = self.started(GREETING="hello")
        answer = environment.invoke(event(do="echo", text="ä"))
        known = read(answer)
        self.assertFalse(answer.is_error)
        self.assertEqual(known["event"]["text"], "ä")
        self.assertEqual(known["head"]["lambda-runtime-aws-request-id"], "request-1")
        self.assertTrue(known["head"]["lambda-runtime-invoked-function-arn"].endswith(":f"))
        self.assertEqual(known["head"]["lambda-runtime-trace-id"], "Root=1")

    def test_the_deadline_is_a_moment_since_1970(self) -> None:
        known = read(self.started(timeout=15).invoke(event(do="echo")))
        left = int(known["head"]["lambda-runtime-deadline-ms"]) / 1000 - time.time()
        self.assertTrue(0 < left <= 15, left)

    def test_it_sees_its_own_variables_and_none_of_its_starters(self) -> None:
        os.environ["OF_THE_STARTER"] = "x"
        self.addCleanup(os.environ.pop, "OF_THE_STARTER")
        known = read(self.started(GREETING="hello").invoke(event(do="echo")))
        self.assertEqual(known["variables"]["GREETING"], "hello")
        self.assertEqual(known["variables"]["LAMBDA_TASK_ROOT"], str(self.folder))
        self.assertNotIn("OF_THE_STARTER", known["variables"])
        self.assertEqual(os.path.realpath(known["folder"]), os.path.realpath(self.folder))

    def test_the_next_event_goes_to_the_same_process(self) -> None:
        environment = self.started()
        first = read(environment.invoke(event("a", do="echo")))
        second = read(environment.invoke(event("b", do="echo")))
        self.assertEqual(first["pid"], second["pid"])
        self.assertEqual((first["count"], second["count"]), (1, 2))

    def test_an_answer_in_chunks(self) -> None:
        self.assertEqual(read(self.started().invoke(event(do="chunked"))), {"in": "chunks"})

    def test_a_warm_event_takes_no_time_of_its_own(self) -> None:
        environment = self.started()
        environment.invoke(event("warm", do="echo"))

        def seconds(request: str) -> float:
            began = time.monotonic()
            environment.invoke(event(request, do="echo"))
            return time.monotonic() - began

        # With head and body in two packets every one would take 40 ms; the best of fifty tells,
        # however busy the machine is.
        self.assertLess(min(seconds(str(at)) for at in range(50)), 0.03)


class Failing(WithEnvironments):
    def test_a_function_error_is_passed_on_and_the_process_lives(self) -> None:
        environment = self.started()
        pid = environment.pid
        answer = environment.invoke(event(do="fail"))
        self.assertEqual((answer.is_error, read(answer)["errorType"]), (True, "Oh"))
        self.assertEqual(environment.pid, pid)
        self.assertFalse(environment.invoke(event(do="echo")).is_error)

    def test_a_crash_is_answered_and_the_next_event_has_a_new_process(self) -> None:
        environment = self.started()
        pid = environment.pid
        answer = environment.invoke(event(do="exit", code=3))
        self.assertEqual(read(answer)["errorType"], "Runtime.ExitError")
        self.assertIn("exit status 3", read(answer)["errorMessage"])
        self.assertIn("request-1", read(answer)["errorMessage"])
        known = read(environment.invoke(event("request-2", do="echo")))
        self.assertNotEqual(known["pid"], pid)
        self.assertEqual(known["count"], 1)

    def test_a_quiet_end_is_a_crash_too(self) -> None:
        answer = self.started().invoke(event(do="exit", code=0))
        self.assertTrue(answer.is_error)
        self.assertIn("without providing a reason", read(answer)["errorMessage"])

    def test_a_kill_from_outside_is_a_crash(self) -> None:
        answer = self.started().invoke(event(do="die"))
        self.assertTrue(answer.is_error)
        self.assertIn("signal: SIGKILL", read(answer)["errorMessage"])

    def test_a_process_that_ended_while_idle_fails_nobody(self) -> None:
        environment = self.started()
        pid = environment.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        until(lambda: not lives(pid), "the end of an idle process")
        known = read(environment.invoke(event(do="echo")))
        self.assertNotEqual(known["pid"], pid)

    def test_a_timeout_is_answered_in_time_and_leaves_no_process(self) -> None:
        environment = self.started(timeout=0.5)
        pid = environment.pid
        assert pid is not None
        file = self.folder / "child"
        began = time.monotonic()
        answer = environment.invoke(event(do="hang", file=str(file)))
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual(read(answer)["errorType"], "Sandbox.Timedout")
        self.assertIn("timed out after 0.50 seconds", read(answer)["errorMessage"])
        self.assertFalse(lives(pid))
        self.assertTrue(file.exists(), "the child had been started")
        until(lambda: not lives(int(file.read_text())), "the end of what the process started")

    def test_after_a_timeout_the_next_event_is_answered(self) -> None:
        environment = self.started(timeout=1.0)
        environment.invoke(event(do="hang", file=str(self.folder / "child")))
        environment.timeout = LIMIT
        self.assertEqual(read(environment.invoke(event("request-2", do="echo")))["count"], 1)

    def test_an_answer_that_is_too_large_is_an_error(self) -> None:
        environment = self.started()
        answer = environment.invoke(event(do="big", size=6 * 1024 * 1024 + 101))
        self.assertEqual(
            (answer.is_error, read(answer)["errorType"]), (True, "Function.ResponseSizeTooLarge")
        )
        until(lambda: "413" in environment.printed(), "the refusal to be told")
        fits = environment.invoke(event(do="big", size=6 * 1024 * 1024 + 100))
        self.assertFalse(fits.is_error)


class Beginning(WithEnvironments):
    def failed(self, init_timeout: float = LIMIT, **variables: str) -> tuple[str, str]:
        environment = self.environment(init_timeout=init_timeout, **variables)
        with self.assertRaises(InitFailed) as raised:
            environment.start()
        self.assertIsNone(environment.pid)
        return raised.exception.payload.decode(), environment.printed()

    def test_an_error_that_it_reports(self) -> None:
        payload, _ = self.failed(BEGIN="error")
        self.assertIn("Bad.Config", payload)
        self.assertIn("TABLE is missing", payload)

    def test_an_end_before_the_first_event_keeps_its_last_words(self) -> None:
        payload, printed = self.failed(BEGIN="exit")
        self.assertIn("Runtime.ExitError", payload)
        self.assertIn("exit status 7", payload)
        self.assertEqual(printed, "cannot go on\n")

    def test_one_that_never_asks_is_ended(self) -> None:
        payload, _ = self.failed(init_timeout=0.5, BEGIN="hang")
        self.assertIn("Init timed out after 0.50 seconds", payload)

    def test_a_bootstrap_that_is_not_there_or_not_executable(self) -> None:
        (self.folder / "bootstrap").chmod(0o644)
        self.assertIn("Permission denied", self.failed()[0])
        (self.folder / "bootstrap").unlink()
        payload, _ = self.failed()
        self.assertIn("Runtime.InvalidEntrypoint", payload)
        self.assertIn("No such file", payload)


class Printing(WithEnvironments):
    def test_what_was_printed_before_the_answer_is_there_with_it(self) -> None:
        environment = self.started()
        for at in range(50):
            environment.invoke(event(str(at), do="echo"))
            self.assertEqual(environment.printed(), "working on echo\n", f"event {at}")

    def test_a_crashed_process_leaves_its_last_words(self) -> None:
        environment = self.started()
        environment.invoke(event(do="exit", code=1))
        self.assertEqual(environment.printed(), "working on exit\n")


class SeveralAtOnce(WithEnvironments):
    def test_each_works_on_its_own_event_at_the_same_time(self) -> None:
        file = self.folder / "go"
        environments = [self.started() for _ in range(3)]
        answers: list[Answer] = []
        threads = [
            threading.Thread(
                target=lambda at=at, each=each: answers.append(
                    each.invoke(event(str(at), do="wait", file=str(file)))
                )
            )
            for at, each in enumerate(environments)
        ]
        for thread in threads:
            thread.start()
        for each in environments:
            until(lambda each=each: "wait" in each.printed(), "all three to be at work")
        self.assertEqual(answers, [])
        file.touch()
        for thread in threads:
            thread.join(LIMIT)
        self.assertEqual(len({read(answer)["pid"] for answer in answers}), 3)

    def test_the_crash_of_one_leaves_the_others_alone(self) -> None:
        one, other = self.started(), self.started()
        pid = other.pid
        one.invoke(event(do="exit", code=1))
        self.assertEqual(read(other.invoke(event(do="echo")))["pid"], pid)

    def test_stopping_ends_an_invocation_under_way_and_lets_none_begin(self) -> None:
        environment = self.started()
        answers: list[Answer] = []
        file = self.folder / "child"
        thread = threading.Thread(
            target=lambda: answers.append(environment.invoke(event(do="hang", file=str(file))))
        )
        thread.start()
        until(file.exists, "the event to be worked on")
        environment.stop()
        thread.join(LIMIT)
        self.assertTrue(answers[0].is_error)
        until(lambda: not lives(int(file.read_text())), "the end of what the process started")
        with self.assertRaises(InitFailed):
            environment.invoke(event("request-2", do="echo"))


if __name__ == "__main__":
    unittest.main()
