"""What stands between requests, a model and its answers, asked by official clients: validation, fallback, bounds, circuit breaker, limits.

Takes the administrator's key in MARTLET_KEY, and a server that gives a prediction one second; exits 0 only if all is right.
"""

import json
import threading
import time
import warnings

warnings.filterwarnings("ignore")

import numpy
import requests
import tritonclient.grpc as grpcclient
import tritonclient.http as httpclient
from grpc_models import ADDRESS, API, HEADERS, URL, Checks, fail, save, value
from onnx import TensorProto, helper
from tritonclient.utils import InferenceServerException

check = Checks()
FOREVER = 10**12
POLICY = """
model: pump
owner: Maintenance
purpose: Warns before a pump fails.
task: regression
output_bounds: [{output: y, max_change: 30, finite: true}]
validation:
  action: reject
  missing: flag
  features:
    - {name: age, action: clip, margin: 10%}
    - {name: turns, action: accept}
fallback:
  rules:
    - when: {feature: age, at_least: 50}
      answer: [{output: y, value: 1}]
    - answer: [{output: y, value: -1}]
circuit_breaker: {consecutive_failures: 2, open_for: 2s, probes: 1}
serving: {concurrency: 1, queue: 1}
record: {mode: all}
"""


def pump():
    """Doubles the age, after as many turns of a loop as it is told."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["c"], ["co"]), helper.make_node("Add", ["a", "one"], ["ao"])],
        "body",
        [value("i", TensorProto.INT64, []), value("c", TensorProto.BOOL, []), value("a", TensorProto.FLOAT, [1])],
        [value("co", TensorProto.BOOL, []), value("ao", TensorProto.FLOAT, [1])],
        [helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0])],
    )
    return save(
        [
            helper.make_node("ReduceMax", ["turns"], ["most"], keepdims=0),
            helper.make_node("Loop", ["most", "t", "z"], ["count"], body=body),
            helper.make_node("Mul", ["count", "z"], ["nothing"]),
            helper.make_node("Add", ["age", "age"], ["double"]),
            helper.make_node("Add", ["double", "nothing"], ["y"]),
            helper.make_node("Identity", ["plant"], ["where"]),
        ],
        [value("age", TensorProto.FLOAT, [None, 1]), value("plant", TensorProto.STRING, [None, 1]), value("turns", TensorProto.INT64, [None, 1])],
        [value("y", TensorProto.FLOAT, [None, 1]), value("where", TensorProto.STRING, [None, 1])],
        [helper.make_tensor("t", TensorProto.BOOL, [], [True]), helper.make_tensor("z", TensorProto.FLOAT, [1], [0.0])],
    )


def api(path, body, headers=HEADERS, method="POST"):
    answer = requests.request(method, URL + path, headers=headers, **({"data": body} if isinstance(body, str) else {"json": body}))
    if answer.status_code >= 300:
        fail(f"{path}: {answer.status_code} {answer.text}")
    return answer.json()


def register():
    session = requests.Session()
    session.headers.update(HEADERS)
    run = session.post(API + "runs/create", json={"experiment_id": "0"}).json()["run"]["info"]["run_id"]
    artifacts = f"{URL}/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/"
    rows = "".join(f"{20 + i % 41},{'north' if i % 2 else 'south'},1\n" for i in range(82))
    session.put(artifacts + "reference.csv", data="age,plant,turns\n" + rows).raise_for_status()
    session.put(artifacts + "m/MLmodel", data=b"flavors:\n  onnx:\n    data: model.onnx\n").raise_for_status()
    session.put(artifacts + "m/model.onnx", data=pump().SerializeToString()).raise_for_status()
    session.post(API + "registered-models/create", json={"name": "pump"}).raise_for_status()
    session.post(API + "model-versions/create", json={"name": "pump", "source": f"runs:/{run}/m", "run_id": run}).raise_for_status()
    until("the version is not prepared", lambda: session.get(f"{URL}/api/v1/models/pump/versions/1/preparation").json()["state"] == "servable")


def until(what, condition):
    deadline = time.monotonic() + 60
    while not condition():
        if time.monotonic() > deadline:
            fail(what)
        time.sleep(0.1)


def inputs(kind, age, plant, turns):
    made = []
    for name, values, datatype, dtype in (("age", age, "FP32", numpy.float32), ("plant", plant, "BYTES", object), ("turns", turns, "INT64", numpy.int64)):
        one = kind.InferInput(name, [len(values), 1], datatype)
        one.set_data_from_numpy(numpy.array([[v] for v in values], dtype=dtype))
        made.append(one)
    return made


http = httpclient.InferenceServerClient(URL.removeprefix("http://"))
grpc = grpcclient.InferenceServerClient(ADDRESS)


def ask(kind, age=(30,), plant=("north",), turns=(1,), headers=HEADERS, **options):
    """The values of y and the parameters of the answer, by HTTP or gRPC."""
    client = http if kind is httpclient else grpc
    # The HTTP client writes into the dictionary that it is given.
    result = client.infer("pump", inputs(kind, age, plant, turns), headers=dict(headers), **options)
    response = result.get_response()
    if kind is httpclient:
        parameters = response["parameters"]
    else:
        parameters = {name: one.string_param for name, one in response.parameters.items()}
    return result.as_numpy("y").ravel().tolist(), parameters, result


def refused(kind, words, status, **options):
    try:
        answer = ask(kind, **options)
    except InferenceServerException as error:
        check(words in error.message() and error.status() == status, f"{error.status()} {error.message()}")
        return
    fail(f"{options} was answered {answer}")


def post(parameters=None, headers=HEADERS, path="/v2/models/pump/infer", age=30.0, plant="north", turns=1):
    body = {
        "inputs": [
            {"name": "age", "datatype": "FP32", "shape": [1, 1], "data": [age]},
            {"name": "plant", "datatype": "BYTES", "shape": [1, 1], "data": [plant]},
            {"name": "turns", "datatype": "INT64", "shape": [1, 1], "data": [turns]},
        ],
        "parameters": parameters or {},
    }
    return requests.post(URL + path, json=body, headers=headers)


def metric(name, **labels):
    total = 0.0
    for line in requests.get(URL + "/metrics", headers=HEADERS).text.splitlines():
        if line.startswith(name + ("{" if labels else "")) and all(f'{key}="{text}"' in line for key, text in labels.items()):
            total += float(line.rsplit(" ", 1)[1])
    return total


api("/api/v1/policies", POLICY)
api("/api/v1/principals", {"name": "lee", "roles": ["approver"]})
lee = {"authorization": "Bearer " + api("/api/v1/keys", {"principal": "lee"})["key"]}
register()
approval = api("/api/v1/approvals", {"model": "pump", "version": 1})
api(f"/api/v1/approvals/{approval['id']}/approve", {"reason": "seen"}, lee)
api("/api/v1/rollouts", {"model": "pump", "version": 1})
until("the endpoint has no champion", lambda: requests.get(f"{URL}/v2/models/pump/ready", headers=HEADERS).status_code == 200)

# Validation: the training data has ages of 20 to 60, of which a tenth more is taken, and two plants.
for kind in (httpclient, grpcclient):
    values, parameters, _ = ask(kind, age=(20, 64), plant=("north", "south"), turns=(1, 1))
    check(values == [40, 128] and "input_flags" not in parameters, f"{values} {parameters}")
    values, parameters, _ = ask(kind, age=(90, 30, 0), plant=("north", "", "south"), turns=(1, 7, 1))
    check(values == [128, 60, 32], values)
    flags = json.loads(parameters["input_flags"])
    check(
        flags
        == [
            {"feature": "age", "reason": "below_minimum", "outcome": "clipped", "rows": 1, "first_row": 2},
            {"feature": "age", "reason": "above_maximum", "outcome": "clipped", "rows": 1, "first_row": 0},
            {"feature": "plant", "reason": "missing", "outcome": "flagged", "rows": 1, "first_row": 1},
        ],
        flags,
    )
refused(httpclient, "none of its known values", "422", plant=("west",))
refused(grpcclient, "none of its known values", "StatusCode.INVALID_ARGUMENT", plant=("west",))
answer = post(plant="west")
check(answer.status_code == 422 and list(answer.json()) == ["error"] and '"plant" is "west" in row 0' in answer.json()["error"], answer.text)
answer = requests.post(
    f"{URL}/v1/models/pump:predict", json={"inputs": {"age": [[99.0]], "plant": [["north"]], "turns": [[1]]}}, headers=HEADERS)
check(answer.status_code == 200 and json.loads(answer.headers["Martlet-Input-Flags"])[0]["outcome"] == "clipped", answer.text)
until("rejections are not counted", lambda: metric("martlet_input_flags_total", feature="plant", outcome="rejected") == 3)
check(metric("martlet_input_flags_total", feature="age", reason="above_maximum", outcome="clipped") == 3, "clipped values")
check(metric("martlet_requests_total", endpoint="pump", outcome="rejected") == 3, "rejected requests")

# What was clipped is recorded as the model got it, so that it can be computed again.
prediction = ask(httpclient, age=(99,))[1]["prediction_id"]
replay = api(f"/api/v1/predictions/{prediction}/replay", {})
check(replay["is_identical"] is True, replay)

# Output bounds: an answer that jumps for one key is held back once, and what the policy has for it is answered.
keyed = {"business_key": "pump 7"}
check("fallback_reason" not in post(keyed).json()["parameters"], "a key's first answer")
jumped = post(keyed, age=55.0).json()
check(jumped["parameters"]["fallback_reason"] == "output_bound" and jumped["parameters"]["served_by"] == "rule", jumped)
y = next(one for one in jumped["outputs"] if one["name"] == "y")
check((y["datatype"], y["shape"], y["data"]) == ("FP32", [1, 1], [1.0]) and jumped["model_version"] == "0", jumped)
check("fallback_reason" not in post(keyed, age=55.0).json()["parameters"], "a level that stays")
trace = requests.get(f"{URL}/api/v1/predictions/{jumped['parameters']['prediction_id']}", headers=HEADERS).json()
check(any("rule of the policy" in one for one in trace["missing"]) and trace["output"], trace)

# Model failure, then the open circuit: each row has its rule.
values, parameters, _ = ask(httpclient, age=(30, 60), plant=("north", "north"), turns=(1, FOREVER))
check(values == [-1, 1] and parameters["fallback_reason"] == "deadline" and parameters["served_by"] == "rule", f"{values} {parameters}")
check(ask(grpcclient, turns=(FOREVER,))[1]["fallback_reason"] == "deadline", "the second failure")
for kind in (httpclient, grpcclient):
    start = time.monotonic()
    values, parameters, _ = ask(kind)
    check(values == [-1] and parameters["fallback_reason"] == "circuit_open", f"{values} {parameters}")
    check(time.monotonic() - start < 0.9, "an open circuit waits for the model")
# Who names the version has no fallback, and is told when to come again.
answer = post(path="/v2/models/pump/versions/1/infer")
check(answer.status_code == 503 and answer.headers["Retry-After"] in ("1", "2"), f"{answer.headers} {answer.text}")
answer = requests.post(
    f"{URL}/v1/models/pump:predict", json={"inputs": {"age": [[30.0]], "plant": [["north"]], "turns": [[1]]}}, headers=HEADERS)
check(answer.json() == {"predictions": [-1.0]} or answer.json() == {"predictions": [[-1.0]]}, answer.text)
check(answer.headers["Martlet-Served-By"] == "rule" and answer.headers["Martlet-Fallback-Reason"] == "circuit_open", answer.headers)
statistics = http.get_inference_statistics("pump", headers=HEADERS)["model_stats"][0]
check(statistics["circuit_breaker"]["state"] == "open" and statistics["circuit_breaker"]["opened"] == 1, statistics)
check(metric("martlet_circuit_breaker_state", model="pump", version="1") == 2, "the state of the circuit")
check(metric("martlet_fallbacks_total", served_by="rule") >= 5, "fallbacks")
until("the circuit does not close", lambda: "fallback_reason" not in ask(httpclient)[1])
check(metric("martlet_circuit_breaker_state", model="pump", version="1") == 0, "the circuit is closed again")

# The endpoint's own bounds: one run at a time, one that waits; the others are refused at once.
codes = []


def wait_for_ever():
    answer = post({"timeout": 400_000, "priority": 1}, turns=FOREVER)
    codes.append((answer.status_code, answer.headers.get("Retry-After")))


threads = [threading.Thread(target=wait_for_ever) for _ in range(5)]
for one in threads:
    one.start()
for one in threads:
    one.join()
check(sorted(codes, key=str) == [(200, None)] * 2 + [(429, "1")] * 3, codes)
check(post({"priority": "high"}).status_code == 400, "a priority that is no number")
check(ask(httpclient, priority=1)[0] == ask(grpcclient, priority=9)[0] == [60], "priorities")

# What principals may ask for.
api("/api/v1/principals", {"name": "ann", "roles": ["viewer"]})
ann = {"authorization": "Bearer " + api("/api/v1/keys", {"principal": "ann"})["key"]}
check(post(headers=ann).status_code == 200, "ann is not bounded yet")
limited = api("/api/v1/principals/ann/limits", {"requests_per_second": 0.2, "burst": 2}, method="PUT")
check(limited["limits"] == {"requests_per_second": 0.2, "burst": 2}, limited)
check([post(headers=ann).status_code for _ in range(2)] == [200, 200], "a burst")
answer = post(headers=ann)
check(answer.status_code == 429 and 1 <= int(answer.headers["Retry-After"]) <= 5, f"{answer.status_code} {answer.headers}")
check("ann may ask for 0.2 predictions a second" in answer.json()["error"], answer.text)
refused(grpcclient, "predictions a second", "StatusCode.RESOURCE_EXHAUSTED", headers=ann)
answer = requests.post(f"{URL}/v1/models/pump:predict", json={"inputs": {}}, headers=ann)
check(answer.status_code == 429, answer.text)
check(post().status_code == 200, "others are not held up")
api("/api/v1/principals/ann/limits", {"requests_per_day": 4}, method="PUT")
answer = [post(headers=ann) for _ in range(3)][-1]
check(answer.status_code == 429 and int(answer.headers["Retry-After"]) > 5 and "today" in answer.json()["error"], answer.text)
check(metric("martlet_limited_requests_total", limit="rate") >= 3 and metric("martlet_limited_requests_total", limit="day") >= 1, "refusals")
bad = requests.put(f"{URL}/api/v1/principals/ann/limits", json={"burst": 3}, headers=HEADERS)
check(bad.status_code == 400 and bad.json()["field"] == "burst", bad.text)
check(requests.put(f"{URL}/api/v1/principals/ann/limits", json={}, headers=ann).status_code == 403, "ann bounds herself")
api("/api/v1/principals/ann/limits", {}, method="PUT")
check(post(headers=ann).status_code == 200, "ann is not bounded any more")
audit = requests.get(f"{URL}/api/v1/audit?limit=100", headers=HEADERS).json()["items"]
check(sum(event["action"] == "principal.set_limits" for event in audit) == 3, "limits are in the audit")
print(f"{check.count} checks passed")
