"""What a server does with ten times as many requests as it can answer: goodput, how fast it refuses, and how soon it is well again.

usage: overload.py --martlet BINARY

A network whose run takes some two milliseconds stands behind an endpoint, as in bench.py. Requests come at fixed times, whatever has become of those before
(open loop): first as fast as a few connections get answers, which is the capacity; then ten times as often; then half as often. A late answer
counts from when its request was due.
"""

import argparse
import collections
import json
import os
import selectors
import socket
import sys
import tempfile
import time

import numpy
import onnx
import onnxruntime
from bench import LOAD_CORES, SERVER_CORES, govern, machine, start_martlet, wait_ready
from onnx import TensorProto, helper, numpy_helper

WIDTH = 512


def network(milliseconds, folder):
    """Matrix products, as many as take so long on one thread here."""

    def build(layers):
        weights = [numpy_helper.from_array(numpy.eye(WIDTH, dtype=numpy.float32), f"w{one}") for one in range(layers)]
        nodes = [helper.make_node("MatMul", ["x" if one == 0 else f"h{one}", f"w{one}"], [f"h{one + 1}" if one < layers - 1 else "y"]) for one in range(layers)]
        value = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, WIDTH])
        graph = helper.make_graph(nodes, "g", [value("x")], [value("y")], weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(build(8).SerializeToString(), options)
    row = numpy.ones((1, WIDTH), numpy.float32)
    for _ in range(50):
        session.run(None, {"x": row})
    begun = time.perf_counter()
    for _ in range(200):
        session.run(None, {"x": row})
    one = (time.perf_counter() - begun) / 200 / 8
    return build(max(1, round(milliseconds / 1000 / one)))


class Answers:
    """What came of the requests of one phase."""

    def __init__(self):
        self.latencies = collections.defaultdict(list)
        self.unsent = 0

    def line(self, seconds):
        parts = []
        for code, values in sorted(self.latencies.items()):
            values.sort()
            at = lambda share: values[min(len(values) - 1, int(share * len(values)))] * 1000
            parts.append(f"{code}: {len(values) / seconds:,.0f}/s p50 {at(0.5):.1f} p99 {at(0.99):.1f} max {values[-1] * 1000:.0f} ms")
        return "; ".join(parts) + (f"; not sent for want of a connection: {self.unsent}" if self.unsent else "")


class Load:
    """Connections of which each has one request at a time."""

    def __init__(self, host, port, request, count):
        self.request = request
        self.poll = selectors.DefaultSelector()
        self.idle = []
        self.pending = {}
        for _ in range(count):
            one = socket.create_connection((host, port))
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            one.setblocking(False)
            self.poll.register(one, selectors.EVENT_READ)
            self.idle.append(one)

    def send(self, due):
        one = self.idle.pop()
        one.send(self.request)
        self.pending[one] = [due, b""]

    def take(self, wait, answers):
        for key, _ in self.poll.select(wait):
            one = key.fileobj
            entry = self.pending[one]
            entry[1] += one.recv(1 << 20)
            head, _, body = entry[1].partition(b"\r\n\r\n")
            length = head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]
            if not length or len(body) < int(length):
                continue
            answers.latencies[int(head[9:12])].append(time.perf_counter() - entry[0])
            del self.pending[one]
            self.idle.append(one)

    def closed(self, seconds, connections):
        """As often as so many connections get answers; requests answered well a second."""
        answers, end = Answers(), time.perf_counter() + seconds
        spare, self.idle = self.idle[connections:], self.idle[:connections]
        while time.perf_counter() < end:
            while self.idle:
                self.send(time.perf_counter())
            self.take(0.1, answers)
        self.finish(answers)
        self.idle += spare
        return len(answers.latencies[200]) / seconds

    def open(self, seconds, rate):
        """At fixed times. A request for which there is no connection is counted and left out."""
        answers, begun, sent = Answers(), time.perf_counter(), 0
        while (now := time.perf_counter()) < begun + seconds:
            while sent < (now - begun) * rate:
                if self.idle:
                    self.send(begun + sent / rate)
                else:
                    answers.unsent += 1
                sent += 1
            self.take(max(0, begun + sent / rate - time.perf_counter()), answers)
        self.finish(answers)
        return answers

    def finish(self, answers):
        end = time.perf_counter() + 15
        while self.pending and time.perf_counter() < end:
            self.take(0.1, answers)
        if self.pending:
            raise SystemExit(f"{len(self.pending)} requests were not answered")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--martlet", required=True, help="the release binary")
    options.add_argument("--milliseconds", type=float, default=2)
    options.add_argument("--factor", type=float, default=10)
    options.add_argument("--seconds", type=float, default=10)
    options.add_argument("--connections", type=int, default=1000)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="martlet-overload-") as folder, open(os.path.join(folder, "log"), "w") as log:
        model = network(chosen.milliseconds, folder)
        server = start_martlet(chosen.martlet, folder, log)
        try:
            wait_ready(server.url, server.process)
            key = govern(server, folder, model)
            os.sched_setaffinity(0, {int(one) for one in LOAD_CORES.split(",")})
            print(f"{machine()}; the server has cores {SERVER_CORES}", flush=True)
            body = json.dumps({"inputs": [{"name": "x", "shape": [1, WIDTH], "datatype": "FP32", "data": [0.5] * WIDTH}], "outputs": [{"name": "y", "parameters": {"classification": 1}}]}).encode()
            host, port = server.url.removeprefix("http://").split(":")
            head = f"POST /v2/models/forest/infer HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\nAuthorization: Bearer {key}\r\nContent-Length: {len(body)}\r\n\r\n"
            load = Load(host, int(port), head.encode() + body, chosen.connections)
            load.closed(2, 8)
            capacity = load.closed(chosen.seconds / 2, 8)
            print(f"capacity: {capacity:,.0f} answers/s", flush=True)
            over = load.open(chosen.seconds, capacity * chosen.factor)
            good = len(over.latencies[200]) / chosen.seconds
            print(f"{chosen.factor:g} times as many: goodput {good / capacity:.0%} of capacity; {over.line(chosen.seconds)}", flush=True)
            after = load.open(3, capacity / 2)
            print(f"half as many at once after: {after.line(3)}", flush=True)
            odd = [code for code in list(over.latencies) + list(after.latencies) if code not in (200, 429, 503)]
            if odd:
                raise SystemExit(f"answers of other kinds: {odd}")
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
