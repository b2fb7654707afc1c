"""Models for the tests of the inference protocol, registered with the official MLflow client and waited for until they are served."""

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request

import mlflow
import numpy
from onnx import TensorProto, helper
from skl2onnx import to_onnx
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier

# The protocol's name of each datatype, ONNX's and numpy's.
DATATYPES = [
    ("BOOL", TensorProto.BOOL, numpy.bool_), ("UINT8", TensorProto.UINT8, numpy.uint8),
    ("UINT16", TensorProto.UINT16, numpy.uint16), ("UINT32", TensorProto.UINT32, numpy.uint32),
    ("UINT64", TensorProto.UINT64, numpy.uint64), ("INT8", TensorProto.INT8, numpy.int8),
    ("INT16", TensorProto.INT16, numpy.int16), ("INT32", TensorProto.INT32, numpy.int32),
    ("INT64", TensorProto.INT64, numpy.int64), ("FP16", TensorProto.FLOAT16, numpy.float16),
    ("FP32", TensorProto.FLOAT, numpy.float32), ("FP64", TensorProto.DOUBLE, numpy.float64),
    ("BYTES", TensorProto.STRING, numpy.object_),
]

url = os.environ["MARTLET_URL"]
key = os.environ.get("MARTLET_KEY")
authorization = {"Authorization": f"Bearer {key}"} if key else {}

rows, classes = load_breast_cancer(return_X_y=True)
rows = rows.astype(numpy.float32)
estimator = RandomForestClassifier(20, random_state=0).fit(rows, classes)
forest = to_onnx(estimator, rows[:1], options={id(estimator): {"zipmap": False}}, target_opset=17)
zipped = to_onnx(estimator, rows[:1], target_opset=17)


def _model(nodes, inputs, outputs, constants=()):
    graph = helper.make_graph(nodes, "g", inputs, outputs, list(constants))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def identity(element, shape=("n", 2)):
    """Answers with what it is given."""
    return _model(
        [helper.make_node("Identity", ["x"], ["y"])],
        [helper.make_tensor_value_info("x", element, list(shape))],
        [helper.make_tensor_value_info("y", element, list(shape))])


def identities():
    """One input and output for each datatype, all of one dimension of any size."""
    named = [(name.lower(), element) for name, element, _ in DATATYPES]
    return _model(
        [helper.make_node("Identity", [name], [f"{name}_out"]) for name, _ in named],
        [helper.make_tensor_value_info(name, element, ["n"]) for name, element in named],
        [helper.make_tensor_value_info(f"{name}_out", element, ["n"]) for name, element in named])


def quotient():
    """x / 0: infinities and NaN, from which no JSON can be made."""
    return _model(
        [helper.make_node("Div", ["x", "zero"], ["y"])],
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n"])],
        [helper.make_tensor("zero", TensorProto.FLOAT, [1], [0.0])])


def promise():
    """Declares the shape [1] of its label and answers [n], as converted LightGBM models do."""
    return _model(
        [helper.make_node("ReduceSum", ["x", "axis"], ["label"], keepdims=0)],
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 2])],
        [helper.make_tensor_value_info("label", TensorProto.FLOAT, [1])],
        [helper.make_tensor("axis", TensorProto.INT64, [1], [1])])


def loop():
    """Counts to n in a loop: runs for as long as it is told to."""
    info = helper.make_tensor_value_info
    body = helper.make_graph(
        [helper.make_node("Identity", ["c"], ["co"]), helper.make_node("Add", ["a", "one"], ["ao"])], "body",
        [info("i", TensorProto.INT64, []), info("c", TensorProto.BOOL, []), info("a", TensorProto.FLOAT, [1])],
        [info("co", TensorProto.BOOL, []), info("ao", TensorProto.FLOAT, [1])],
        [helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0])])
    return _model(
        [helper.make_node("Squeeze", ["n"], ["n0"]), helper.make_node("Loop", ["n0", "t", "z"], ["y"], body=body)],
        [info("n", TensorProto.INT64, [1])], [info("y", TensorProto.FLOAT, [1])],
        [helper.make_tensor("t", TensorProto.BOOL, [], [True]), helper.make_tensor("z", TensorProto.FLOAT, [1], [0.0])])


def register(models):
    """Registers {name: model} and waits until version 1 of each is served."""
    registry = mlflow.MlflowClient()
    for name, model in models.items():
        with mlflow.start_run() as run:
            logged = mlflow.onnx.log_model(model, name="model", pip_requirements=["onnxruntime"])
        registry.create_registered_model(name)
        registry.create_model_version(name, logged.model_uri, run.info.run_id, model_id=logged.model_id)
    deadline = time.monotonic() + 90
    for name in models:
        while call("GET", f"/v2/models/{urllib.parse.quote(name)}/versions/1/ready")[0] != 200:
            if time.monotonic() > deadline:
                version = registry.get_model_version(name, "1")
                raise SystemExit(f"FAILED: {name} was not served in time: {version.status_message}")
            time.sleep(0.1)


def call(method, path, body=None, **headers):
    """One request; the status, the headers and the body of whatever answer comes."""
    fields = dict(authorization) | {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, (dict, list)):
        body = json.dumps(body).encode()
        fields.setdefault("Content-Type", "application/json")
    request = urllib.request.Request(url + path, body, fields, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()
