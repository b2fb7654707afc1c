"""MLflow's own client sends a large file in parts to S3 itself, and fetches it there; the server names it by its digest."""

import hashlib
import os
import tempfile

# Read when mlflow is imported: a small file counts as large here.
os.environ["MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"] = "true"
os.environ["MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE"] = str(6 << 20)
os.environ["MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE"] = str(5 << 20)
os.environ["MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD"] = "true"
os.environ["MLFLOW_MULTIPART_DOWNLOAD_MINIMUM_FILE_SIZE"] = str(6 << 20)

import boto3
import mlflow
import requests

server = os.environ["MARTLET_URL"]
s3 = boto3.client("s3", endpoint_url=os.environ["S3_URL"], region_name="us-east-1")
base = f"{server}/api/2.0/mlflow-artifacts"


def keys():
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="models")
    return [entry["Key"] for page in pages for entry in page.get("Contents", [])]


info = requests.get(f"{server}/api/3.0/mlflow/server-info", timeout=30).json()
assert info["multipart_uploads_enabled"] is True and info["multipart_downloads_enabled"] is True, info

body = os.urandom(1 << 20) * 12
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "weights.bin")
    with open(path, "wb") as file:
        file.write(body)
    with mlflow.start_run() as run:
        mlflow.log_artifact(path, "model")
    uri = f"runs:/{run.info.run_id}/model/weights.bin"
    got = mlflow.artifacts.download_artifacts(uri, dst_path=os.path.join(folder, "got"))
    with open(got, "rb") as file:
        assert file.read() == body, "the client got other bytes than it sent"

digest = hashlib.sha256(body).hexdigest()
assert keys() == [f"team/a/blobs/{digest[:2]}/{digest}"], keys()

# Somebody else's upload, an unknown one and nonsense are refused; an aborted one is gone.
created = requests.post(f"{base}/mpu/create/0/a", json={"path": "/tmp/x.bin", "num_parts": 2}, timeout=30).json()
assert len(created["credentials"]) == 2 and "x.bin" not in created["credentials"][0]["url"], created
wrong = requests.post(
    f"{base}/mpu/complete/0/b", json={"path": "x.bin", "upload_id": created["upload_id"], "parts": []}, timeout=30
)
assert wrong.status_code == 404, wrong.text
none = requests.post(
    f"{base}/mpu/complete/0/a",
    json={"path": "x.bin", "upload_id": created["upload_id"], "parts": [{"part_number": 1, "etag": '"no"'}]},
    timeout=30,
)
assert none.status_code == 400, none.text
aborted = requests.post(f"{base}/mpu/abort/0/a", json={"path": "x.bin", "upload_id": created["upload_id"]}, timeout=30)
assert aborted.status_code == 200, aborted.text
assert requests.put(created["credentials"][0]["url"], data=b"late", timeout=30).status_code >= 400
for parts in (0, 10_001):
    refused = requests.post(f"{base}/mpu/create/0/a", json={"path": "x", "num_parts": parts}, timeout=30)
    assert refused.status_code == 400, refused.text
escape = requests.post(f"{base}/mpu/create/versions/m/1", json={"path": "x", "num_parts": 1}, timeout=30)
assert escape.status_code == 403, escape.text

# A URL is good for one object and one method.
url = requests.get(f"{base}/presigned/0/{run.info.run_id}/artifacts/model/weights.bin", timeout=30).json()
assert url["file_size"] == len(body), url
assert requests.get(url["url"], timeout=60).content == body
assert requests.put(url["url"], data=b"x", timeout=30).status_code == 403
assert requests.get(url["url"].replace(digest[:10], "0" * 10), timeout=30).status_code == 403
print("all checks passed")
