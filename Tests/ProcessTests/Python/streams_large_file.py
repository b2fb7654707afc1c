"""Streams a file of so many MiB into the server and out again, and prints the most memory that the server had of its own in MiB.

Its own is what is resident less the pages of the program file and its libraries, which any program that runs shares and the kernel takes
back when it likes: looked at again and again while the file is on its way.

Usage: streams_large_file.py MEBIBYTES SERVER_PID
"""

import hashlib
import os
import sys
import threading
import time

import requests

mebibytes, pid = int(sys.argv[1]), sys.argv[2]
url = f"{os.environ['MARTLET_URL']}/api/2.0/mlflow-artifacts/artifacts/0/large.bin"
# Random enough that no two blocks are the same; made block by block, so that this program is small too.
seed = os.urandom(1 << 20)


def block(index):
    head = hashlib.sha256(b"%d" % index).digest()
    return head + seed[len(head) :]


sent = hashlib.sha256()


def body():
    for index in range(mebibytes):
        piece = block(index)
        sent.update(piece)
        yield piece


peak = {"RssAnon": 0, "VmRSS": 0}
is_over = threading.Event()


def watch():
    while not is_over.wait(0.02):
        with open(f"/proc/{pid}/status") as file:
            for line in file:
                name = line.split(":")[0]
                if name in peak:
                    peak[name] = max(peak[name], int(line.split()[1]) / 1024)


watcher = threading.Thread(target=watch)
watcher.start()
start = time.monotonic()
answer = requests.put(url, data=body(), timeout=3600)
answer.raise_for_status()
uploaded = time.monotonic()
got = hashlib.sha256()
with requests.get(url, stream=True, timeout=3600) as answer:
    answer.raise_for_status()
    for piece in answer.iter_content(1 << 20):
        got.update(piece)
downloaded = time.monotonic()
assert got.digest() == sent.digest(), "other bytes came back"
is_over.set()
watcher.join()
print(
    f"{peak['RssAnon']:.0f} MiB of its own at most, {peak['VmRSS']:.0f} resident; {mebibytes} MiB in {uploaded - start:.1f} s in, {downloaded - uploaded:.1f} s out"
)
