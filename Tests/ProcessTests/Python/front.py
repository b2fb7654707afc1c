"""Compares what the front answers with what the HTTP server behind it answers, and mixes both on one connection.

The first server has its front; the second, whose URL is the argument, logs every request and so has none. Exits 0 only if all is right.
"""

import json
import os
import random
import re
import socket
import sys
import time
import urllib.parse

FRONT = urllib.parse.urlsplit(os.environ["MARTLET_URL"])
PLAIN = urllib.parse.urlsplit(sys.argv[1])
problems = []


def connect(url):
    connection = socket.create_connection((url.hostname, url.port), timeout=30)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def request(method, path, body=None, fields=""):
    data = b"" if body is None else (body if isinstance(body, bytes) else json.dumps(body).encode())
    kind = "" if body is None else f"content-type: application/json\r\ncontent-length: {len(data)}\r\n"
    return f"{method} {path} HTTP/1.1\r\nhost: localhost\r\n{kind}{fields}\r\n".encode() + data


class Reader:
    def __init__(self, connection):
        self.connection, self.data = connection, b""

    def answer(self):
        """Status, fields and body; None at the end of the connection."""
        while b"\r\n\r\n" not in self.data:
            piece = self.connection.recv(65536)
            if not piece:
                return None
            self.data += piece
        head, self.data = self.data.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        length = int(fields.get("content-length", "0"))
        while len(self.data) < length:
            piece = self.connection.recv(65536)
            if not piece:
                return None
            self.data += piece
        body, self.data = self.data[:length], self.data[length:]
        return int(lines[0].split(" ")[1]), fields, body


def ask(url, data):
    with connect(url) as connection:
        connection.sendall(data)
        return Reader(connection).answer()


def expect(condition, text):
    if not condition:
        problems.append(text)


def new_run(url, name):
    status, _, body = ask(url, request("POST", "/api/2.0/mlflow/runs/create", {"experiment_id": "0", "run_name": name}))
    expect(status == 200, f"create: {status} {body}")
    return json.loads(body)["run"]["info"]["run_id"]


def large_inference(size):
    return {"inputs": [], "unknown": "x" * size}


def same_answers():
    """A cookie sends a request past the front: the same server, the same state, both ways."""
    run = new_run(FRONT, "same")
    metric = {"run_id": run, "key": "auc", "value": 0.5, "timestamp": 1, "step": 1}
    base = "/api/2.0/mlflow"
    cases = [
        ("GET", f"{base}/runs/get?run_id={run}", None),
        ("GET", f"/ajax-api/2.0/mlflow/runs/get?run_id={run}", None),
        ("GET", f"{base}/runs/get?run_id=none", None),
        ("GET", f"{base}/runs/get", None),
        ("GET", f"{base}/runs/get?run_id={run}%00", None),
        ("GET", f"{base}/registered-models/alias?name=none&alias=a", None),
        ("GET", f"{base}/model-versions/get?name=none&version=1", None),
        ("POST", f"{base}/runs/log-metric", metric),
        ("POST", f"{base}/runs/log-metric", {**metric, "value": "x"}),
        ("POST", f"{base}/runs/log-metric", {**metric, "key": "a\0b"}),
        ("POST", f"{base}/runs/log-metric", b"{"),
        ("POST", f"{base}/runs/log-metric", b"[1]"),
        ("POST", f"{base}/runs/log-metric", b""),
        ("POST", f"{base}/runs/log-batch", {"run_id": run, "metrics": [metric] * 1001}),
        ("POST", f"{base}/runs/log-parameter", {"run_id": run, "key": "p", "value": "\u00e9\u2028<b>"}),
        ("POST", f"{base}/runs/set-tag", {"run_id": run, "key": "t", "value": "v"}),
        ("POST", f"{base}/runs/update", {"run_id": run, "status": "FINISHED", "end_time": 5}),
        ("POST", f"{base}/runs/create", {"experiment_id": "no"}),
        ("POST", "/v2/models/none/infer", {"inputs": []}),
        ("POST", "/v2/models/none/infer", b"[" * 1000),
        ("POST", "/v2/models/none/versions/1/infer", b"null"),
        ("POST", "/v2/models/none/infer", large_inference(300_000)),
        ("POST", "/v2/models/none/infer", large_inference(2_200_000)),
        ("POST", "/v2/models/none/infer", b"[" * 300_000),
    ]
    for method, path, body in cases:
        front = ask(FRONT, request(method, path, body))
        behind = ask(FRONT, request(method, path, body, "cookie: a=b\r\n"))
        shown = f"{method} {path} {str(body)[:60]}"
        expect(front is not None and behind is not None, f"{shown}: no answer")
        expect(front[0] == behind[0], f"{shown}: {front[0]} and {behind[0]}")
        expect(json.loads(front[2]) == json.loads(behind[2]), f"{shown}: {front[2][:200]} and {behind[2][:200]}")
        differ = {name for name in set(front[1]) | set(behind[1]) if front[1].get(name) != behind[1].get(name)}
        # Pages and cookies apart, and the second may have turned.
        expect(differ <= {"date", "content-length"}, f"{shown}: {front[1]} and {behind[1]}")
        expect(re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", front[1]["date"]), f"date {front[1]['date']}")


def in_order(random_state):
    """Pipelined requests for the front and for what is behind it, cut anywhere, are answered in their order."""
    run = new_run(FRONT, "ordered")
    base = "/api/2.0/mlflow"
    wanted, data = [], b""
    for number in range(180):
        kind = number % 6
        if kind == 0:
            data += request("POST", f"{base}/runs/set-tag", {"run_id": run, "key": "n", "value": str(number)})
            wanted.append(b"{}")
        elif kind == 1:
            data += request("GET", f"{base}/runs/get?run_id={run}")
            wanted.append(f'"key":"n","value":"{number - 1}"'.encode())
        elif kind == 2:
            data += request("GET", f"{base}/experiments/get?experiment_id=0")
            wanted.append(b'"experiment"')
        elif kind == 3:
            text = {"run_id": run, "key": f"large{number}", "value": "x" * 4000}
            data += request("POST", f"{base}/runs/log-parameter", text)
            wanted.append(b"{}")
        elif kind == 4:
            # Larger than the front takes.
            tags = [{"key": f"k{index}", "value": "y" * 4000} for index in range(20)]
            data += request("POST", f"{base}/runs/log-batch", {"run_id": run, "tags": tags})
            wanted.append(b"{}")
        elif number % 60 == 5:
            # Gathered by the front, and counted.
            data += request("POST", f"/v2/models/none{number}/infer", large_inference(100_000))
            wanted.append(f"none{number}".encode())
        else:
            data += request("GET", f"{base}/runs/get?run_id=none{number}")
            wanted.append(f"none{number}".encode())
    # The last has chunks, so that the HTTP server has the connection from here on.
    data += (
        f"POST {base}/runs/search HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        "transfer-encoding: chunked\r\n\r\n18\r\n{\"experiment_ids\":[\"999\"\r\n2\r\n]}\r\n0\r\n\r\n"
    ).encode()
    wanted.append(b"{")
    data += request("GET", f"{base}/runs/get?run_id=last")
    wanted.append(b"last")
    for size in (1 << 20, 997, 61, 7):
        with connect(FRONT) as connection:
            sent = 0
            reader, got = Reader(connection), []
            # Read beside writing, or both ends wait for each other.
            if os.fork() == 0:
                try:
                    while sent < len(data):
                        step = size if size > 100 else random_state.randint(1, size)
                        connection.sendall(data[sent : sent + step])
                        sent += step
                finally:
                    os._exit(0)
            for number, part in enumerate(wanted):
                answer = reader.answer()
                if answer is None or part not in answer[2]:
                    problems.append(f"pieces of {size}: answer {number}: {str(answer)[:300]}, not {part}")
                    break
            os.wait()


def odd_requests():
    """What is not plain gets the same status with the front as without, as many times."""
    body = b'{"run_id":"none","key":"a","value":"b"}'
    length = len(body)
    start = b"POST /api/2.0/mlflow/runs/set-tag HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    inner = b"GET /v2 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    cases = {
        "two lengths": start + b"content-length: %d\r\ncontent-length: %d\r\n\r\n" % (length, length + 5) + body,
        "equal lengths": start + b"content-length: %d\r\ncontent-length: %d\r\n\r\n" % (length, length) + body,
        "length list": start + b"content-length: %d, %d\r\n\r\n" % (length, length) + body,
        "length with sign": start + b"content-length: +%d\r\n\r\n" % length + body,
        "length and chunks": start + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "chunks twice": start + b"transfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        "chunks, misspelt": start + b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
        "chunks, blank before colon": start + b"transfer-encoding : chunked\r\n\r\n0\r\n\r\n",
        "chunks, folded": start + b"transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        "line feeds": (start + b"content-length: %d\r\n\r\n" % length).replace(b"\r\n", b"\n") + body,
        "old version": start.replace(b"HTTP/1.1", b"HTTP/1.0") + b"content-length: %d\r\n\r\n" % length + body,
        "no host": start.replace(b"host: localhost\r\n", b"") + b"content-length: %d\r\n\r\n" % length + body,
        "absolute": b"GET http://localhost/v2 HTTP/1.1\r\nhost: localhost\r\n\r\n",
        "NUL in a field": start + b"x: a\0b\r\ncontent-length: %d\r\n\r\n" % length + body,
        "carriage return in a field": start + b"x: a\rb\r\ncontent-length: %d\r\n\r\n" % length + body,
        "no colon": start + b"nonsense\r\ncontent-length: %d\r\n\r\n" % length + body,
        "expect": start + b"expect: 100-continue\r\ncontent-length: %d\r\n\r\n" % length + body,
        "close": start + b"connection: close\r\ncontent-length: %d\r\n\r\n" % length + body,
        "no version": b"GET /v2\r\n\r\n",
        "garbage": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 4 + b"\r\n\r\n",
        "empty lines first": b"\r\n\r\n" + start + b"content-length: %d\r\n\r\n" % length + body,
        "long head": start + b"x: " + b"y" * 40000 + b"\r\n\r\n",
        "many fields": start + b"x: y\r\n" * 150 + b"content-length: %d\r\n\r\n" % length + body,
    }
    for name, data in cases.items():
        statuses = []
        for url in (FRONT, PLAIN):
            with connect(url) as connection:
                connection.settimeout(3)
                reader, seen = Reader(connection), []
                try:
                    connection.sendall(data + inner)
                    connection.shutdown(socket.SHUT_WR)
                    while (answer := reader.answer()) is not None:
                        seen.append(answer[0])
                except OSError as error:
                    seen.append(type(error).__name__)
                statuses.append(seen)
        expect(statuses[0] == statuses[1], f"{name}: {statuses[0]} with the front, {statuses[1]} without")


def half_closed():
    """Requests of both kinds, then the end of what is sent: all are answered before the connection ends."""
    run = new_run(FRONT, "half closed")
    tag = request("POST", "/api/2.0/mlflow/runs/set-tag", {"run_id": run, "key": "a", "value": "b"})
    other = request("GET", "/api/2.0/mlflow/experiments/get?experiment_id=0")
    for name, requests in {"front last": [other, tag], "server last": [tag, other], "mixed": [other, tag, other, tag, tag]}.items():
        with connect(FRONT) as connection:
            connection.sendall(b"".join(requests))
            connection.shutdown(socket.SHUT_WR)
            reader = Reader(connection)
            statuses = [answer[0] for answer in iter(reader.answer, None)]
            expect(statuses == [200] * len(requests), f"half closed, {name}: {statuses}")


def vanishes():
    """A client that goes away while its body is under way, in one piece or in several, takes nobody with it."""
    for path in ("/v2/models/none/infer", "/api/2.0/mlflow/runs/create"):
        for size in (100, 60_000, 300_000):
            head = f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {size}\r\n\r\n".encode()
            for pieces in ([head + b" " * 50], [head, b" " * 50], [head[:40], head[40:], b" ", b" " * 50]):
                for ends in (lambda one: one.close(), lambda one: one.shutdown(socket.SHUT_WR)):
                    with connect(FRONT) as connection:
                        for piece in pieces:
                            connection.sendall(piece)
                            time.sleep(0.005)
                        ends(connection)
                        time.sleep(0.005)
    answered = ask(FRONT, request("GET", "/v2/health/live"))
    expect(answered is not None and answered[0] == 200, f"after clients that vanished: {answered}")


def half_closed_in_body():
    """The first request is answered, and the end of the second is not waited for."""
    whole = request("POST", "/v2/models/none/infer", {"inputs": []})
    part = request("POST", "/v2/models/none/infer", {"inputs": []})[:-2]
    with connect(FRONT) as connection:
        connection.settimeout(5)
        connection.sendall(whole + part)
        connection.shutdown(socket.SHUT_WR)
        reader = Reader(connection)
        try:
            answers = [answer[0] for answer in iter(reader.answer, None)]
            expect(answers[:1] == [404], f"half closed in a body: {answers}")
        except TimeoutError:
            problems.append("half closed in a body: the connection stays open")


def goes_on():
    """A client that asks whether to send its body is told so."""
    body = json.dumps(large_inference(1_500_000)).encode()
    head = f"POST /v2/models/none/infer HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\nexpect: 100-continue\r\n\r\n"
    with connect(FRONT) as connection:
        connection.settimeout(10)
        connection.sendall(head.encode())
        told = connection.recv(1000)
        expect(told.startswith(b"HTTP/1.1 100"), f"expect: {told}")
        connection.sendall(body)
        reader = Reader(connection)
        answer = reader.answer()
        expect(answer is not None and answer[0] == 404, f"after 100: {answer}")


same_answers()
vanishes()
half_closed_in_body()
goes_on()
half_closed()
in_order(random.Random(20))
odd_requests()
for problem in problems:
    print("FAILED:", problem)
sys.exit(1 if problems else 0)
