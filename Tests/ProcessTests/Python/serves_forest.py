"""Registers a forest and writes rows and the labels that ONNX Runtime gives them. Usage: serves_forest.py ROWS LABELS"""

import sys

import numpy
import onnxruntime

import inference_models as models

models.register({"forest": models.forest})
rows = models.rows[:9]
labels = onnxruntime.InferenceSession(models.forest.SerializeToString()).run(["label"], {"X": rows})[0]
numpy.save(sys.argv[1], rows)
numpy.save(sys.argv[2], labels)
