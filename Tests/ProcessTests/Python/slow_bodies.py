"""Sends bodies byte by byte to a server that closes what is silent for two seconds. Exits 0 only if all is right."""

import os
import socket
import sys
import threading
import time
import urllib.parse
import urllib.request

URL = urllib.parse.urlsplit(os.environ["MARTLET_URL"])
KEY = os.environ["MARTLET_KEY"]
problems = []


def send(what, head, piece, pause, seconds, expected):
    """`expected` is how the answer begins; the connection must be closed before `seconds` are over if it is a refusal."""
    connection = socket.create_connection((URL.hostname, URL.port), timeout=30)
    connection.sendall(f"{head}\r\nhost: {URL.netloc}\r\n\r\n".encode())
    start, answer = time.monotonic(), b""
    connection.settimeout(pause)
    while time.monotonic() - start < seconds:
        try:
            connection.sendall(piece)
            data = connection.recv(65536)
            answer += data
            if not data or (expected in (b"HTTP/1.1 200", b"HTTP/1.1 400") and answer):
                break
        except TimeoutError:
            continue
        except OSError:
            break
    else:
        problems.append(f"{what}: still open after {seconds} s: {answer[:80]!r}")
    if not answer.startswith(expected):
        problems.append(f"{what}: {answer[:80]!r}")


key = f"\r\nauthorization: Bearer {KEY}"
upload = "PUT /api/2.0/mlflow-artifacts/artifacts/0/x/f.bin HTTP/1.1"
cases = [
    ("sign-in", "POST /sign-in HTTP/1.1\r\ncontent-length: 1000", b"x", 0.3, 12, b"HTTP/1.1 408"),
    ("chunked", "POST /sign-in HTTP/1.1\r\ntransfer-encoding: chunked", b"1\r\nx\r\n", 0.3, 12, b"HTTP/1.1 408"),
    # Refused at its head; what follows is thrown away, and not for ever.
    ("no key", "POST /api/v1/policies HTTP/1.1\r\ncontent-length: 100000000", b"x" * 4000, 0.1, 12, b"HTTP/1.1 401"),
    ("with a key", f"{upload}{key}\r\ncontent-length: 1000", b"x", 0.3, 12, b"HTTP/1.1 408"),
    ("a modem", f"{upload}{key}\r\ncontent-length: {40 * 3000}", b"x" * 3000, 0.2, 30, b"HTTP/1.1 200"),
]
# Where the front gathers the body itself, since it knows the key.
known = urllib.request.Request(os.environ["MARTLET_URL"] + "/v2", headers={"authorization": f"Bearer {KEY}"})
urllib.request.urlopen(known, timeout=30).read()
brief = f"POST /api/2.0/mlflow/runs/create HTTP/1.1{key}\r\ncontent-type: application/json\r\ncontent-length: "
infer = brief.replace("api/2.0/mlflow/runs/create", "v2/models/none/infer")
cases += [
    ("brief", f"{brief}1000", b"x", 0.3, 12, b"HTTP/1.1 408"),
    ("large", f"{infer}300000", b"x", 0.3, 12, b"HTTP/1.1 408"),
    ("large, a modem", f"{infer}{30 * 3000}", b" " * 3000, 0.2, 30, b"HTTP/1.1 400"),
    ("brief, a modem", f"{brief}{20 * 3000}", b" " * 3000, 0.2, 30, b"HTTP/1.1 400"),
]
threads = [threading.Thread(target=send, args=case) for case in cases]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for problem in problems:
    print("FAILED:", problem)
sys.exit(1 if problems else 0)
