"""Asks an endpoint with a rollout in progress by every way in: each answer is split, recorded, traced and replayed alike. Needs the endpoint
of rollout_for_kills.py; exits 0 only if all is right."""

import gzip
import json
import urllib.parse

import numpy

import inference_models as models

checks = 0
LENGTH = "Inference-Header-Content-Length"


def check(condition, what):
    global checks
    checks += 1
    if not condition:
        raise SystemExit(f"FAILED: {what}")


def get(path, method="GET"):
    status, _, body = models.call(method, path)
    check(status == 200, f"{path}: {status} {body[:300]}")
    return json.loads(body)


metadata = get("/v2/models/killed")
inputs = {one["name"]: one for one in metadata["inputs"]}
# Small rows are answered before the HTTP server, large ones by it.
for count in (2, 6000):
    rows = models.rows[numpy.arange(count) % 569][:, :2]
    # One matrix, or a column for each feature.
    if len(inputs) == 1:
        arrays = {name: rows.astype(numpy.float64 if one["datatype"] == "FP64" else numpy.float32) for name, one in inputs.items()}
    else:
        arrays = {name: rows[:, [i]].astype(numpy.float64 if one["datatype"] == "FP64" else numpy.float32)
                  for i, (name, one) in enumerate(inputs.items())}

    def described(name):
        return {"name": name, "datatype": inputs[name]["datatype"], "shape": list(arrays[name].shape)}

    plain = json.dumps({"inputs": [described(name) | {"data": array.tolist()} for name, array in arrays.items()]}).encode()
    head = json.dumps({"parameters": {"binary_data_output": True}, "inputs": [
        described(name) | {"parameters": {"binary_data_size": array.nbytes}} for name, array in arrays.items()]}).encode()
    raw = head + b"".join(array.tobytes() for array in arrays.values())
    v1 = json.dumps({"inputs": {name: array.tolist() for name, array in arrays.items()}}).encode()
    kind = {"Content_Type": "application/json"}
    ways = {
        "JSON": ("/v2/models/killed/infer", plain, kind), "JSON compressed": ("/v2/models/killed/infer", gzip.compress(plain), kind | {"Content_Encoding": "gzip"}),
        "raw": ("/v2/models/killed/infer", raw, {LENGTH.replace("-", "_"): str(len(head))}),
        "v1": ("/v1/models/killed:predict", v1, kind),
    }
    seen = set()
    for name, (path, body, headers) in ways.items():
        status, fields, answer = models.call("POST", path, body, **headers)
        check(status == 200, f"{name}: {status} {answer[:300]}")
        prediction = fields["Martlet-Prediction-Id"]
        check(prediction and prediction not in seen, f"{name}: its id")
        seen.add(prediction)
        trace = get(f"/api/v1/predictions/{urllib.parse.quote(prediction)}")
        check(trace["endpoint"] == "killed", f"{name}: {str(trace)[:300]}")
        replay = get(f"/api/v1/predictions/{urllib.parse.quote(prediction)}/replay", "POST")
        check(replay["is_identical"] is True, f"{name}: {str(replay)[:300]}")
versions = set()
for _ in range(80):
    _, fields, body = models.call("POST", "/v2/models/killed/infer", raw, **{LENGTH.replace("-", "_"): str(len(head))})
    versions.add(json.loads(body[:int(fields[LENGTH])])["model_version"])
check(versions == {"1", "2"}, f"raw requests are not split: {versions}")
status, _, body = models.call("POST", "/v2/repository/models/killed/unload", b"")
check(status == 400 and b"champion: version 1" in body, body)
check(get("/v2/models/killed/stats")["model_stats"][0]["inference_count"] > 0, "statistics of an endpoint")
print(f"{checks} checks passed")
