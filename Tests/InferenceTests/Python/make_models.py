"""Makes small models and what Python's onnxruntime answers with them. Usage: make_models.py FOLDER"""

import json
import sys

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

folder = sys.argv[1]
rng = np.random.default_rng(5)
X = rng.normal(size=(400, 6)).astype(np.float32)
y = (X[:, 0] + X[:, 1] ** 2 > 0.5).astype(np.int64)
no_map = {"zipmap": False}


def save(name, model, feeds):
    with open(f"{folder}/{name}.onnx", "wb") as file:
        file.write(model.SerializeToString())
    session = ort.InferenceSession(model.SerializeToString())
    outputs = session.run(None, feeds)
    kinds = {"float32": "FP32", "float64": "FP64", "int64": "INT64", "object": "BYTES", "bool": "BOOL"}

    def tensor(name, array):
        return {
            "name": name,
            "datatype": kinds.get(str(array.dtype), "BYTES" if array.dtype.kind in "US" else str(array.dtype).upper()),
            "shape": list(array.shape),
            "data": array.flatten().tolist(),
        }

    case = {
        "inputs": [tensor(name, array) for name, array in feeds.items()],
        "outputs": [tensor(o.name, array) for o, array in zip(session.get_outputs(), outputs)],
    }
    with open(f"{folder}/{name}.json", "w") as file:
        json.dump(case, file)


forest = RandomForestClassifier(100, max_depth=8, random_state=0).fit(X, y)
save("forest", to_onnx(forest, X[:1], options={id(forest): no_map}, target_opset=17), {"X": X[:50]})

boosting = GradientBoostingRegressor(random_state=0).fit(X, X[:, 0] * 2 + X[:, 2])
save("boosting", to_onnx(boosting, X[:1], target_opset=17), {"X": X[:50]})

network = MLPClassifier((16, 8), random_state=0, max_iter=300).fit(X, y)
save("network", to_onnx(network, X[:1], options={id(network): no_map}, target_opset=17), {"X": X[:50]})


def graph(nodes, inputs, outputs, constants):
    made = helper.make_graph(nodes, "g", inputs, outputs, constants)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


value = helper.make_tensor_value_info
body = helper.make_graph(
    [helper.make_node("Identity", ["c"], ["co"]), helper.make_node("Add", ["a", "one"], ["ao"])],
    "body",
    [value("i", TensorProto.INT64, []), value("c", TensorProto.BOOL, []), value("a", TensorProto.FLOAT, [1])],
    [value("co", TensorProto.BOOL, []), value("ao", TensorProto.FLOAT, [1])],
    [helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0])],
)
loop = graph(
    [helper.make_node("Squeeze", ["n"], ["n0"]), helper.make_node("Loop", ["n0", "t", "z0"], ["y"], body=body)],
    [value("n", TensorProto.INT64, [1])],
    [value("y", TensorProto.FLOAT, [1])],
    [helper.make_tensor("t", TensorProto.BOOL, [], [True]), helper.make_tensor("z0", TensorProto.FLOAT, [1], [0.0])],
)
save("loop", loop, {"n": np.array([3], np.int64)})
reshape = graph(
    [helper.make_node("Reshape", ["x", "n"], ["y"])],
    [value("x", TensorProto.FLOAT, [None]), value("n", TensorProto.INT64, [1])],
    [value("y", TensorProto.FLOAT, [None])],
    [],
)
save("reshape", reshape, {"x": X[0, :2], "n": np.array([2], np.int64)})

import pandas as pd

frame = pd.DataFrame({"plant": rng.choice(["north", "süd", "東"], 400), "heat": X[:, 0], "load": X[:, 1]})
pipeline = Pipeline(
    [
        ("prepare", ColumnTransformer(
            [("c", OneHotEncoder(handle_unknown="ignore"), ["plant"]), ("n", StandardScaler(), ["heat", "load"])])),
        ("model", LogisticRegression()),
    ]
).fit(frame, np.where(y == 1, "fails", "runs"))
types = [("plant", StringTensorType([None, 1])), ("heat", FloatTensorType([None, 1])), ("load", FloatTensorType([None, 1]))]
onnx_pipeline = to_onnx(pipeline, initial_types=types, options={id(pipeline): no_map}, target_opset=17)
entry = onnx_pipeline.metadata_props.add()
entry.key, entry.value = "martlet.note", "Grüße"
save("pipeline", onnx_pipeline, {name: frame[[name]].to_numpy()[:50].astype(object if name == "plant" else np.float32)
                                 for name in frame})



def save_zipped(name, estimator, count):
    """A classifier with its ZipMap, and the answers of the same without."""
    save(name, to_onnx(estimator, X[:1], options={id(estimator): no_map}, target_opset=17), {"X": X[:count]})
    with open(f"{folder}/{name}.json") as file:
        case = json.load(file)
    case["outputs"][1]["name"] = "output_probability"
    with open(f"{folder}/{name}.json", "w") as file:
        json.dump(case, file)
    with open(f"{folder}/{name}.onnx", "wb") as file:
        file.write(to_onnx(estimator, X[:1], target_opset=17).SerializeToString())


save_zipped("zipmap", forest, 5)
named = RandomForestClassifier(5, random_state=0).fit(X, rng.choice(["zebra", "apple", "Mango"], 400))
save_zipped("zipmap_names", named, 5)

# A label's shape as LightGBM's converter declares it, which no answer of several rows has.
promise = helper.make_model(
    helper.make_graph(
        [helper.make_node("ReduceSum", ["x", "axis"], ["y"], keepdims=0)], "promise",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])],
        [helper.make_tensor("axis", TensorProto.INT64, [1], [1])]),
    opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
with open(f"{folder}/promise.onnx", "wb") as file:
    file.write(promise.SerializeToString())

# One identity for each element type.
pairs = [(TensorProto.FLOAT, np.float32), (TensorProto.DOUBLE, np.float64), (TensorProto.INT8, np.int8),
         (TensorProto.INT16, np.int16), (TensorProto.INT32, np.int32), (TensorProto.INT64, np.int64),
         (TensorProto.UINT8, np.uint8), (TensorProto.UINT16, np.uint16), (TensorProto.UINT32, np.uint32),
         (TensorProto.UINT64, np.uint64), (TensorProto.BOOL, np.bool_), (TensorProto.STRING, object)]
nodes, inputs, outputs, feeds = [], [], [], {}
for index, (element, kind) in enumerate(pairs):
    inputs.append(helper.make_tensor_value_info(f"i{index}", element, ["n"]))
    outputs.append(helper.make_tensor_value_info(f"o{index}", element, ["n"]))
    nodes.append(helper.make_node("Identity", [f"i{index}"], [f"o{index}"]))
    feeds[f"i{index}"] = np.array(["a", "", "ü\u0000b"], dtype=object) if kind is object else np.array([0, 1, 1]).astype(kind)
graph = helper.make_graph(nodes, "identity", inputs, outputs)
save("identity", helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), feeds)
