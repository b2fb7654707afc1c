"""Sends malformed requests of all protocols; prints each whose answer is not a 4xx in the protocol's own shape.

usage: malformed_requests.py MODEL SERVER_PID

MODEL is served at version 1 with one input "input" [-1, 30] of FP32. Ends with 1 if an answer was wrong, state was changed, or
the server's memory grew past the bound.
"""

import json
import os
import sys

import requests

URL = os.environ["MARTLET_URL"]
# The largest body sent is 8 MB; a server that buffers a few of them and no more stays within this.
GROWTH_BYTES_MAX = 300 << 20
ROW = [1.0] * 30


def tensor(**changes):
    return {"name": "input", "shape": [1, 30], "datatype": "FP32", "data": ROW} | changes


def inference(model):
    """Bodies that an inference endpoint must refuse."""
    good = json.dumps({"inputs": [tensor()]})
    for end in range(1, len(good) - 1, max(1, len(good) // 40)):
        yield f"truncated at {end}", good[:end]
    for text in ("", "null", "[]", "1", '"x"', "{", "}", "{}", '{"inputs": null}', '{"inputs": {}}', '{"inputs": []}', '{"inputs": [[]]}', '{"inputs": [null]}', '{"inputs": [1]}'):
        yield f"body {text!r}", text
    yield "not UTF-8", b'{"inputs": [{"name": "\xff\xfe", "shape": [1], "datatype": "FP32", "data": [1]}]}'
    yield "deep arrays", "[" * 100_000
    yield "deep data", json.dumps({"inputs": [tensor()]}).replace(json.dumps(ROW), "[" * 50_000 + "1" + "]" * 50_000)
    yield "deep objects", '{"inputs":' * 20_000
    changes = [
        {"name": name} for name in ("wrong", "", "INPUT", "input\0", "a" * 100_000, None, 1, ["input"], "<script>", "'; DROP TABLE runs; --")
    ]
    changes += [{"datatype": kind} for kind in ("FP64", "INT64", "BYTES", "BOOL", "fp32", "", "STRING", None, 7, "FP" * 1000)]
    changes += [
        {"shape": shape}
        for shape in ([30], [30, 1], [1, 29], [1, 31], [2, 30], [0, 31], [-1, 30], [1, -30], [1, 1, 30], [1099511627776, 30], [2**63, 30], [2**64, 30], [2**32, 2**32], [1.5, 30], ["1", 30], [], None, 30, "1,30", [None], [1] * 10_000)
    ]
    changes += [{"data": data} for data in ([], ROW[:-1], ROW + [1], None, "x", {}, ["a"] * 30, [{}] * 30, [[1] * 29], [[1] * 30] * 2, [True] * 30, ROW[:-1] + ["1"], [[1, 2], [3]], 5)]
    for change in changes:
        yield f"with {str(change)[:60]}", json.dumps({"inputs": [tensor(**change)]})
    for key in ("name", "shape", "datatype", "data"):
        yield f"without {key}", json.dumps({"inputs": [{k: v for k, v in tensor().items() if k != key}]})
    for number in ("NaN", "Infinity", "-Infinity", "1e999x", "01", "+1", "1.", ".5", "0x10", "1e", "--1"):
        yield f"number {number}", json.dumps({"inputs": [tensor()]}).replace("[1.0,", f"[{number},")
    yield "the input twice", json.dumps({"inputs": [tensor(), tensor()]})
    yield "one input too many", json.dumps({"inputs": [tensor(), tensor(name="other")]})
    for outputs in ([{"name": "absent"}], [{}], [1], "label", {"name": "label"}, [{"name": 3}]):
        yield f"outputs {outputs}", json.dumps({"inputs": [tensor()], "outputs": outputs})
    yield "trailing words", json.dumps({"inputs": [tensor()]}) + " and more"
    yield "id not a string", json.dumps({"id": {"a": 1}, "inputs": [tensor()]})
    yield "business key too long", json.dumps({"inputs": [tensor()], "parameters": {"business_key": "k" * 10_000}})


def oversized_searches(mlflow):
    """Searches past the database's limits: each was, or would be, a 500 without a bound of the server's own."""
    many = [str(number) for number in range(300_000)]
    clauses = [f"metrics.m{number} DESC" for number in range(70)]
    long = "'" + "%a" * 31_000 + "'"
    wild = "'" + "%a" * 200 + "'"
    members = "(" + ",".join(f"'r{number}'" for number in range(20_000)) + ")"
    deep = " AND ".join(f"tags.k{number} = 'v'" for number in range(1_500))
    filters = {"long pattern": f"run_name LIKE {long}", "long tag pattern": f"tags.k ILIKE {long}", "wildcards": f"run_name LIKE {wild}", "list": f"run_id IN {members}"[:65_000] + "'x')", "comparisons": deep, "filter": "tags.k = '" + "v" * 70_000 + "'", "NUL": "tags.k = 'a\0b'"}
    for name, text in filters.items():
        yield f"runs/search with {name}", "POST", f"{mlflow}/runs/search", json.dumps({"experiment_ids": ["0"], "filter": text}), "mlflow"
    for call in ("runs/search", "logged-models/search"):
        yield f"{call} of many experiments", "POST", f"{mlflow}/{call}", json.dumps({"experiment_ids": many}), "mlflow"
    yield "runs/search in a long order", "POST", f"{mlflow}/runs/search", json.dumps({"experiment_ids": ["0"], "order_by": clauses}), "mlflow"
    # SQLite 3.40 followed a null pointer from 64 terms of order on: 31 clauses ended the server.
    for count in (21, 31, 32):
        yield f"runs/search in {count} clauses of order", "POST", f"{mlflow}/runs/search", json.dumps({"experiment_ids": ["0"], "order_by": clauses[:count]}), "mlflow"
    yield "runs/search in a longer order", "POST", f"{mlflow}/runs/search", json.dumps({"experiment_ids": ["0"], "order_by": clauses * 100}), "mlflow"
    yield "experiments/search in a long order", "POST", f"{mlflow}/experiments/search", json.dumps({"order_by": ["name ASC"] * 3_000}), "mlflow"
    fields = [{"field_name": clause.split()[0]} for clause in clauses]
    yield "logged-models/search in a long order", "POST", f"{mlflow}/logged-models/search", json.dumps({"experiment_ids": ["0"], "order_by": fields}), "mlflow"
    for call in ("registered-models", "model-versions"):
        wild_name = "%25a" * 200
        yield f"{call}/search with wildcards", "GET", f"{mlflow}/{call}/search?filter=name%20LIKE%20'{wild_name}'", None, "mlflow"
        yield f"{call}/search in a long order", "GET", f"{mlflow}/{call}/search?" + "&".join(["order_by=name"] * 70), None, "mlflow"
    for token in ("eyJvZmZzZXQiOiAtMX0=", "eyJvZmZzZXQiOiAxZTk5fQ==", "A" * 10_000, "eyJvZmZzZXQiOiA5OTk5OTk5OTk5OTk5OTk5OTl9"):
        yield f"page token {token[:30]}", "POST", f"{mlflow}/runs/search", json.dumps({"experiment_ids": ["0"], "page_token": token}), "mlflow"


def broken_sources(mlflow, model):
    """Versions of nothing, of others' files and of the server's own machine."""
    none = "0" * 32
    sources = ["", "x", "/etc/passwd", "file:///etc/passwd", "FILE:/etc/passwd", "C:/models/x", "models:/", f"models:/m-{none}", f"models:/{model}", f"models:/{model}/99", f"models:/{model}/1/2", "runs:/", "runs:/x/../y", "mlflow-artifacts:/", "mlflow-artifacts:/nowhere", "mlflow-artifacts:/../../registry.db", "mlflow-artifacts:/0/%2e%2e/x", f"mlflow-artifacts:/versions/{model}/99", f"mlflow-artifacts:/versions/{model}/1/MLmodel", "s3://b/" + "x" * 5_000, "s3://b/\n", 5, None, {"a": 1}]
    for source in sources:
        yield f"version of {str(source)[:40]!r}", "POST", f"{mlflow}/model-versions/create", json.dumps({"name": model, "source": source}), "mlflow"
    for alias in ("latest", "v1", "", "a b", "a/b", "x" * 300):
        yield f"alias {alias[:20]!r}", "POST", f"{mlflow}/registered-models/alias", json.dumps({"name": model, "alias": alias, "version": "1"}), "mlflow"
    for version in ("0", "-1", "x", "99999999999", "9" * 40, 1.5, None, ""):
        yield f"alias of version {str(version)[:20]!r}", "POST", f"{mlflow}/registered-models/alias", json.dumps({"name": model, "alias": "next", "version": version}), "mlflow"


def broken_names(mlflow):
    """Names, keys and values that break MLflow's rules, and places where nothing may be kept."""
    for name in ("", "a/b", "a:b", "x" * 300, "a\0b", 5):
        yield f"model {str(name)[:20]!r}", "POST", f"{mlflow}/registered-models/create", json.dumps({"name": name}), "mlflow"
    for key in ("../x", "/x", "a//b", "x" * 251, "a\"b", "a\0b", ""):
        for call, body in (
            ("registered-models/create", {"name": "fresh", "tags": [{"key": key, "value": "v"}]}),
            ("experiments/create", {"name": "fresh", "tags": [{"key": key, "value": "v"}]}),
            ("logged-models", {"experiment_id": "0", "name": "fresh", "params": [{"key": key, "value": "v"}]}),
            ("logged-models", {"experiment_id": "0", "name": "fresh", "tags": [{"key": key, "value": "v"}]}),
        ):
            yield f"{call} with key {key[:20]!r}", "POST", f"{mlflow}/{call}", json.dumps(body), "mlflow"
    for name in ("a/b", "a.b", "a%b", "a'b"):
        yield f"logged model {name}", "POST", f"{mlflow}/logged-models", json.dumps({"experiment_id": "0", "name": name}), "mlflow"
    params = [{"key": f"k{number}", "value": "v"} for number in range(101)]
    yield "logged model with 101 params", "POST", f"{mlflow}/logged-models", json.dumps({"experiment_id": "0", "name": "fresh", "params": params}), "mlflow"
    yield "logged model of no experiment", "POST", f"{mlflow}/logged-models", json.dumps({"experiment_id": "999", "name": "fresh"}), "mlflow"
    for place in ("s3://b/x", "file:///etc", "/etc", "mlflow-artifacts:/", "mlflow-artifacts:/../x", "mlflow-artifacts:/versions", "mlflow-artifacts:/versions/forest", "mlflow-artifacts://host/versions/x"):
        yield f"experiment at {place}", "POST", f"{mlflow}/experiments/create", json.dumps({"name": "fresh", "artifact_location": place}), "mlflow"


def cases(model):
    """(name, method, path, body, shape) of every request."""
    for name, body in inference(model):
        yield name, "POST", f"/v2/models/{model}/versions/1/infer", body, "oip"
    for path in (f"/v2/models/{model}/versions/99/infer", f"/v2/models/{model}/versions/x/infer", f"/v2/models/{model}/versions/-1/infer", f"/v2/models/{model}/versions/99999999999999999999/infer", "/v2/models/absent/infer", "/v2/models/%2e%2e%2f%2e%2e/infer", "/v2/models/%00/infer"):
        yield path, "POST", path, json.dumps({"inputs": [tensor()]}), "oip"
    mlflow = "/api/2.0/mlflow"
    for call in ("experiments/create", "runs/create", "runs/update", "runs/log-metric", "runs/log-parameter", "runs/log-batch", "runs/search", "registered-models/create", "model-versions/create", "registered-models/alias"):
        for body in ("{", "[]", "null", '"x"', '{"name": {"a": 1}, "run_id": 5, "experiment_id": [], "experiment_ids": 3}', "[" * 50_000):
            # What is no JSON is read as no fields, as MLflow's server reads it, and a search needs none.
            if call == "runs/search" and body in ("null", "{", "[" * 50_000):
                continue
            yield f"{call} {body[:20]}", "POST", f"{mlflow}/{call}", body, "mlflow"
    for path in ("experiments/get?experiment_id=absent", "runs/get?run_id=", "runs/get?run_id=../../etc/passwd", "runs/get", "metrics/get-history?run_id=x&metric_key=y", "registered-models/get?name=absent", "model-versions/get?name=absent&version=x", "experiments/get-by-name?experiment_name=absent"):
        yield path, "GET", f"{mlflow}/{path}", None, "mlflow"
    for body in ('{"filter": "name LIKE"}', '{"max_results": -1}', '{"max_results": 99999999}', '{"page_token": "nonsense"}', '{"filter": "(((((((("}', '{"filter": "1 = 1; DROP TABLE runs"}'):
        yield f"experiments/search {body}", "POST", f"{mlflow}/experiments/search", body, "mlflow"
    yield from oversized_searches(mlflow)
    yield from broken_sources(mlflow, model)
    yield from broken_names(mlflow)
    artifacts = "/api/2.0/mlflow-artifacts/artifacts"
    for path in ("../x", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/registry.db", "0/%2e%2e/%2e%2e/x", "a%00b", "%2fetc%2fpasswd", "0/../../registry.db", "a//b/..", "%5c..%5cx"):
        yield f"PUT artifact {path}", "PUT", f"{artifacts}/{path}", "content", "mlflow"
        yield f"GET artifact {path}", "GET", f"{artifacts}/{path}", None, "mlflow"
    for path in (f"versions/{model}/1/MLmodel", f"versions/{model}/1", f"versions/{model}/2/x", "versions", "versions/x", f"versions/{model}/1/%2e%2e/x"):
        yield f"PUT version {path}", "PUT", f"{artifacts}/{path}", "content", "mlflow"
        yield f"DELETE version {path}", "DELETE", f"{artifacts}/{path}", None, "mlflow"
    for path in (f"versions/{model}/99/MLmodel", f"versions/{model}/x/MLmodel", f"versions/{model}/1/absent", "versions/~zz/1/MLmodel", "versions/~ff/1/MLmodel", f"versions/{model}/99999999999999999999/x"):
        yield f"GET version {path}", "GET", f"{artifacts}/{path}", None, "mlflow"
    for path in ("../x", "a%2f..%2f..", "%00"):
        yield f"list {path}", "GET", f"{artifacts}?path={path}", None, "mlflow"
    for path in ("/get-artifact", "/get-artifact?run_id=absent&path=x", "/get-artifact?run_id=&path=", f"/model-versions/get-artifact?name={model}&version=1&path=../x", f"/model-versions/get-artifact?name={model}&version=0&path=x", "/model-versions/get-artifact?name=absent&version=1&path=x", f"{mlflow}/absent", f"{mlflow}/runs/absent", "/ajax-api/2.0/mlflow/absent"):
        yield path, "GET", path, None, "mlflow"
    for body in ("{", "[]", "{}", '{"items": 1}', '{"prediction_id": "forged", "label": 1}', '{"endpoint": "absent", "business_key": "k", "label": 1}', '{"prediction_id": 5}', '{"unknown": 1}'):
        yield f"feedback {body}", "POST", "/api/v1/feedback", body, "problem"


def is_in_shape(answer, shape):
    try:
        body = answer.json()
    except ValueError:
        return False
    if shape == "oip":
        return isinstance(body.get("error"), str) and len(body) == 1
    if shape == "mlflow":
        return isinstance(body.get("error_code"), str) and isinstance(body.get("message"), str)
    return isinstance(body.get("title"), str) and body.get("status") == answer.status_code


def state(session):
    mlflow = f"{URL}/api/2.0/mlflow"
    experiments = session.post(f"{mlflow}/experiments/search", json={"max_results": 1000}).json()
    runs = session.post(f"{mlflow}/runs/search", json={"experiment_ids": [e["experiment_id"] for e in experiments.get("experiments", [])]}).json()
    models = session.get(f"{mlflow}/registered-models/search", params={"max_results": 1000}).json()
    artifacts = session.get(f"{URL}/api/2.0/mlflow-artifacts/artifacts", params={"path": ""}).text
    return json.dumps([experiments, runs, models, artifacts], sort_keys=True)


def resident(process):
    with open(f"/proc/{process}/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmRSS"))


def send(session, method, path, body):
    # Prepared by hand: the client would mend the path.
    request = requests.Request(method, URL, data=body.encode() if isinstance(body, str) else body, headers={"content-type": "application/json"}).prepare()
    request.url = URL + path
    return session.send(request, timeout=60)


def main(model, process):
    session = requests.Session()
    before, memory = state(session), resident(process)
    wrong, count = [], 0
    for name, method, path, body, shape in cases(model):
        count += 1
        try:
            answer = send(session, method, path, body)
        except requests.RequestException as error:
            wrong.append(f"{method} {path[:80]}: {name}: no answer: {type(error).__name__}")
            session = requests.Session()
            continue
        if not 400 <= answer.status_code < 500 or not is_in_shape(answer, shape):
            wrong.append(f"{method} {path[:80]}: {name}: {answer.status_code} {answer.text[:160]!r}")
    grown = resident(process) - memory
    good = send(session, "POST", f"/v2/models/{model}/versions/1/infer", json.dumps({"inputs": [tensor()]}))
    print(f"{count} malformed requests, {len(wrong)} answered wrongly; memory grew by {grown >> 20} MiB")
    for line in wrong:
        print("WRONG", line)
    if state(session) != before:
        wrong.append("state")
        print("WRONG state was changed")
    if good.status_code != 200:
        wrong.append("good")
        print(f"WRONG a good request after them: {good.status_code} {good.text[:200]}")
    return 1 if wrong or grown > GROWTH_BYTES_MAX or count < 200 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
