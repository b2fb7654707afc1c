"""A runtime for MLServer that answers by ONNX Runtime."""

import onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceResponse


class Runtime(MLModel):
    async def load(self):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(self.settings.parameters.uri, options, providers=["CPUExecutionProvider"])
        return True

    async def predict(self, payload):
        found = self.session.run(None, {one.name: NumpyCodec.decode_input(one) for one in payload.inputs})
        named = zip(self.session.get_outputs(), found)
        return InferenceResponse(model_name=self.name, outputs=[NumpyCodec.encode_output(one.name, value) for one, value in named])
