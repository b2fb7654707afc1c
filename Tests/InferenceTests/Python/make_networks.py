"""Writes models into the folder given: a network of two inputs, without an ending to its name; a slow one; a forest."""

import sys

import numpy
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import RandomForestClassifier

folder = sys.argv[1]
random = numpy.random.default_rng(1)


def save(name, nodes, inputs, outputs, weights):
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info(n, t, s) for n, t, s in inputs],
        [helper.make_tensor_value_info(n, t, s) for n, t, s in outputs],
        [numpy_helper.from_array(w, n) for n, w in weights.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    with open(f"{folder}/{name}", "wb") as file:
        file.write(made.SerializeToString())


def matrix(*shape):
    return (random.normal(size=shape) / numpy.sqrt(shape[0])).astype(numpy.float32)


save(
    "network",
    [
        helper.make_node("MatMul", ["x", "w"], ["h"]),
        helper.make_node("Add", ["h", "shift"], ["s"]),
        helper.make_node("Relu", ["s"], ["r"]),
        helper.make_node("MatMul", ["r", "v"], ["z"]),
        helper.make_node("Softmax", ["z"], ["scores"], axis=1),
        helper.make_node("ArgMax", ["z"], ["label"], axis=1, keepdims=0),
    ],
    [("x", TensorProto.FLOAT, [None, 16]), ("shift", TensorProto.FLOAT, [None, 1])],
    [("label", TensorProto.INT64, [None]), ("scores", TensorProto.FLOAT, [None, 4])],
    {"w": matrix(16, 32), "v": matrix(32, 4)},
)
save(
    "wide",
    [helper.make_node("Add", ["x", "one"], ["y"])],
    [("x", TensorProto.INT64, [None, 1])],
    [("y", TensorProto.INT64, [None, 1])],
    {"one": numpy.array([[1]], numpy.int64)},
)
save(
    "slow",
    [helper.make_node("MatMul", [f"t{i}", "w"], [f"t{i + 1}"]) for i in range(200)],
    [("t0", TensorProto.FLOAT, [None, 1024])],
    [("t200", TensorProto.FLOAT, [None, 1024])],
    {"w": matrix(1024, 1024)},
)
X, y = random.normal(size=(100, 4)).astype(numpy.float32), random.integers(0, 2, 100)
forest = RandomForestClassifier(5, random_state=0).fit(X, y)
with open(f"{folder}/forest.onnx", "wb") as file:
    made = convert_sklearn(forest, initial_types=[("input", FloatTensorType([None, 4]))], options={"zipmap": False})
    file.write(made.SerializeToString())
