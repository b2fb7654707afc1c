"""HTTP/2 frames that no client sends, by hand; exits 0 only if the server refuses each as it should and goes on serving.

usage: grpc_frames.py SERVER_PID
"""

import os
import socket
import struct
import sys
import time

import grpc
import hpack
import numpy
from grpc_models import ADDRESS, HEADERS, Checks, fail, register, rows
from tritonclient.grpc import service_pb2, service_pb2_grpc

HOST, PORT = ADDRESS.rsplit(":", 1)
DATA, HEAD, PRIORITY, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)
END_STREAM, END_HEADERS, PADDED = 1, 4, 8
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
INFER = "/inference.GRPCInferenceService/ModelInfer"
# Four times the largest message and what the allocator keeps.
GROWTH_BYTES_MAX = 400 << 20
check = Checks()
register({"wide": rows(1024)})
row = numpy.ones((1, 1024), numpy.float32)


def request(array):
    return service_pb2.ModelInferRequest(
        model_name="wide", model_version="1", inputs=[{"name": "x", "datatype": "FP32", "shape": array.shape}], raw_input_contents=[array.tobytes()]
    ).SerializeToString()


def prefixed(message, flag=0, length=None):
    return struct.pack(">BI", flag, len(message) if length is None else length) + message


class Connection:
    """One connection on which anything can be said. Windows are opened wide unless told otherwise."""

    def __init__(self, settings=((4, 2**31 - 1),), preface=PREFACE, window=True):
        self.socket = socket.create_connection((HOST, int(PORT)), timeout=20)
        self.encoder, self.decoder = hpack.Encoder(), hpack.Decoder()
        self.pending = b""
        if preface is not None:
            self.socket.sendall(preface)
            self.frame(SETTINGS, 0, 0, b"".join(struct.pack(">HI", *one) for one in settings))
            if window:
                self.frame(WINDOW, 0, 0, struct.pack(">I", 2**31 - 1 - 65535))

    def frame(self, kind, flags, stream, payload=b"", length=None):
        count = len(payload) if length is None else length
        self.socket.sendall(struct.pack(">I", count)[1:] + struct.pack(">BBI", kind, flags, stream) + payload)

    def fields(self, path=INFER, **changes):
        fields = {":method": "POST", ":scheme": "http", ":path": path, ":authority": ADDRESS, "content-type": "application/grpc", "te": "trailers"}
        fields |= HEADERS | changes
        return self.encoder.encode([(name, value) for name, value in fields.items() if value is not None])

    def begin(self, stream, flags=END_HEADERS, **changes):
        self.frame(HEAD, flags, stream, self.fields(**changes))

    def send(self, stream, body, flags=END_STREAM, size=16384):
        for start in range(0, len(body), size):
            self.frame(DATA, flags if start + size >= len(body) else 0, stream, body[start : start + size])

    def take(self, count):
        while len(self.pending) < count:
            bytes = self.socket.recv(1 << 16)
            if not bytes:
                raise EOFError
            self.pending += bytes
        taken, self.pending = self.pending[:count], self.pending[count:]
        return taken

    def next(self):
        head = self.take(9)
        length, kind, flags, stream = struct.unpack(">I", b"\0" + head[:3])[0], head[3], head[4], struct.unpack(">I", head[5:])[0]
        payload = self.take(length)
        if kind == HEAD:
            payload = dict(self.decoder.decode(payload))
        return kind, flags, stream, payload

    def answer(self, stream):
        """Fields, body and reset of one stream, up to its end."""
        fields, body = {}, b""
        while True:
            kind, flags, of, payload = self.next()
            if kind == GOAWAY:
                fail(f"GOAWAY {payload}")
            if of != stream:
                continue
            if kind == HEAD:
                fields |= payload
            elif kind == DATA:
                body += payload
            elif kind == RST:
                return fields | {"reset": struct.unpack(">I", payload)[0]}, body
            if kind in (HEAD, DATA) and flags & END_STREAM:
                return fields, body

    def ends(self):
        """The error of the GOAWAY with which the connection ends; None if it ends without."""
        error = None
        try:
            while True:
                kind, _, _, payload = self.next()
                if kind == GOAWAY:
                    error = struct.unpack(">I", payload[4:8])[0]
        except (EOFError, ConnectionError):
            return error

    def close(self):
        self.socket.close()


def status(stream=1, **options):
    connection = Connection()
    connection.begin(stream, **options)
    connection.send(stream, prefixed(request(row)))
    fields, body = connection.answer(stream)
    connection.close()
    return fields, body


def works():
    channel = grpc.insecure_channel(ADDRESS, options=[("grpc.use_local_subchannel_pool", 1)])
    reply = channel.unary_unary(INFER)(request(row), metadata=tuple(HEADERS.items()), timeout=20)
    channel.close()
    check((row + row).tobytes() in reply, "it does not answer any more")


def memory():
    with open(f"/proc/{sys.argv[1]}/status") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith("VmRSS"))


works()
before = memory()

# a call by hand
fields, body = status()
check(fields[":status"] == "200" and fields["grpc-status"] == "0" and (row + row).tobytes() in body, fields)
check(struct.unpack(">BI", body[:5]) == (0, len(body) - 5), "the answer's prefix")
check(fields["content-type"] == "application/grpc", fields)
check(status(te=None)[0]["grpc-status"] == "0", "without te")
for kind in ("application/grpc+proto", "application/grpc; charset=utf-8"):
    check(status(**{"content-type": kind})[0]["grpc-status"] == "0", kind)

# heads that are no call's
for kind in (None, "application/json", "application/grpc-web", "application/grpc+json", "text/plain"):
    fields, _ = status(**{"content-type": kind})
    check(fields[":status"] == "415", f"{kind}: {fields}")
check(status(**{":method": "PUT"})[0][":status"] == "405", "PUT")
for path in ("/", "/inference.GRPCInferenceService/modelinfer", "/inference.GRPCInferenceService/ModelInfer/", "/x" * 1000, "/%00\u00e9"):
    fields, _ = status(path=path)
    check(fields["grpc-status"] == "12" and "no%20method" not in fields["grpc-message"], f"{path}: {fields}")
for name in ("gzip", "snappy"):
    fields, _ = status(**{"grpc-encoding": name})
    check(fields["grpc-status"] == "12" and fields["grpc-accept-encoding"] == "identity", fields)
for timeout in ("", "1", "S", "123456789S", "-1S", "1x", "99999999999999999999S"):
    check(status(**{"grpc-timeout": timeout})[0]["grpc-status"] == "3", f"timeout {timeout!r}")
check(status(**{"grpc-timeout": "99999999H"})[0]["grpc-status"] == "0", "a timeout of eleven thousand years")
if HEADERS:
    check(status(authorization=None)[0]["grpc-status"] == "16", "without a key")
    check(status(authorization="Bearer wrong")[0]["grpc-status"] == "16", "a wrong key")
for path in (":authority", ":path", ":method", ":scheme"):
    connection = Connection()
    connection.begin(1, **{path: None})
    if path != ":authority":
        kind = connection.answer(1)[0]
        check("reset" in kind, f"without {path}: {kind}")
    connection.close()

# messages that are none
for body, code in (
    (prefixed(b"", flag=1), "12"), (prefixed(b"", flag=7), "3"), (prefixed(b"\xff" * 40), "3"), (b"\0", "3"), (prefixed(b"abc", length=4), "3"),
    (prefixed(b"") + prefixed(b""), "12"), (prefixed(request(row)) + b"x", "12"), (prefixed(b"", length=2**32 - 1), "8"), (prefixed(b"", length=64 * 1024 * 1024 + 1), "8"),
    (prefixed(b"\x2a" * 50_000), "3"), (prefixed(b"\x2a\xff\xff\xff\xff\x0f" + b"x" * 100), "3"),
):
    connection = Connection()
    connection.begin(1)
    connection.send(1, body)
    fields, _ = connection.answer(1)
    check(fields["grpc-status"] == code, f"{body[:12]!r}: {fields}")
    connection.begin(3)
    connection.send(3, prefixed(request(row)))
    check(connection.answer(3)[0]["grpc-status"] == "0", "the connection does not go on")
    connection.close()
connection = Connection()
connection.begin(1, flags=END_HEADERS | END_STREAM)
check(connection.answer(1)[0]["grpc-status"] == "12", "no message")
# A length past the limit is refused before anything of it comes.
connection.begin(3)
connection.frame(DATA, 0, 3, struct.pack(">BI", 0, 2**31))
check(connection.answer(3)[0]["grpc-status"] == "8", "a claimed length")
# A message in single bytes; in frames that are padded; in a block of fields that goes on in other frames.
connection.begin(5)
connection.send(5, prefixed(request(row))[:4000], flags=0, size=1)
connection.send(5, prefixed(request(row))[4000:])
check(connection.answer(5)[0]["grpc-status"] == "0", "in single bytes")
connection.begin(7)
message = prefixed(request(row))
for start in range(0, len(message), 100):
    part = message[start : start + 100]
    connection.frame(DATA, PADDED | (END_STREAM if start + 100 >= len(message) else 0), 7, b"\xff" + part + b"\0" * 255)
check(connection.answer(7)[0]["grpc-status"] == "0", "padded")
block = connection.fields()
connection.frame(HEAD, 0, 9, block[:10])
connection.frame(CONTINUATION, END_HEADERS, 9, block[10:])
connection.send(9, message)
check(connection.answer(9)[0]["grpc-status"] == "0", "continued")
# Trailers of a client end its message, too.
connection.begin(11)
connection.send(11, message, flags=0)
connection.frame(HEAD, END_HEADERS | END_STREAM, 11, connection.encoder.encode([("x", "y")]))
check(connection.answer(11)[0]["grpc-status"] == "0", "with trailers")
# More than one message of a method that takes one, and a long one of a method that needs no key, before their end comes.
connection.begin(13)
connection.send(13, prefixed(b"") + prefixed(b""), flags=0)
check(connection.answer(13)[0]["grpc-status"] == "12", "two messages")
connection.begin(15, path="/inference.GRPCInferenceService/ServerLive")
connection.frame(DATA, 0, 15, struct.pack(">BI", 0, 100_000))
check(connection.answer(15)[0]["grpc-status"] == "8", "a long message without a key")
connection.close()

# frames that end their connection, with an error that says so, and no other connection
def broken(*frames, **options):
    connection = Connection(**options)
    try:
        for one in frames:
            one(connection)
        return connection.ends()
    except ConnectionError:
        return 1
    finally:
        connection.close()


for what, frames in {
    "DATA on stream 0": [lambda c: c.frame(DATA, 0, 0, b"x")],
    "DATA on an idle stream": [lambda c: c.frame(DATA, 0, 1, b"x")],
    "an even stream": [lambda c: c.begin(2)],
    "a stream that goes backwards": [lambda c: c.begin(5), lambda c: c.begin(3)],
    "a claimed frame of 16 MiB": [lambda c: c.frame(DATA, 0, 1, b"", length=2**24 - 1)],
    "a HEADERS frame past the size": [lambda c: c.frame(HEAD, END_HEADERS, 1, b"\0" * 20_000)],
    "a block of fields that cannot be read": [lambda c: c.frame(HEAD, END_HEADERS, 1, b"\xff" * 100)],
    "fields without end": [lambda c: c.frame(HEAD, 0, 1, b"")] + [lambda c: c.frame(CONTINUATION, 0, 1, b"")] * 10,
    "fields past the limit": [lambda c: c.frame(HEAD, 0, 1, c.fields(x="a" * 16_000)[:16_000])] + [lambda c: c.frame(CONTINUATION, 0, 1, c.encoder.encode([("y", "b" * 16_000)], huffman=False)[:16_000])] * 5,
    "a window past its limit": [lambda c: c.frame(WINDOW, 0, 0, struct.pack(">I", 2**31 - 1))] * 2,
    "a window of nothing": [lambda c: c.frame(WINDOW, 0, 0, struct.pack(">I", 0))],
    "SETTINGS of 5 bytes": [lambda c: c.frame(SETTINGS, 0, 0, b"12345")],
    "PING of 7 bytes": [lambda c: c.frame(PING, 0, 0, b"1234567")],
    "PUSH_PROMISE": [lambda c: c.frame(PUSH, END_HEADERS, 1, b"\0\0\0\2" + c.fields())],
    "a flood of pings": [lambda c: [c.frame(PING, 0, 0, b"12345678") for _ in range(3000)]],
    "a flood of settings": [lambda c: [c.frame(SETTINGS, 0, 0) for _ in range(3000)]],
    "a flood of empty DATA": [lambda c: c.begin(1), lambda c: [c.frame(DATA, 0, 1) for _ in range(100)]],
    "a flood of calls given up": [lambda c: [(c.begin(one), c.frame(RST, 0, one, b"\0\0\0\x08")) for one in range(1, 10_001, 2)]],
}.items():
    error = broken(*frames)
    check(error not in (None, 0), f"{what}: {error}")
check(broken(preface=b"GET / HTTP/1.1\r\nhost: x\r\n\r\n") is not False, "HTTP/1.1")
for bytes in (b"", b"\0" * 1000, os.urandom(4096), b"PRI * HTTP/2.0\r\n"):
    connection = Connection(preface=None)
    connection.socket.sendall(bytes)
    connection.close()
works()

# connections that go away anywhere in a call
message = prefixed(request(numpy.ones((256, 1024), numpy.float32)))
for place in (0, 1, 4, 5, 6, 100, 20_000, len(message) - 1, len(message)):
    for hard in (False, True):
        connection = Connection()
        connection.begin(1)
        if place:
            connection.send(1, message[:place], flags=END_STREAM if place == len(message) else 0)
        if hard:
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
works()

# answers that a client takes nothing of are dropped, though it answers to pings; one that reads slowly has its answer
connection = Connection(settings=((4, 0),))
for stream in range(1, 41, 2):
    connection.begin(stream)
    connection.send(stream, prefixed(request(row)))
start = time.monotonic()
resets = set()
while len(resets) < 20:
    kind, _, stream, payload = connection.next()
    if kind == PING:
        connection.frame(PING, 1, 0, payload)
    if kind == RST:
        resets.add(stream)
        check(payload == struct.pack(">I", 8), payload)
    check(time.monotonic() - start < 15, "answers that nobody takes are kept")
connection.close()
connection = Connection(settings=((4, 16384),), window=False)
connection.begin(1)
connection.send(1, message)
fields, body, grants = {}, b"", 0
while not ("grpc-status" in fields):
    kind, flags, stream, payload = connection.next()
    if kind == HEAD:
        fields |= payload
    elif kind == DATA:
        body += payload
        time.sleep(0.005)
        for of in (0, 1):
            connection.frame(WINDOW, 0, of, struct.pack(">I", len(payload)))
check(fields["grpc-status"] == "0" and len(body) > 256 * 4096, fields)
connection.close()

# a message that comes too slowly, and a connection on which nothing happens
connection = Connection()
connection.begin(1)
connection.frame(DATA, 0, 1, b"\0")
fields, _ = connection.answer(1)
check(fields["grpc-status"] == "4" and "slowly" in fields["grpc-message"], fields)
check(connection.ends() == 0, "an idle connection does not end well")
connection.close()
silent = socket.create_connection((HOST, int(PORT)), timeout=20)
silent.sendall(PREFACE[:10])
while silent.recv(1000):
    pass
silent.close()

works()
grown = memory() - before
check(grown < GROWTH_BYTES_MAX, f"it has grown by {grown >> 20} MiB")
print(f"{check.count} checks passed, {grown >> 20} MiB grown")
