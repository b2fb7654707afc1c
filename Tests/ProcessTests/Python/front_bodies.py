"""Fills what a server of one mebibyte gives to bodies with unfinished ones. Exits 0 only if all is right."""

import json
import os
import socket
import sys
import time
import urllib.parse

URL = urllib.parse.urlsplit(os.environ["MARTLET_URL"])
SIZE = 700_000
BODY = json.dumps({"inputs": [], "unknown": ""})[:-2] + "x" * SIZE + '"}'
HEAD = f"POST /v2/models/none/infer HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {len(BODY)}\r\n\r\n"
problems = []


def begin(share):
    connection = socket.create_connection((URL.hostname, URL.port), timeout=30)
    connection.sendall(HEAD.encode())
    connection.sendall(BODY[: int(SIZE * share)].encode())
    return connection


def answer(connection):
    data = b""
    while b"\r\n\r\n" not in data or len(data.split(b"\r\n\r\n", 1)[1]) < int(data.lower().split(b"content-length: ")[1].split(b"\r\n")[0]):
        piece = connection.recv(65536)
        if not piece:
            break
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]) if head else None, body


def expect(found, status, text):
    if found[0] != status or text not in found[1]:
        problems.append(f"{found}, not {status} with {text}")


first = begin(0.9)
time.sleep(0.5)
second = begin(0.9)
# The refusal comes while the body is under way, in the protocol's own shape.
expect(answer(second), 503, b'{"error":"The requests in work hold 1 MiB together')
second.close()
time.sleep(0.5)
# Nobody else has paid for it: the first goes on where it was, and what both held is free again.
first.sendall(BODY[int(SIZE * 0.9) :].encode())
expect(answer(first), 404, b"none")
for _ in range(5):
    again = begin(0.9)
    again.sendall(BODY[int(SIZE * 0.9) :].encode())
    expect(answer(again), 404, b"none")
    again.close()
for problem in problems:
    print("FAILED:", problem)
sys.exit(1 if problems else 0)
