"""Holds requests open across the server's SIGTERM, and exits 0 only if every one of them was answered in full.

usage: slow_requests.py FILE     writes FILE when all requests are under way

Eight artifact uploads whose bodies come piece by piece, each on its own connection; a body is complete only after the signal.
"""

import os
import socket
import sys
import threading
import time
import urllib.parse

URL = urllib.parse.urlsplit(os.environ["MARTLET_URL"])
PIECES, PIECE = 30, b"x" * 4096
problems = []


def upload(number, begun):
    connection = socket.create_connection((URL.hostname, URL.port), timeout=30)
    path = f"/api/2.0/mlflow-artifacts/artifacts/0/drain/{number}.bin"
    head = f"PUT {path} HTTP/1.1\r\nhost: {URL.netloc}\r\ncontent-length: {PIECES * len(PIECE)}\r\n\r\n"
    connection.sendall(head.encode() + PIECE)
    begun.release()
    try:
        for _ in range(PIECES - 1):
            time.sleep(0.1)
            connection.sendall(PIECE)
        answer = connection.recv(65536)
    except OSError as error:
        problems.append(f"upload {number}: {error}")
        return
    if not answer.startswith(b"HTTP/1.1 200"):
        problems.append(f"upload {number}: {answer[:200]!r}")


def main(file):
    begun = threading.Semaphore(0)
    threads = [threading.Thread(target=upload, args=(number, begun)) for number in range(8)]
    for thread in threads:
        thread.start()
    for _ in threads:
        begun.acquire()
    time.sleep(0.3)
    open(file, "w").close()
    for thread in threads:
        thread.join()
    for problem in problems:
        print("FAILED:", problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
