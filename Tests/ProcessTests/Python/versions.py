"""Prints the versions of the clients that the process tests use."""

import importlib.metadata

for package in ("mlflow", "tritonclient", "scikit-learn", "skl2onnx", "onnxruntime"):
    print(package, importlib.metadata.version(package))
