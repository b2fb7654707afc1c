"""Logs and registers models to be optimised, each with labelled reference rows: a forest, a boosted regression, a dense network of
scikit-learn's, and a dense and a convolutional one that are logged as ONNX. Prints their names, one a line.
"""

import os
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")

import mlflow
import numpy
from mlflow.models import infer_signature
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.neural_network import MLPClassifier


def started(name, frame, labels):
    """A run with the rows as its reference."""
    run = mlflow.start_run(run_name=name)
    mlflow.log_param("dataset", name)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "reference.csv")
        frame.assign(label=labels).to_csv(path, index=False)
        mlflow.log_artifact(path)
    return run


def log(name, model, frame, labels):
    with started(name, frame, labels):
        mlflow.sklearn.log_model(
            model, name="model", input_example=frame.head(5), registered_model_name=name, serialization_format="cloudpickle"
        )
    print(name, flush=True)


def dense(network):
    """The same arithmetic as PyTorch would write it: Gemm, Relu, Gemm, Softmax over one float input."""
    weights = [w.astype(numpy.float32) for pair in zip(network.coefs_, network.intercepts_) for w in pair]
    nodes = [
        helper.make_node("Gemm", ["pixels", "w1", "b1"], ["h"]),
        helper.make_node("Relu", ["h"], ["r"]),
        helper.make_node("Gemm", ["r", "w2", "b2"], ["z"]),
    ]
    return classifier(nodes, dict(zip(["w1", "b1", "w2", "b2"], weights)))


def convolutional():
    """Filters over pictures of eight by eight pixels, then one dense layer. Not trained: what it answers is no matter here."""
    random = numpy.random.default_rng(0)
    weights = {"shape": numpy.array([-1, 1, 8, 8])}
    for name, shape in {"filters": (64, 1, 3, 3), "bias": (64,), "more": (64, 64, 3, 3), "w": (64, 10), "b": (10,)}.items():
        weights[name] = random.normal(scale=0.2, size=shape).astype(numpy.float32)
    nodes = [
        helper.make_node("Reshape", ["pixels", "shape"], ["picture"]),
        helper.make_node("Conv", ["picture", "filters", "bias"], ["c"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("Conv", ["r", "more"], ["d"], pads=[1, 1, 1, 1]),
        helper.make_node("GlobalAveragePool", ["d"], ["g"]),
        helper.make_node("Flatten", ["g"], ["f"]),
        helper.make_node("Gemm", ["f", "w", "b"], ["z"]),
    ]
    return classifier(nodes, weights)


def classifier(nodes, weights):
    graph = helper.make_graph(
        nodes + [helper.make_node("Softmax", ["z"], ["probabilities"], axis=1)],
        "digits",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, [None, 64])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, 10])],
        [numpy_helper.from_array(w, n) for n, w in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def main(kinds):
    mlflow.set_experiment("optimising")
    if "forest" in kinds:
        X, y = load_breast_cancer(return_X_y=True, as_frame=True)
        log("forest", RandomForestClassifier(40, random_state=0).fit(X, y), X, y)
    if "boosting" in kinds:
        X, y = load_diabetes(return_X_y=True, as_frame=True)
        log("boosting", GradientBoostingRegressor(random_state=0).fit(X, y), X, y)
    X, y = load_digits(return_X_y=True, as_frame=True)
    if "network" in kinds:
        log("network", MLPClassifier((256,), max_iter=30, random_state=0).fit(X, y), X, y)
    networks = {
        "dense": lambda: dense(MLPClassifier((256,), max_iter=30, random_state=0).fit(X, y)),
        "convolutional": convolutional,
    }
    for name in [name for name in networks if name in kinds]:
        with started(name, X, y):
            signature = infer_signature(X.to_numpy(numpy.float32)[:5])
            mlflow.onnx.log_model(networks[name](), name="model", registered_model_name=name, signature=signature)
        print(name, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
