"""Models that a Python worker serves, asked by official clients; their answers are compared with MLflow's own.

usage: python_worker.py SERVER_PID. Needs a server that gives a prediction five seconds and has six workers. Exits 0 only if all is right.
"""

import os
import signal
import sys
import tempfile
import threading
import time
import warnings

warnings.filterwarnings("ignore")

import mlflow
import numpy
import pandas
import requests
import tritonclient.grpc as grpcclient
import tritonclient.http as httpclient
from grpc_models import ADDRESS, URL, Checks, fail
from mlflow.models import ModelSignature
from mlflow.types import Schema, TensorSpec
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

check = Checks()
SERVER = int(sys.argv[1])
http = httpclient.InferenceServerClient(URL.removeprefix("http://"), network_timeout=60)
grpc = grpcclient.InferenceServerClient(ADDRESS)
DATATYPES = {"float64": "FP64", "float32": "FP32", "int64": "INT64", "int32": "INT32", "bool": "BOOL", "object": "BYTES"}


class Mixed(mlflow.pyfunc.PythonModel):
    """Takes columns of every kind and gives several."""

    def predict(self, context, model_input, params=None):
        if (model_input["amount"] < 0).any():
            raise ValueError("amounts are not negative")
        return pandas.DataFrame({
            "total": model_input["amount"] * model_input["count"],
            "label": model_input["city"].str.upper() + numpy.where(model_input["member"], "!", "?"),
        })


class Image(mlflow.pyfunc.PythonModel):
    """Takes a tensor and gives one."""

    def predict(self, context, model_input, params=None):
        return model_input.sum(axis=1) * numpy.float32(0.5)


class Trouble(mlflow.pyfunc.PythonModel):
    """Sleeps and eats as it is told."""

    def predict(self, context, model_input, params=None):
        row = model_input.iloc[0]
        time.sleep(row["seconds"])
        kept = bytearray(int(row["mebibytes"]) << 20)
        if row["fault"]:
            raise KeyError("something else")
        return [float(len(kept))] * len(model_input)


mixed = pandas.DataFrame({
    "amount": [1.5, 2.25, 0.1], "count": numpy.array([2, 3, 7], dtype=numpy.int64), "city": ["Köln", "Rome", "Oslo"],
    "member": [True, False, True],
})
pictures = numpy.arange(48, dtype=numpy.float32).reshape(3, 4, 4)
trouble = pandas.DataFrame({"seconds": [0.0], "mebibytes": [1.0], "fault": [False]})
cells, classes = load_breast_cancer(return_X_y=True, as_frame=True)


def log():
    """Registers the models; gives each one's URI."""
    mlflow.set_experiment("workers")
    uris = {}
    with mlflow.start_run():
        made = {
            "mixed": mlflow.pyfunc.log_model(name="mixed", python_model=Mixed(), input_example=mixed),
            "image": mlflow.pyfunc.log_model(
                name="image", python_model=Image(), input_example=pictures,
                signature=ModelSignature(inputs=Schema([TensorSpec(numpy.dtype("float32"), (-1, 4, 4))]))),
            "trouble": mlflow.pyfunc.log_model(name="trouble", python_model=Trouble(), input_example=trouble),
            "histogram": mlflow.sklearn.log_model(
                HistGradientBoostingClassifier(max_iter=5).fit(cells, classes), name="histogram", input_example=cells.head(3),
                serialization_format="cloudpickle"),
            "forest": mlflow.sklearn.log_model(
                RandomForestClassifier(10, random_state=0).fit(cells, classes), name="forest", input_example=cells.head(3),
                serialization_format="cloudpickle"),
        }
    for name, info in made.items():
        uris[name] = info.model_uri
        mlflow.register_model(info.model_uri, name, tags={"martlet.runtime": "python"} if name == "forest" else None)
    return uris


def preparation(model, version=1):
    return requests.get(f"{URL}/api/v1/models/{model}/versions/{version}/preparation").json()


def wait(what, condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            fail(what)
        time.sleep(0.1)


def columns(frame):
    """A data frame as (name, array) of one column each."""
    return [(name, frame[name].to_numpy(dtype=object if frame[name].dtype.kind not in "fib" else None).reshape(-1, 1)) for name in frame.columns]


def ask(kind, model, named, binary=True, **options):
    inputs = []
    for name, array in named:
        one = kind.InferInput(name, list(array.shape), DATATYPES[str(array.dtype)])
        if kind is httpclient:
            one.set_data_from_numpy(array, binary_data=binary)
        else:
            one.set_data_from_numpy(array)
        inputs.append(one)
    if kind is httpclient:
        described = http.get_model_metadata(model, "1")["outputs"]
        options["outputs"] = [httpclient.InferRequestedOutput(output["name"], binary_data=binary) for output in described]
    return (http if kind is httpclient else grpc).infer(model, inputs, model_version="1", **options)


def same_answers(model, named, expected):
    """Every way in gives what MLflow itself gives: expected by name."""
    for kind, binary in ((httpclient, False), (httpclient, True), (grpcclient, True)):
        result = ask(kind, model, named, binary)
        for name, wanted in expected.items():
            got = result.as_numpy(name)
            check(got is not None and got.shape == wanted.shape, (model, name, got, wanted))
            if wanted.dtype == object:
                decoded = numpy.array([v.decode() if isinstance(v, bytes) else v for v in got.ravel()], dtype=object)
                check((decoded == wanted.ravel()).all(), (model, name, decoded, wanted))
            else:
                check(got.dtype == wanted.dtype and (got == wanted).all(), (model, name, got, wanted))


def children(root):
    """Of a process, all below it."""
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                parents[int(name)] = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            pass
    below = set()
    while more := {child for child, parent in parents.items() if parent in below | {root}} - below:
        below |= more
    return below


def worker(word="mebibytes"):
    """The process that serves the model whose MLmodel file holds such a word."""
    for pid in children(SERVER):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as cmdline:
                words = cmdline.read().split(b"\0")
            if b"python" in words[0] and words[1].endswith(b"serve_pyfunc.py") and word in open(f"/proc/{pid}/cwd/model/MLmodel").read():
                return pid
        except OSError:
            pass
    return None


def infer(seconds=0.0, mebibytes=1.0, fault=False):
    """Status and text of a request to the model that makes trouble."""
    columns = [("seconds", "FP64", seconds), ("mebibytes", "FP64", mebibytes), ("fault", "BOOL", fault)]
    body = {"inputs": [{"name": n, "shape": [1, 1], "datatype": d, "data": [v]} for n, d, v in columns]}
    answer = requests.post(f"{URL}/v2/models/trouble/versions/1/infer", json=body, timeout=60)
    return answer.status_code, answer.text


def recovers(what):
    """The next request that is let through is answered, on a process of its own."""
    began = time.monotonic()
    wait(f"no recovery after {what}", lambda: infer()[0] == 200, 60)
    print(f"{what}: answered again after {time.monotonic() - began:.1f} s", flush=True)


def equal_answers(uris):
    own = {name: mlflow.pyfunc.load_model(uris[name]) for name in uris}
    frame = own["mixed"].predict(mixed)
    same_answers("mixed", columns(mixed), {n: a for n, a in columns(frame)})
    same_answers("image", [("input", pictures)], {"output": own["image"].predict(pictures)})
    for name in ("histogram", "forest"):
        same_answers(name, columns(cells.head(40)), {"output": own[name].predict(cells.head(40))})
    detail = preparation("histogram")["detail"]
    check("Served by a Python worker" in detail and "since it was not converted" in detail, detail)
    check("as its tag asks" in preparation("forest")["detail"], preparation("forest"))
    metadata = http.get_model_metadata("mixed", "1")
    check(metadata["platform"] == "mlflow_pyfunc", metadata)
    check(metadata["inputs"][1] == {"name": "count", "datatype": "INT64", "shape": [-1, 1]}, metadata)
    check(metadata["outputs"][0] == {"name": "total", "datatype": "FP64", "shape": [-1, 1]}, metadata)
    check(http.get_model_config("mixed", "1")["backend"] == "python", "config")
    runtime = preparation("mixed")["runtime"]
    check("Python 3" in runtime and f"mlflow {mlflow.__version__}" in runtime, runtime)
    check(requests.get(f"{URL}/v2/models/mixed/versions/1/ready").status_code == 200, "ready")
    try:
        ask(httpclient, "mixed", columns(mixed.assign(amount=-1.0)))
        fail("a refused value was answered")
    except Exception as error:
        check("amounts are not negative" in str(error) and "400" in str(error.status()), error)


def misbehaves():
    wait("the model does not answer", lambda: infer()[0] == 200)
    before = worker()
    check(infer(fault=True)[0] == 500, infer(fault=True))
    check(before is not None and worker() == before, "a model that raises keeps its process")
    answers = []
    asked = threading.Thread(target=lambda: answers.append(infer(seconds=2)))
    asked.start()
    time.sleep(0.5)
    os.kill(worker(), signal.SIGKILL)
    asked.join()
    check(answers[0][0] == 503 and "signal 9" in answers[0][1], answers)
    recovers("kill -9 of the worker in a request")
    check(worker() not in (None, before), "another process")
    os.kill(worker(), signal.SIGKILL)
    time.sleep(0.5)
    statuses = []
    # A start may take longer than a request may wait.
    wait("no recovery of a worker that nobody asked", lambda: statuses.append(infer()[0]) or statuses[-1] == 200)
    check(set(statuses) <= {200, 504}, ("a worker that was killed while nobody asked costs no request", statuses))
    began = time.monotonic()
    status, text = infer(seconds=60)
    check(status == 504 and time.monotonic() - began < 20, (status, text))
    recovers("a run past its deadline")
    status, text = infer(mebibytes=8000)
    check(status == 503 and "MiB of memory" in text, (status, text))
    recovers("a run past its memory")
    check(infer(seconds=1)[0] == 200, "slow, but in time")


def corrupt():
    """A version whose files are damaged is not served and says why; the one before is."""
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/model"
        mlflow.pyfunc.save_model(path, python_model=Mixed(), input_example=mixed)
        with open(path + "/python_model.pkl", "r+b") as file:
            file.truncate(20)
        with mlflow.start_run() as run:
            mlflow.log_artifacts(path, "damaged")
        client = mlflow.MlflowClient()
        client.create_model_version("mixed", f"runs:/{run.info.run_id}/damaged", run.info.run_id)
        client.create_model_version("mixed", f"runs:/{run.info.run_id}/damaged", run.info.run_id, tags={"martlet.runtime": "java"})
        client.create_model_version("mixed", f"runs:/{run.info.run_id}/damaged", run.info.run_id, tags={"martlet.runtime": "onnx"})
    for version, reason in ((3, "it is onnx or python"), (4, "cannot be served by ONNX Runtime")):
        wait(f"version {version} is not judged", lambda: preparation("mixed", version).get("state") == "unservable")
        check(reason in preparation("mixed", version)["detail"], preparation("mixed", version))
    wait("the damaged version is not judged", lambda: preparation("mixed", 2).get("state") == "unservable")
    check("cannot be loaded" in preparation("mixed", 2)["detail"], preparation("mixed", 2))
    check(requests.get(f"{URL}/v2/models/mixed/versions/2/ready").status_code != 200, "ready")
    same_answers("mixed", columns(mixed), {"total": (mixed["amount"] * mixed["count"]).to_numpy().reshape(-1, 1)})


def ready():
    """Readiness asks the model through the data plane, as it asks every other."""
    policy = "model: image\nowner: o\npurpose: p\ntask: regression\ncriteria: {latency: {p99_at_most: 10s}}\n"
    answer = requests.post(f"{URL}/api/v1/policies", data=policy)
    check(answer.status_code < 300, answer.text)
    rows = {row["criterion"]: row for row in requests.get(f"{URL}/api/v1/models/image/versions/1/readiness").json()["rows"]}
    for name in ("servable", "golden", "parity", "latency.p99"):
        check(rows[name]["status"] == "met", rows)


def main():
    uris = log()
    for name in uris:
        wait(f"{name} is not prepared", lambda: preparation(name).get("state") in ("servable", "unservable"))
        check(preparation(name)["state"] == "servable", preparation(name))
        wait(f"{name} is not served", lambda: requests.get(f"{URL}/v2/models/{name}/versions/1/ready").status_code == 200)
    equal_answers(uris)
    misbehaves()
    corrupt()
    ready()
    print("done", check.count)


if __name__ == "__main__":
    main()
