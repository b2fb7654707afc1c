"""A model for Triton's Python backend that answers by ONNX Runtime."""

import json
import os
import sys

# The backend's Python does not look at PYTHONPATH itself.
sys.path[:0] = os.environ["PYTHONPATH"].split(":")
import onnxruntime
import triton_python_backend_utils as triton


class TritonPythonModel:
    def initialize(self, arguments):
        self.source = json.loads(arguments["model_config"])["input"][0]["name"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        path = os.path.join(arguments["model_repository"], arguments["model_version"], "model.onnx")
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.names = [one.name for one in self.session.get_outputs()]

    def execute(self, requests):
        answers = []
        for request in requests:
            found = self.session.run(None, {self.source: triton.get_input_tensor_by_name(request, self.source).as_numpy()})
            answers.append(triton.InferenceResponse([triton.Tensor(name, value) for name, value in zip(self.names, found)]))
        return answers
