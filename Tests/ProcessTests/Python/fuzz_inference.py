"""Sends mutated requests of every protocol; exits 0 only if the server refuses or answers each, goes on serving and keeps its memory.

usage: fuzz_inference.py SERVER_PID COUNT SEED [MODEL_REPOSITORY]

Each case follows from SEED and its number alone: what fails is printed with its number and its bytes.
"""

import collections
import gzip
import json
import os
import random
import re
import socket
import struct
import sys
import time
import urllib.parse

import grpc
import hpack
import numpy
import requests
from grpc_models import ADDRESS, HEADERS, KEY, URL, echo, fail, register, rows
from onnx import TensorProto
from tritonclient.grpc import service_pb2

PID, COUNT, SEED = (int(word) for word in sys.argv[1:4])
# The largest message and what the allocator keeps of a few of them.
GROWTH_BYTES_MAX = 300 << 20
HOST, PORT = urllib.parse.urlsplit(URL).hostname, urllib.parse.urlsplit(URL).port
GRPC_HOST, GRPC_PORT = ADDRESS.rsplit(":", 1)
NUMBERS = [b"-1", b"0", b"-0", b"1e999", b"1e-999", b"9223372036854775807", b"9223372036854775808", b"18446744073709551616", b"1099511627776", b"2147483648", b"0.1e", b"NaN", b"null", b"1" * 400]
WORDS = [b"null", b"true", b"{}", b"[]", b'""', b'"\\u0000"', b'"\\ud800"', b"\xff\xfe", b"\0", b"FP16", b"BYTES", b"INT64", b"binary_data_size", b"shape", b"classification", b"__proto__"]

MODELS = {"wide": rows(4), "text": echo(TensorProto.STRING), "whole": echo(TensorProto.INT64)}
if len(sys.argv) > 4:
    for name, model in MODELS.items():
        os.makedirs(f"{sys.argv[4]}/{name}/1")
        with open(f"{sys.argv[4]}/{name}/1/model.onnx", "wb") as file:
            file.write(model.SerializeToString())
        requests.post(f"{URL}/v2/repository/models/{name}/load", headers=HEADERS).raise_for_status()
else:
    register(MODELS)


def tensor(name="x", shape=(2, 4), datatype="FP32", **members):
    return {"name": name, "shape": list(shape), "datatype": datatype} | (members or {"data": [1.5, -2, 3e-3, 4, 5, 6, 7, 8]})


def raw(document, *tails):
    """A body of JSON with raw tensors after it, and its header."""
    text = json.dumps(document).encode()
    return {"Inference-Header-Content-Length": str(len(text))}, text + b"".join(tails)


def http_seeds():
    floats = numpy.arange(8, dtype="<f4").tobytes()
    texts = b"".join(struct.pack("<I", len(one)) + one for one in (b"a", "ü".encode(), b""))
    infer = "/v2/models/{}/versions/1/infer"
    yield infer.format("wide"), {}, json.dumps({"id": "7", "inputs": [tensor()]}).encode()
    yield infer.format("wide"), {}, json.dumps({"inputs": [tensor(data=[[1, 2, 3, 4], [5, 6, 7, 8]])], "outputs": [{"name": "y", "parameters": {"binary_data": True}}], "parameters": {"timeout": 1000000, "business_key": "k"}}).encode()
    yield infer.format("wide"), {}, json.dumps({"inputs": [tensor()], "outputs": [{"name": "y", "parameters": {"classification": 2}}]}).encode()
    yield infer.format("text"), {}, json.dumps({"inputs": [tensor(shape=(3,), datatype="BYTES", data=["a", "\u00fc\n", ""])]}).encode()
    yield infer.format("whole"), {}, json.dumps({"inputs": [tensor(shape=(3,), datatype="INT64", data=[1, -(2**63), 2**63 - 1])]}).encode()
    yield infer.format("wide"), *raw({"inputs": [tensor(parameters={"binary_data_size": 32})], "parameters": {"binary_data_output": True}}, floats)
    yield infer.format("text"), *raw({"inputs": [tensor(shape=(3,), datatype="BYTES", parameters={"binary_data_size": len(texts)})]}, texts)
    yield infer.format("wide"), {"Inference-Header-Content-Length": "0"}, floats
    yield infer.format("wide"), {"Content-Encoding": "gzip"}, gzip.compress(json.dumps({"inputs": [tensor()]}).encode())
    yield "/v1/models/wide/versions/1:predict", {}, json.dumps({"instances": [[1, 2, 3, 4]]}).encode()
    yield "/v1/models/wide/versions/1:predict", {}, json.dumps({"inputs": {"x": [[1, 2, 3, 4]]}}).encode()
    yield "/v2/repository/index", {}, b'{"ready": true}'
    yield "/v2/repository/models/wide/load", {}, b'{"parameters": {"config": "{}"}}'


def message(name, datatype, shape, **contents):
    request = service_pb2.ModelInferRequest(model_name=name, model_version="1", id="7")
    given = request.inputs.add(name="x", datatype=datatype, shape=shape)
    for field, values in contents.items():
        if field == "raw":
            request.raw_input_contents.append(values)
        else:
            getattr(given.contents, field).extend(values)
    output = request.outputs.add(name="y")
    output.parameters["classification"].int64_param = 0
    request.parameters["timeout"].int64_param = 1_000_000
    return request.SerializeToString()


MESSAGES = [
    message("wide", "FP32", [2, 4], raw=numpy.arange(8, dtype="<f4").tobytes()),
    message("wide", "FP32", [2, 4], fp32_contents=[1.0] * 8),
    message("text", "BYTES", [2], bytes_contents=[b"a", b"\xff"]),
    message("whole", "INT64", [3], int64_contents=[1, -1, 2**62]),
    message("text", "BYTES", [1], raw=struct.pack("<I", 3) + b"abc"),
]
HTTP = list(http_seeds())
METHODS = [f"/inference.GRPCInferenceService/{one}" for one in ("ModelInfer", "ModelMetadata", "ModelConfig", "ModelStatistics", "RepositoryIndex", "RepositoryModelLoad", "ServerMetadata")]


def mutated(dice, bytes_in, others):
    body = bytearray(bytes_in)
    for _ in range(dice.choice((1, 1, 1, 2, 3, 6))):
        place = dice.randrange(len(body) + 1)
        kind = dice.randrange(11)
        if kind == 0 and body:
            body[place % len(body)] ^= 1 << dice.randrange(8)
        elif kind == 1 and body:
            body[place % len(body)] = dice.randrange(256)
        elif kind == 2:
            body[place:place] = dice.randbytes(dice.choice((1, 2, 8, 64)))
        elif kind == 3:
            del body[place : place + dice.choice((1, 2, 8, 64))]
        elif kind == 4:
            body[place:place] = body[place : place + dice.choice((1, 8, 64, 300))]
        elif kind == 5:
            other = dice.choice(others)
            start = dice.randrange(len(other) + 1)
            body[place:place] = other[start : start + dice.choice((4, 32, 300))]
        elif kind == 6:
            digits = list(re.finditer(rb"-?\d[\d.eE+-]*", body))
            if digits:
                found = dice.choice(digits)
                body[found.start() : found.end()] = dice.choice(NUMBERS)
        elif kind == 7:
            body[place:place] = dice.choice(WORDS)
        elif kind == 8:
            opening = dice.choice((b"[", b"{", b'{"a":', b'"'))
            body[place:place] = opening * dice.choice((1, 3, 70, 3000))
        elif kind == 9:
            del body[place:]
        else:
            quotes = list(re.finditer(rb'"[^"]*"', body))
            if len(quotes) > 1:
                one, other = dice.choice(quotes), dice.choice(quotes)
                body[one.start() : one.end()] = other.group()
    return bytes(body)


class Failures:
    def __init__(self):
        self.count = 0

    def __call__(self, number, what, sent):
        self.count += 1
        print(f"FAILED: case {number}: {what}; sent {sent[:2000]!r}", flush=True)
        if self.count >= 10:
            fail("ten cases failed")


failed = Failures()
seen = collections.Counter()


def head(path, body_bytes, fields):
    lines = [f"POST {path} HTTP/1.1", f"Host: {HOST}:{PORT}", "Content-Type: application/json", f"Content-Length: {body_bytes}"]
    lines += [f"Authorization: Bearer {KEY}"] if KEY else []
    return ("\r\n".join(lines + [f"{name}: {value}" for name, value in fields.items()]) + "\r\n\r\n").encode()


class HTTPConnection:
    """Requests whose framing is right, many at a time on one connection; each has its one answer."""

    def __init__(self):
        self.socket = None

    def ask(self, cases):
        if self.socket is None:
            self.socket = socket.create_connection((HOST, PORT), timeout=30)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.file = self.socket.makefile("rb")
        try:
            self.socket.sendall(b"".join(sent for _, sent in cases))
            for number, sent in cases:
                if not self.answer(number, sent):
                    # What came after it is lost with the connection.
                    return self.close()
        except OSError as error:
            failed(cases[0][0], f"the connection broke: {error}", cases[0][1])
            self.close()

    def answer(self, number, sent):
        status = self.file.readline()
        if not status.startswith(b"HTTP/1.1 "):
            failed(number, f"no answer: {status!r}", sent)
            return False
        code, length, closes = int(status.split()[1]), 0, False
        while (line := self.file.readline().strip()) != b"":
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            closes = closes or (name.lower() == b"connection" and value.strip().lower() == b"close")
        self.file.read(length)
        seen[f"HTTP {code}"] += 1
        if code >= 500 and code not in (501, 503, 504):
            failed(number, f"answered {code}", sent)
        return not closes

    def close(self):
        self.file.close()
        self.socket.close()
        self.socket = None


def odd_http(number, sent):
    """A request whose head is mutated as well: any answer but a failure, or none, and the end of the connection."""
    with socket.create_connection((HOST, PORT), timeout=30) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while part := connection.recv(65536):
                answer = (answer + part)[:65536]
        except ConnectionError:
            answer = b""
        except TimeoutError:
            return failed(number, "the connection was not ended", sent)
    codes = [int(code) for code in re.findall(rb"HTTP/1\.1 (\d\d\d)", answer)]
    seen[f"odd HTTP {codes[0] if codes else 'none'}"] += 1
    if any(code >= 500 and code not in (501, 503, 504, 505) for code in codes):
        failed(number, f"answered {codes}", sent)


def odd_frames(number, dice):
    """Frames of HTTP/2 with mutations anywhere after the preface."""
    fields = {":method": "POST", ":scheme": "http", ":path": METHODS[0], ":authority": ADDRESS, "content-type": "application/grpc", "te": "trailers"} | HEADERS

    def frame(kind, flags, stream, payload):
        return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload

    body = dice.choice(MESSAGES)
    frames = frame(4, 0, 0, b"") + frame(1, 4, 1, hpack.Encoder().encode(list(fields.items()))) + frame(0, 1, 1, struct.pack(">BI", 0, len(body)) + body)
    sent = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + mutated(dice, frames, [frames])
    with socket.create_connection((GRPC_HOST, int(GRPC_PORT)), timeout=30) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
            seen["frames ended"] += 1
        except TimeoutError:
            failed(number, "the connection was not ended", sent)
        except OSError:
            seen["frames reset"] += 1


channel = grpc.insecure_channel(ADDRESS)
METADATA = tuple(HEADERS.items())
stubs = [channel.unary_unary(method) for method in METHODS]


def ask_messages(cases):
    futures = [(number, sent, stubs[method].future(sent, metadata=METADATA, timeout=30)) for number, method, sent in cases]
    for number, sent, future in futures:
        code = future.code()
        seen[f"gRPC {code.name}"] += 1
        if code in (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DATA_LOSS):
            failed(number, f"{code.name}: {future.details()}", sent)


def resident():
    with open(f"/proc/{PID}/status") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith("VmRSS:"))


def look(number):
    try:
        if requests.get(URL + "/v2/health/live", timeout=30).status_code == 200:
            return resident()
    except OSError:
        pass
    fail(f"the server is not there after case {number}")


connection = HTTPConnection()
before, most, shown = resident(), 0, time.monotonic()
bodies = [body for _, _, body in HTTP]
for first in range(0, COUNT, 100):
    framed, calls = [], []
    for number in range(first, min(first + 100, COUNT)):
        dice = random.Random(SEED * 1_000_003 + number)
        way = dice.randrange(100)
        if way < 65:
            path, fields, body = dice.choice(HTTP)
            body = mutated(dice, body, bodies)
            if dice.randrange(4) == 0:
                fields = fields | {"Inference-Header-Content-Length": dice.choice((str(len(body)), "0", "1", str(len(body) + 1), "-1", "x", "9" * 30))}
            framed.append((number, head(path, len(body), fields) + body))
        elif way < 75:
            path, fields, body = dice.choice(HTTP)
            odd_http(number, mutated(dice, head(path, len(body), fields) + body, bodies))
        elif way < 92:
            calls.append((number, dice.choice((0, 0, 0, dice.randrange(len(METHODS)))), mutated(dice, dice.choice(MESSAGES), MESSAGES)))
        else:
            odd_frames(number, dice)
    if framed:
        connection.ask(framed)
    ask_messages(calls)
    if first % 2000 == 0:
        most = max(most, look(first))
        if most - before > GROWTH_BYTES_MAX:
            fail(f"memory grew from {before >> 20} to {most >> 20} MiB by case {first}")
        if time.monotonic() - shown > 20:
            shown = time.monotonic()
            print(f"{first} of {COUNT}", flush=True)

most = max(most, look(COUNT))
answer = requests.post(f"{URL}/v2/models/wide/versions/1/infer", headers=HEADERS, json={"inputs": [tensor()]}, timeout=30).json()
if not numpy.allclose(answer["outputs"][0]["data"], [3, -4, 0.006, 8, 10, 12, 14, 16]):
    fail(f"a good request is answered {answer}")
if failed.count:
    fail(f"{failed.count} cases failed")
print(dict(seen.most_common()))
print(f"{COUNT} cases passed; memory {before >> 20} MiB before, {most >> 20} MiB at the most")
