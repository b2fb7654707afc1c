"""An S3 server for tests: moto with real signature checks, and faults on demand.

Prints one JSON line with its URL and a user's keys once it listens. Faults are asked for by PUT /_faults/NAME/COUNT: the next
COUNT requests that match are answered with 500 (`error`) or cut in the middle of the body (`cut`, downloads only).
GET /_counts tells how many requests there were by method. POST /_sts answers AssumeRoleWithWebIdentity for the token `the token`, with
credentials that end so soon that they must be asked for anew each time (moto itself does not answer this unsigned call once signatures
are checked). Presigned URLs are verified here by botocore, since moto does not check them, and handed on signed by header. Runs until
it is killed.
"""

import json
import os
import threading
import time
import urllib.parse

# Nothing is answered without a signature once the user is there.
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "1000000"

import boto3  # noqa: E402
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth  # noqa: E402
from botocore.awsrequest import AWSRequest  # noqa: E402
from botocore.credentials import Credentials  # noqa: E402
from moto.server import DomainDispatcherApplication, create_backend_app  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

faults = {"error": 0, "cut": 0}
counts = {}
role = {}
user = {}
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
        if path.startswith("/_sts"):
            return self.assume_role(environ, start_response)
        with lock:
            counts[environ["REQUEST_METHOD"]] = counts.get(environ["REQUEST_METHOD"], 0) + 1
        if "X-Amz-Signature=" in environ["QUERY_STRING"] and not self.accept_presigned(environ):
            body = b"<Error><Code>SignatureDoesNotMatch</Code></Error>"
            start_response("403 Forbidden", [("Content-Length", str(len(body)))])
            return [body]
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


    def accept_presigned(self, environ):
        """Whether the signature of a URL is right and in time; if so the request is signed by header instead."""
        query = dict(urllib.parse.parse_qsl(environ["QUERY_STRING"], keep_blank_values=True))
        given = query.pop("X-Amz-Signature")
        base = f"http://{environ['HTTP_HOST']}{environ['PATH_INFO']}"
        keys = Credentials(user["key"], user["secret"])

        def request(pairs):
            url = base + ("?" + urllib.parse.urlencode(pairs, quote_via=urllib.parse.quote) if pairs else "")
            return AWSRequest(environ["REQUEST_METHOD"], url, headers={"host": environ["HTTP_HOST"]})

        signed = request(query)
        signed.context["timestamp"] = query["X-Amz-Date"]
        auth = S3SigV4QueryAuth(keys, "s3", "us-east-1", int(query["X-Amz-Expires"]))
        made = auth.signature(auth.string_to_sign(signed, auth.canonical_request(signed)), signed)
        begun = time.mktime(time.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ")) - time.timezone
        if made != given or time.time() > begun + int(query["X-Amz-Expires"]):
            return False
        rest = {name: value for name, value in query.items() if not name.startswith("X-Amz-")}
        again = request(rest)
        again.context["payload_signing_enabled"] = False
        S3SigV4Auth(keys, "s3", "us-east-1").add_auth(again)
        for name, value in again.headers.items():
            environ["HTTP_" + name.upper().replace("-", "_")] = value
        environ["QUERY_STRING"] = urllib.parse.urlencode(rest, quote_via=urllib.parse.quote)
        return True

    def assume_role(self, environ, start_response):
        with lock:
            counts["sts"] = counts.get("sts", 0) + 1
        form = urllib.parse.parse_qs(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode())
        if form["Action"] != ["AssumeRoleWithWebIdentity"] or form["WebIdentityToken"] != ["the token"]:
            status, body = "403 Forbidden", "<Error><Code>InvalidIdentityToken</Code></Error>"
        else:
            # Less than the five minutes before which a client asks again.
            end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 299))
            values = {**role, "Expiration": end}
            body = "<Credentials>" + "".join(f"<{k}>{v}</{k}>" for k, v in values.items()) + "</Credentials>"
            status = "200 OK"
        start_response(status, [("Content-Length", str(len(body)))])
        return [body.encode()]


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
    iam.create_role(RoleName="pod", AssumeRolePolicyDocument="{}")
    iam.put_role_policy(RoleName="pod", PolicyName="all", PolicyDocument=policy)
    taken = boto3.client("sts", **root).assume_role_with_web_identity(
        RoleArn="arn:aws:iam::123456789012:role/pod", RoleSessionName="martlet", WebIdentityToken="unchecked"
    )["Credentials"]
    role.update({name: taken[name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")})
    boto3.client("s3", **root).create_bucket(Bucket="models")
    import requests

    requests.post(f"{url}/moto-api/reset-auth", data=b"0", timeout=10).raise_for_status()
    user.update({"key": key["AccessKeyId"], "secret": key["SecretAccessKey"]})
    print(json.dumps({"url": url, "key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}), flush=True)
    threading.Event().wait()


main()
