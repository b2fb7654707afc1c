"""Makes the model repository that the tests serve without a registry, and knows what is in it.

As a program: makes it in the folder that it is given, and beside it one model alone, as KServe lays it down.
"""

import os
import sys

import numpy
from onnx import TensorProto, helper
from skl2onnx import to_onnx
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier

rows, classes = load_breast_cancer(return_X_y=True)
rows = rows.astype(numpy.float32)


def forest(trees):
    estimator = RandomForestClassifier(trees, random_state=0).fit(rows, classes)
    return to_onnx(estimator, rows[:1], options={id(estimator): {"zipmap": False}}, target_opset=17)


def times(factor, element=TensorProto.FLOAT, shape=("n", 2)):
    """Answers with so many times what it is given."""
    value = helper.make_tensor_value_info
    kind = helper.tensor_dtype_to_np_dtype(element)
    graph = helper.make_graph(
        [helper.make_node("Mul", ["x", "factor"], ["y"])], "g", [value("x", element, list(shape))],
        [value("y", element, list(shape))],
        [helper.make_tensor("factor", element, [1], numpy.array([factor], kind).tolist())])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def heavy(megabytes):
    """Multiplies 1,024 numbers with a matrix of so much memory."""
    value = helper.make_tensor_value_info
    weights = numpy.random.default_rng(0).random((1024, megabytes << 8), numpy.float32)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])], "g", [value("x", TensorProto.FLOAT, ["n", 1024])],
        [value("y", TensorProto.FLOAT, ["n", weights.shape[1]])],
        [helper.make_tensor("w", TensorProto.FLOAT, weights.shape, weights.tobytes(), raw=True)])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def write(folder, path, contents):
    """Writes a file as a whole: whoever looks sees the old one or the new one."""
    whole = os.path.join(folder, path)
    os.makedirs(os.path.dirname(whole), exist_ok=True)
    with open(whole + ".part", "wb") as file:
        file.write(contents if isinstance(contents, bytes) else contents.encode())
    os.replace(whole + ".part", whole)


def make(folder):
    small, large = forest(5).SerializeToString(), forest(20).SerializeToString()
    write(folder, "forest/1/model.onnx", small)
    write(folder, "forest/2/model.onnx", large)
    write(folder, "both/1/model.onnx", times(2).SerializeToString())
    write(folder, "both/2/model.onnx", times(3).SerializeToString())
    write(folder, "both/config.pbtxt", 'name: "both"\nversion_policy: { all { } }\n')
    write(folder, "batched/1/model.onnx", times(2, shape=("n",)).SerializeToString())
    write(folder, "batched/config.pbtxt", """\
backend: "onnxruntime"
max_batch_size: 4
input [ { name: "x", data_type: TYPE_FP32, dims: [ 1 ], reshape: { shape: [ ] } } ]
output [ { name: "y", data_type: TYPE_FP32, dims: [ 1 ], reshape: { shape: [ ] } } ]
dynamic_batching { preferred_batch_size: [ 2, 4 ], max_queue_delay_microseconds: 100 }
instance_group [ { count: 2, kind: KIND_CPU } ]
optimization { graph { level: 1 } }
""")
    write(folder, "corrupt/1/model.onnx", small[: len(small) // 2])
    write(folder, "misspelt/1/model.onnx", small)
    write(folder, "misspelt/config.pbtxt", 'name: "misspelt"\nmax_batch_size 8\n')
    write(folder, "engine/1/model.plan", b"none of ours")
    write(folder, "engine/config.pbtxt", 'platform: "tensorrt_plan"\n')
    write(folder, "../alone/model.onnx", small)


if __name__ == "__main__":
    make(sys.argv[1])
