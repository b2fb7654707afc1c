"""The peer: the same ONNX file behind FastAPI and ONNX Runtime, as one writes it by hand, with uvicorn's fast parts.

One worker process a core, ONNX Runtime on one thread each, the model's run on the event loop: what gave the most requests a second.
No authentication, no prediction id, no monitoring, no record.
"""

import os

import numpy
import onnxruntime
import orjson
from fastapi import FastAPI, HTTPException, Response
from pydantic import BaseModel

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(os.environ["PEER_MODEL"], options, providers=["CPUExecutionProvider"])
expected = session.get_inputs()[0]
outputs = session.get_outputs()
TYPES = {"tensor(int64)": "INT64", "tensor(float)": "FP32"}


class Tensor(BaseModel):
    name: str
    shape: list[int]
    datatype: str
    data: list[float]


class Inference(BaseModel):
    inputs: list[Tensor]


app = FastAPI()


@app.get("/v2/health/ready")
async def ready():
    return {"ready": True}


@app.post("/v2/models/forest/infer")
async def infer(request: Inference):
    tensor = request.inputs[0]
    if tensor.name != expected.name or tensor.datatype != "FP32":
        raise HTTPException(400, "unknown input")
    answer = session.run(None, {expected.name: numpy.array(tensor.data, numpy.float32).reshape(tensor.shape)})
    body = {
        "model_name": "forest",
        "model_version": "1",
        "outputs": [
            {"name": spec.name, "datatype": TYPES[spec.type], "shape": list(value.shape), "data": value.ravel().tolist()}
            for spec, value in zip(outputs, answer)
        ],
    }
    return Response(orjson.dumps(body), media_type="application/json")
