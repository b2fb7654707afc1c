"""The official Triton client over HTTP with a server of a model repository; exits 0 only if all is right.

Takes the folder that model_repository_files.py has made, the URL and the administrator's key.
"""

import json
import os
import sys
import threading
import time
import urllib.error
import urllib.request

import numpy
import onnxruntime
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

import model_repository_files as files
from counted_checks import check, refused, tell

folder = sys.argv[1]
url = os.environ["MARTLET_URL"]
authorization = {"Authorization": "Bearer " + os.environ["MARTLET_KEY"]}
client = triton.InferenceServerClient(url.removeprefix("http://"))


def call(method, path, body=None, **fields):
    """One request; the status and the body of whatever answer comes."""
    data = json.dumps(body).encode() if body is not None else None
    if data is not None:
        fields["Content-Type"] = "application/json"
    request = urllib.request.Request(url + path, data, fields, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def headers():
    # The client adds to the dictionary that it is given.
    return dict(authorization)


def ask(model, rows, version="", binary=True, names=()):
    name = "X" if model == "forest" else "x"
    given = triton.InferInput(name, list(rows.shape), "FP32")
    given.set_data_from_numpy(rows, binary_data=binary)
    asked = [triton.InferRequestedOutput(one, binary_data=binary) for one in names] or None
    return client.infer(model, [given], model_version=version, outputs=asked, headers=headers())


def index():
    return {(one["name"], one.get("version")): (one["state"], one.get("reason"))
            for one in client.get_model_repository_index(headers=headers())}


# health, and what the server says of itself
check(client.is_server_live() and client.is_server_ready(), "health needs no key")
check("model_repository" in client.get_server_metadata(headers=headers())["extensions"], "extensions")
refused(401, "API key", lambda: client.get_model_metadata("forest"))

# the index: what is served, and why the rest is not
entries = index()
check(entries[("forest", "2")] == ("READY", None) and ("forest", "1") not in entries, entries)
check(entries[("both", "1")] == ("READY", None) == entries[("both", "2")], entries)
check(entries[("batched", "1")] == ("READY", None), entries)
state, reason = entries[("corrupt", "1")]
check(state == "UNAVAILABLE" and "cannot be loaded" in reason, entries)
state, reason = entries[("misspelt", None)]
check(state == "UNAVAILABLE" and "config.pbtxt:2:16: " in reason, reason)
state, reason = entries[("engine", None)]
check(state == "UNAVAILABLE" and "tensorrt_plan" in reason and "onnxruntime" in reason, reason)
ready = json.loads(call("POST", "/v2/repository/index", {"ready": True}, **authorization)[1])
check({one["name"] for one in ready} == {"forest", "both", "batched"}, ready)
check(json.loads(call("GET", "/v2/models", **authorization)[1])["models"] == sorted({name for name, _ in entries}), "models")
refused(503, "cannot be served", lambda: ask("corrupt", files.rows[:1]))
refused(503, "config.pbtxt:2:16", lambda: client.get_model_metadata("misspelt", headers=headers()))
check(not client.is_model_ready("corrupt", headers=headers()), "what cannot be loaded is ready")

# answers are those of ONNX Runtime, raw and as JSON, with and without a version
options = onnxruntime.SessionOptions()
# As the server runs it: with more threads the sums over the trees are rounded in another order.
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(os.path.join(folder, "forest/2/model.onnx"), options)
labels, probabilities = session.run(None, {"X": files.rows})
for binary in (True, False):
    for version in ("", "2"):
        answer = ask("forest", files.rows, version, binary, ("label", "probabilities"))
        check(answer.get_response()["model_version"] == "2", answer.get_response())
        check(numpy.array_equal(answer.as_numpy("label"), labels), f"labels, binary {binary}")
        check(answer.as_numpy("probabilities").tobytes() == probabilities.tobytes(), f"probabilities, binary {binary}")
refused(404, "forest", lambda: ask("forest", files.rows[:1], "1"))
refused(404, "nothing", lambda: ask("nothing", files.rows[:1]))
refused(400, "X", lambda: ask("forest", files.rows[:1, :29]))
two = numpy.ones((1, 2), numpy.float32)
check(ask("both", two, "1").as_numpy("y").tolist() == [[2, 2]], "version 1")
check(ask("both", two).as_numpy("y").tolist() == [[3, 3]], "the newest")
check(client.get_model_metadata("both", headers=headers())["versions"] == ["1", "2"], "versions")

# v1
status, text = call("POST", "/v1/models/forest:predict", {"instances": files.rows[:3].tolist()}, **authorization)
check(status == 200 and json.loads(text) == {"predictions": labels[:3].tolist()}, text)
check(json.loads(call("GET", "/v1/models/forest", **authorization)[1])["ready"] is True, "v1 ready")

# the configuration: the batch is not among the dims, and bounds a request
config = client.get_model_config("batched", headers=headers())
check(config["max_batch_size"] == 4 and config["input"][0]["dims"] == [1], config)
check(client.get_model_metadata("batched", headers=headers())["inputs"][0]["shape"] == [-1, 1], "the batch is first")
check(ask("batched", numpy.ones((4, 1), numpy.float32)).as_numpy("y").tolist() == [[2]] * 4, "a reshaped batch")
refused(400, "4 at most", lambda: ask("batched", numpy.ones((5, 1), numpy.float32)))
refused(400, "shape", lambda: ask("batched", numpy.ones((4,), numpy.float32)))

# statistics and metrics count requests with and without a version
statistics = client.get_inference_statistics("forest", headers=headers())["model_stats"]
check([one["version"] for one in statistics] == ["2"] and statistics[0]["inference_stats"]["success"]["count"] == 5, statistics)
metrics = call("GET", "/metrics", **authorization)[1]
line = 'martlet_requests_total{endpoint="forest",version="2",role="champion",outcome="succeeded"} 5'
check(line in metrics and 'martlet_repository_versions{state="ready"} 4' in metrics, metrics)
check(call("GET", "/metrics")[0] == 401, "metrics without a key")

# what is the registry's is said to be so, in the protocol's own shape
for method, path in [("GET", "/api/2.0/mlflow/experiments/search?max_results=1"), ("GET", "/api/v1/endpoints"), ("GET", "/models"),
                     ("POST", "/api/v1/feedback")]:
    status, text = call(method, path, {} if method == "POST" else None, **authorization)
    check(status == 501 and "has no registry" in text, f"{path}: {status} {text}")
check(call("GET", "/nothing", **authorization)[0] == 404, "an unknown path")
check(json.loads(call("GET", "/")[1]) == {"status": "alive"}, "alive")

# a load takes what has changed on disk
files.write(folder, "forest/3/model.onnx", files.forest(7).SerializeToString())
check(ask("forest", files.rows[:1]).get_response()["model_version"] == "2", "nobody has said that there is a new version")
client.load_model("forest", headers=headers())
check(ask("forest", files.rows[:1]).get_response()["model_version"] == "3", "the new version")
refused(404, "forest", lambda: ask("forest", files.rows[:1], "2"))

# a bad version takes no traffic from a good one, and the index says why, while it is asked all the time
wrong, stop = [], threading.Event()


def keep_asking():
    own = triton.InferenceServerClient(url.removeprefix("http://"))
    given = triton.InferInput("X", [1, 30], "FP32")
    given.set_data_from_numpy(files.rows[:1])
    while not stop.is_set():
        try:
            if own.infer("forest", [given], headers=headers()).get_response()["model_version"] not in ("3", "5"):
                wrong.append("another version answered")
        except InferenceServerException as error:
            wrong.append(str(error))


asking = [threading.Thread(target=keep_asking) for _ in range(2)]
for thread in asking:
    thread.start()
files.write(folder, "forest/4/model.onnx", b"no model at all")
refused(503, "Version 4: ", lambda: client.load_model("forest", headers=headers()))
check(index()[("forest", "3")] == ("READY", None) and index()[("forest", "4")][0] == "UNAVAILABLE", index())
files.write(folder, "forest/config.pbtxt", "max_batch_size: {")
refused(503, "config.pbtxt:1:18", lambda: client.load_model("forest", headers=headers()))
check(index()[("forest", "3")][0] == "READY" and "config.pbtxt" in index()[("forest", "3")][1], index())
os.remove(os.path.join(folder, "forest/config.pbtxt"))
files.write(folder, "forest/5/model.onnx", files.forest(9).SerializeToString())
client.load_model("forest", headers=headers())
time.sleep(0.2)
stop.set()
for thread in asking:
    thread.join()
check(not wrong, wrong[:3])
check(ask("forest", files.rows[:1]).get_response()["model_version"] == "5", "the version after the bad one")
check([key for key in index() if key[0] == "forest"] == [("forest", "5")], index())

# a configuration with the load, and without it again
client.load_model("both", config=json.dumps({"version_policy": {"specific": {"versions": ["1"]}}, "max_batch_size": 2}), headers=headers())
check(client.get_model_metadata("both", headers=headers())["versions"] == ["1"], "versions by the override")
check(client.get_model_config("both", headers=headers())["max_batch_size"] == 2, "rows by the override")
refused(400, "max_batch_size", lambda: client.load_model("both", config='{"max_batch_size": "x"}', headers=headers()))
refused(501, "file:1/model.onnx", lambda: client.load_model("both", config="{}", files={"file:1/model.onnx": b"x"}, headers=headers()))
client.load_model("both", headers=headers())
check(client.get_model_metadata("both", headers=headers())["versions"] == ["1", "2"], "versions of the folder")

# unloaded, and loaded again
client.unload_model("both", headers=headers())
check(index()[("both", "1")] == ("UNAVAILABLE", "unloaded"), index())
check(not client.is_model_ready("both", headers=headers()), "an unloaded model is ready")
refused(503, "unloaded", lambda: ask("both", two))
client.load_model("both", headers=headers())
check(ask("both", two).as_numpy("y").tolist() == [[3, 3]], "loaded again")
refused(404, "nothing", lambda: client.unload_model("nothing", headers=headers()))
refused(404, "nothing", lambda: client.load_model("nothing", headers=headers()))
check(call("POST", "/v2/repository/models/%2e%2e/load", {}, **authorization)[0] == 404, "a way out of the folder")
refused(503, "cannot be loaded", lambda: client.load_model("corrupt", headers=headers()))

tell()
