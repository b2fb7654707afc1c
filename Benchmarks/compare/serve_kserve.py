"""KServe's Python server with a model that answers by ONNX Runtime. Arguments: KServe's own, and --model-path."""

import argparse
import uuid

import onnxruntime
from kserve import InferOutput, InferResponse, Model, ModelServer, model_server

TYPES = {"tensor(int64)": "INT64", "tensor(float)": "FP32"}


class Runtime(Model):
    def __init__(self, name, path):
        super().__init__(name)
        self.path, self.session, self.ready = path, None, True

    def open(self):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(self.path, options, providers=["CPUExecutionProvider"])

    async def predict(self, payload, headers=None, response_headers=None):
        # KServe pickles its models for its workers, which a session does not bear.
        if self.session is None:
            self.open()
        found = self.session.run(None, {one.name: one.as_numpy() for one in payload.inputs})
        outputs = []
        for one, value in zip(self.session.get_outputs(), found):
            outputs.append(InferOutput(one.name, list(value.shape), TYPES[one.type]))
            outputs[-1].set_data_from_numpy(value, binary_data=payload.use_binary_outputs)
        return InferResponse(
            payload.id or str(uuid.uuid4()), self.name, outputs, use_binary_outputs=payload.use_binary_outputs, requested_outputs=payload.request_outputs
        )


if __name__ == "__main__":
    options = argparse.ArgumentParser(parents=[model_server.parser], conflict_handler="resolve")
    options.add_argument("--model-path", required=True)
    chosen, _ = options.parse_known_args()
    ModelServer(enable_latency_logging=False).start([Runtime(chosen.model_name, chosen.model_path)])
