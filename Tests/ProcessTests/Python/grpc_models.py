"""Models that the tests of gRPC ask, registered over HTTP; and what these tests share."""

import os
import sys
import time

import numpy
import onnx
import requests
from onnx import TensorProto, helper

URL = os.environ["MARTLET_URL"]
ADDRESS = os.environ["MARTLET_GRPC"]
KEY = os.environ.get("MARTLET_KEY")
HEADERS = {"authorization": f"Bearer {KEY}"} if KEY else {}
API = URL + "/api/2.0/mlflow/"
value = helper.make_tensor_value_info

# Name, ONNX's type and numpy's of everything that a tensor may hold and a version be tried with; FP16 and BF16 have no form in JSON, in
# which a version's example is kept.
KINDS = [
    ("BOOL", TensorProto.BOOL, numpy.bool_),
    ("UINT8", TensorProto.UINT8, numpy.uint8),
    ("UINT16", TensorProto.UINT16, numpy.uint16),
    ("UINT32", TensorProto.UINT32, numpy.uint32),
    ("UINT64", TensorProto.UINT64, numpy.uint64),
    ("INT8", TensorProto.INT8, numpy.int8),
    ("INT16", TensorProto.INT16, numpy.int16),
    ("INT32", TensorProto.INT32, numpy.int32),
    ("INT64", TensorProto.INT64, numpy.int64),
    ("FP32", TensorProto.FLOAT, numpy.float32),
    ("FP64", TensorProto.DOUBLE, numpy.float64),
    ("BYTES", TensorProto.STRING, numpy.object_),
]


def save(nodes, inputs, outputs, constants=()):
    graph = helper.make_graph(nodes, "g", inputs, outputs, list(constants))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def echo(kind):
    """Gives back what it is given."""
    return save([helper.make_node("Identity", ["x"], ["y"])], [value("x", kind, [None])], [value("y", kind, [None])])


def rows(columns):
    """Doubles the numbers of rows."""
    return save(
        [helper.make_node("Add", ["x", "x"], ["y"])],
        [value("x", TensorProto.FLOAT, [None, columns])],
        [value("y", TensorProto.FLOAT, [None, columns])],
    )


def loop():
    """Runs as often as its input says: the trial with one row of ones is short."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["c"], ["co"]), helper.make_node("Add", ["a", "one"], ["ao"])],
        "body",
        [value("i", TensorProto.INT64, []), value("c", TensorProto.BOOL, []), value("a", TensorProto.FLOAT, [1])],
        [value("co", TensorProto.BOOL, []), value("ao", TensorProto.FLOAT, [1])],
        [helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0])],
    )
    return save(
        [helper.make_node("Squeeze", ["n"], ["n0"]), helper.make_node("Loop", ["n0", "t", "z0"], ["y"], body=body)],
        [value("n", TensorProto.INT64, [1])],
        [value("y", TensorProto.FLOAT, [1])],
        [helper.make_tensor("t", TensorProto.BOOL, [], [True]), helper.make_tensor("z0", TensorProto.FLOAT, [1], [0.0])],
    )


def register(models, served=True):
    """Registers `models`, a dictionary of ONNX models, and waits until version 1 of each is prepared and, if it is to be, served."""
    session = requests.Session()
    session.headers.update(HEADERS)
    for name, model in models.items():
        run = session.post(API + "runs/create", json={"experiment_id": "0"}).json()["run"]["info"]["run_id"]
        base = f"{URL}/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/m/"
        session.put(base + "MLmodel", data=b"flavors:\n  onnx:\n    data: model.onnx\n").raise_for_status()
        session.put(base + "model.onnx", data=model.SerializeToString()).raise_for_status()
        session.post(API + "registered-models/create", json={"name": name}).raise_for_status()
        session.post(API + "model-versions/create", json={"name": name, "source": f"runs:/{run}/m", "run_id": run}).raise_for_status()
    deadline = time.monotonic() + 90
    for name in models:
        while True:
            preparation = session.get(f"{URL}/api/v1/models/{name}/versions/1/preparation").json()
            if preparation["state"] == "servable":
                if not served or session.get(f"{URL}/v2/models/{name}/versions/1/ready").status_code == 200:
                    break
            if time.monotonic() > deadline or preparation["state"] == "unservable":
                fail(f"{name} is not served: {preparation}")
            time.sleep(0.1)


def fail(what):
    """Ends at once: threads of a stream that is still open would keep the process."""
    print(f"FAILED: {what}", file=sys.stderr, flush=True)
    os._exit(1)


class Checks:
    def __init__(self):
        self.count = 0

    def __call__(self, condition, what):
        self.count += 1
        if not condition:
            fail(what)
