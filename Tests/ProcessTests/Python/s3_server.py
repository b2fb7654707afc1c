"""An S3 server for tests: moto with real signature checks, and faults on demand.

Prints one JSON line with its URL and a user's keys once it listens. Faults are asked for by PUT /_faults/NAME/COUNT: the next
COUNT requests that match are answered with 500 (`error`) or cut in the middle of the body (`cut`, downloads only).
GET /_counts tells how many requests there were by method. Runs until it is killed.
"""

import json
import os
import threading

# Nothing is answered without a signature once the user is there.
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "1000000"

import boto3  # noqa: E402
from moto.server import DomainDispatcherApplication, create_backend_app  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

faults = {"error": 0, "cut": 0}
counts = {}
lock = threading.Lock()


def take(name):
    with lock:
        if faults[name] > 0:
            faults[name] -= 1
            return True
    return False


class Faulty:
    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        if path.startswith("/_faults/"):
            name, count = path.split("/")[2:]
            with lock:
                faults[name] = int(count)
            start_response("200 OK", [("Content-Length", "0")])
            return [b""]
        if path == "/_counts":
            body = json.dumps(counts).encode()
            start_response("200 OK", [("Content-Length", str(len(body)))])
            return [body]
        with lock:
            counts[environ["REQUEST_METHOD"]] = counts.get(environ["REQUEST_METHOD"], 0) + 1
        if take("error"):
            # The body is read, or the client would see a reset connection and not the answer.
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            body = b"<Error><Code>InternalError</Code><Message>asked for</Message></Error>"
            start_response("500 Internal Server Error", [("Content-Length", str(len(body)))])
            return [body]
        body = self.app(environ, start_response)
        if environ["REQUEST_METHOD"] == "GET" and environ.get("HTTP_RANGE") and take("cut"):
            whole = b"".join(body)
            # Fewer bytes than the length that was announced: the connection closes in the middle.
            return [whole[: len(whole) // 2]]
        return body


def main():
    app = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, Faulty(app), threaded=True)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    root = {"aws_access_key_id": "x", "aws_secret_access_key": "y", "region_name": "us-east-1", "endpoint_url": url}
    iam = boto3.client("iam", **root)
    iam.create_user(UserName="martlet")
    key = iam.create_access_key(UserName="martlet")["AccessKey"]
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="martlet", PolicyName="all", PolicyDocument=policy)
    boto3.client("s3", **root).create_bucket(Bucket="models")
    import requests

    requests.post(f"{url}/moto-api/reset-auth", data=b"0", timeout=10).raise_for_status()
    print(json.dumps({"url": url, "key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}), flush=True)
    threading.Event().wait()


main()
