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


def cases(model):
    """(name, method, path, body, shape) of every request."""
    for name, body in inference(model):
        yield name, "POST", f"/v2/models/{model}/versions/1/infer", body, "oip"
    for path in (f"/v2/models/{model}/versions/99/infer", f"/v2/models/{model}/versions/x/infer", f"/v2/models/{model}/versions/-1/infer", f"/v2/models/{model}/versions/99999999999999999999/infer", "/v2/models/absent/infer", "/v2/models/%2e%2e%2f%2e%2e/infer", "/v2/models/%00/infer"):
        yield path, "POST", path, json.dumps({"inputs": [tensor()]}), "oip"
    mlflow = "/api/2.0/mlflow"
    for call in ("experiments/create", "runs/create", "runs/update", "runs/log-metric", "runs/log-parameter", "runs/log-batch", "runs/search", "registered-models/create", "model-versions/create", "registered-models/alias"):
        for body in ("{", "[]", "null", '"x"', '{"name": {"a": 1}, "run_id": 5, "experiment_id": [], "experiment_ids": 3}', "[" * 50_000):
            if call == "runs/search" and body == "null":
                continue
            yield f"{call} {body[:20]}", "POST", f"{mlflow}/{call}", body, "mlflow"
    for path in ("experiments/get?experiment_id=absent", "runs/get?run_id=", "runs/get?run_id=../../etc/passwd", "runs/get", "metrics/get-history?run_id=x&metric_key=y", "registered-models/get?name=absent", "model-versions/get?name=absent&version=x", "experiments/get-by-name?experiment_name=absent"):
        yield path, "GET", f"{mlflow}/{path}", None, "mlflow"
    for body in ('{"filter": "name LIKE"}', '{"max_results": -1}', '{"max_results": 99999999}', '{"page_token": "nonsense"}', '{"filter": "(((((((("}', '{"filter": "1 = 1; DROP TABLE runs"}'):
        yield f"experiments/search {body}", "POST", f"{mlflow}/experiments/search", body, "mlflow"
    artifacts = "/api/2.0/mlflow-artifacts/artifacts"
    for path in ("../x", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/registry.db", "0/%2e%2e/%2e%2e/x", "a%00b", "%2fetc%2fpasswd", "0/../../registry.db", "a//b/..", "%5c..%5cx"):
        yield f"PUT artifact {path}", "PUT", f"{artifacts}/{path}", "content", "mlflow"
        yield f"GET artifact {path}", "GET", f"{artifacts}/{path}", None, "mlflow"
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
