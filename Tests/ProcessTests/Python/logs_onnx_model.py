"""Logs a small ONNX model, y = 2x, with MLflow's client and registers it under the name given."""

import sys

import mlflow
from onnx import TensorProto, helper

graph = helper.make_graph(
    [helper.make_node("Mul", ["x", "k"], ["y"])],
    "g",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 1])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 1])],
    [helper.make_tensor("k", TensorProto.FLOAT, [1], [2.0])],
)
made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
mlflow.set_experiment("doubling")
with mlflow.start_run():
    mlflow.onnx.log_model(made, name="model", registered_model_name=sys.argv[1])
