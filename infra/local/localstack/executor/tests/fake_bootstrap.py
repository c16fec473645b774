#!/usr/bin/env python3
"""A tiny runtime for the tests: each event says what to do with it.

    {"do": "echo", ...}      answer with the event and what this environment knows
    {"do": "fail"}           report a function error
    {"do": "exit", "code"}   crash
    {"do": "die"}            be killed by a signal
    {"do": "hang", "file"}   write the file, never answer, with a child that hangs as well
    {"do": "wait", "file"}   answer once that file exists
    {"do": "big", "size"}    answer with so many bytes
    {"do": "chunked"}        answer in chunks

BEGIN in its environment changes how it begins: `error`, `exit`, `hang`.

A batch of SQS records is written to the file SEEN, one line for its begin and
one for its end, and each body that is {"do": ...} is obeyed: `fail` reports the
record, `stranger` reports an id of no record, `exit` crashes, `slow` takes 0.1 s.
"""

import http.client
import json
import os
import signal
import subprocess
import sys
import time

API = "/2018-06-01/runtime"


def main():
    """Ask for events, do what they say."""
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    begin(connection)
    count = 0
    while True:
        connection.request("GET", f"{API}/invocation/next")
        answer = connection.getresponse()
        event = json.loads(answer.read())
        count += 1
        head = {k.lower(): v for k, v in answer.getheaders()}
        request = head["lambda-runtime-aws-request-id"]
        print(f"working on {event.get('do', 'records')}", flush=True)
        if "Records" in event:
            answer = json.dumps({"batchItemFailures": batch(event["Records"])})
            post(connection, f"{API}/invocation/{request}/response", answer)
            continue
        work(connection, request, event, head, count)


def begin(connection):
    """As BEGIN says."""
    how = os.environ.get("BEGIN")
    if how == "error":
        told = json.dumps({"errorType": "Bad.Config", "errorMessage": "TABLE is missing"})
        post(connection, f"{API}/init/error", told)
        sys.exit(1)
    if how == "exit":
        print("cannot go on", file=sys.stderr, flush=True)
        sys.exit(7)
    while how == "hang":
        signal.pause()


def work(connection, request, event, head, count):
    """Do what one event says."""
    match event["do"]:
        case "fail":
            told = json.dumps({"errorType": "Oh", "errorMessage": "no"})
            post(connection, f"{API}/invocation/{request}/error", told)
            return
        case "exit":
            sys.exit(event["code"])
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            child = subprocess.Popen(["sleep", "600"])
            with open(event["file"] + ".new", "w") as file:
                file.write(str(child.pid))
            os.rename(event["file"] + ".new", event["file"])
            while True:
                signal.pause()
        case "wait":
            limit = time.monotonic() + 30
            while not os.path.exists(event["file"]) and time.monotonic() < limit:
                time.sleep(0.01)
        case "big":
            print(post(connection, f"{API}/invocation/{request}/response", "x" * event["size"]),
                  flush=True)
            return
        case "chunked":
            connection.request(
                "POST", f"{API}/invocation/{request}/response", iter([b'{"in":', b'"chunks"}']),
                encode_chunked=True, headers={"Transfer-Encoding": "chunked"},
            )
            connection.getresponse().read()
            return
    known = {
        "event": event,
        "pid": os.getpid(),
        "count": count,
        "head": head,
        "variables": dict(os.environ),
        "folder": os.getcwd(),
    }
    post(connection, f"{API}/invocation/{request}/response", json.dumps(known))


def batch(records):
    """Write the records down, do what they say; the ids to be tried again."""
    seen("begin", records)
    failures = []
    for record in records:
        try:
            what = json.loads(record["body"])["do"]
        except (ValueError, KeyError, TypeError):
            continue
        if what == "exit":
            sys.exit(9)
        if what == "slow":
            time.sleep(0.1)
        if what in ("fail", "stranger"):
            item = record["messageId"] if what == "fail" else "of no record"
            failures.append({"itemIdentifier": item})
    seen("end", records)
    return failures


def seen(what, records):
    """One line for a batch, in one write."""
    with open(os.environ["SEEN"], "a") as file:
        file.write(json.dumps({"what": what, "records": records}) + "\n")


def post(connection, path, body):
    """Tell the API something; the status of its answer."""
    connection.request("POST", path, body)
    answer = connection.getresponse()
    answer.read()
    return answer.status


if __name__ == "__main__":
    main()
