"""Artifacts of a server whose store is S3: both ways, ranges, retries, cuts, listing and deleting; what lies in the bucket."""

import hashlib
import os
import time
import urllib.request

import boto3
import requests

server = os.environ["MARTLET_URL"]
store = os.environ["S3_URL"]
base = f"{server}/api/2.0/mlflow-artifacts/artifacts"
s3 = boto3.client("s3", endpoint_url=store, region_name="us-east-1")
checks = 0


def check(condition, what):
    global checks
    assert condition, what
    checks += 1


def fault(name, count):
    urllib.request.urlopen(urllib.request.Request(f"{store}/_faults/{name}/{count}", method="PUT")).read()


def pattern(count, seed):
    block = b"".join(hashlib.sha256(f"{seed}:{i}".encode()).digest() for i in range(1024))
    return (block * (count // len(block) + 1))[:count]


def keys():
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="models")
    return {entry["Key"]: entry["Size"] for page in pages for entry in page.get("Contents", [])}


def put(path, body):
    answer = requests.put(f"{base}/{path}", data=body, timeout=120)
    check(answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}")


def key_of(body):
    digest = hashlib.sha256(body).hexdigest()
    return f"team/a/blobs/{digest[:2]}/{digest}"


small, empty, large = b"hello", b"", pattern(20 << 20, "large")
exact = pattern(8 << 20, "exact")
for name, body in {"small": small, "empty": empty, "large": large, "exact": exact, "again": small}.items():
    put(f"0/{name}", body)
    got = requests.get(f"{base}/0/{name}", timeout=120)
    check(got.status_code == 200 and got.content == body, f"{name} came back otherwise")
check(set(keys()) == {key_of(b) for b in (small, empty, large, exact)}, f"the bucket holds {sorted(keys())}")
check(not s3.list_multipart_uploads(Bucket="models").get("Uploads"), "an upload was left open")

for start, end in [(0, 0), (5, 99), ((8 << 20) - 3, (8 << 20) + 3), ((20 << 20) - 1, (20 << 20) - 1)]:
    got = requests.get(f"{base}/0/large", headers={"range": f"bytes={start}-{end}"}, timeout=60)
    check(got.status_code == 206 and got.content == large[start : end + 1], f"range {start}-{end}")

# A body of unknown length that breaks off leaves nothing.
before = keys()


def broken():
    yield pattern(9 << 20, "broken")
    raise ConnectionError("asked for")


try:
    requests.put(f"{base}/0/broken", data=broken(), timeout=60)
    check(False, "a broken body was acknowledged")
except (ConnectionError, requests.exceptions.ConnectionError):
    pass
check(requests.get(f"{base}/0/broken", timeout=60).status_code == 404, "half an artifact is there")
# The server may still be reading what came before the break: clean is what stays so.
clean = 0
for _ in range(300):
    clean = 0 if s3.list_multipart_uploads(Bucket="models").get("Uploads") or keys() != before else clean + 1
    if clean == 20:
        break
    time.sleep(0.1)
check(clean == 20, "the broken upload is still open, or left an object")

# Passing failures are tried again: two 500s, then a download that breaks in the middle.
fault("error", 2)
put("0/after-errors", b"after errors")
fault("error", 3)
got = requests.get(f"{base}/0/large", timeout=120)
check(got.content == large, "a download did not survive 500s")
fault("cut", 2)
got = requests.get(f"{base}/0/large", timeout=120)
check(got.status_code == 200 and got.content == large, "a download did not survive a broken connection")
# Lasting ones are told, and nothing is acknowledged.
fault("error", 1000)
answer = requests.put(f"{base}/0/never", data=b"never stored", timeout=120)
check(answer.status_code == 503, f"{answer.status_code} {answer.text}")
fault("error", 0)
check(requests.get(f"{base}/0/never", timeout=60).status_code == 404, "a failed write is there")

# An object that somebody changed in the bucket is never handed out as whole.
s3.put_object(Bucket="models", Key=key_of(small), Body=b"HELLO")
try:
    got = requests.get(f"{base}/0/small", timeout=60)
    check(False, f"a changed object was served: {got.status_code} {got.content!r}")
except requests.exceptions.RequestException:
    checks += 1
s3.delete_object(Bucket="models", Key=key_of(exact))
try:
    got = requests.get(f"{base}/0/exact", timeout=60)
    check(got.status_code >= 500, f"a missing object was served: {got.status_code}")
except requests.exceptions.RequestException:
    checks += 1

answer = requests.get(f"{server}/api/v1/artifacts/verify", timeout=60).json()["page"]
found = {(finding["problem"], tuple(finding["names"])) for finding in answer["findings"]}
check(found == {("damaged", ("0/again", "0/small")), ("missing", ("0/exact",))}, f"verify found {found}")

listed = requests.get(f"{base}?path=0", timeout=60).json()["files"]
check([entry["path"] for entry in listed] == ["after-errors", "again", "empty", "exact", "large", "small"], listed)
check(requests.delete(f"{base}/0/large", timeout=60).status_code == 200, "delete")
check(requests.get(f"{base}/0/large", timeout=60).status_code == 404, "deleted")
print(f"{checks} checks passed")
