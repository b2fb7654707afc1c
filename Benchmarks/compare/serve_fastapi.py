"""FastAPI with ONNX Runtime, written by hand: plain, as its tutorial has it, or with orjson both ways and nothing validated (FASTAPI_JSON=orjson)."""

import os

import numpy
import onnxruntime
import orjson
from fastapi import FastAPI, HTTPException, Request, Response
from pydantic import BaseModel

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(os.environ["COMPARE_MODEL"], options, providers=["CPUExecutionProvider"])
source, outputs = session.get_inputs()[0].name, session.get_outputs()
TYPES = {"tensor(int64)": "INT64", "tensor(float)": "FP32"}
app = FastAPI()


class Tensor(BaseModel):
    name: str
    shape: list[int]
    datatype: str
    data: list[float]


class Inference(BaseModel):
    inputs: list[Tensor]


def run(name, data, shape):
    if name != source:
        raise HTTPException(400, "unknown input")
    return zip(outputs, session.run(None, {source: numpy.array(data, numpy.float32).reshape(shape)}))


def answer(name, found):
    return {"model_name": name, "outputs": [{"name": one.name, "datatype": TYPES[one.type], "shape": value.shape, "data": data} for one, value, data in found]}


@app.get("/v2/health/ready")
async def ready():
    return {"ready": True}


if os.environ.get("FASTAPI_JSON") == "orjson":

    @app.post("/v2/models/{name}/infer")
    async def infer(name: str, request: Request):
        tensor = orjson.loads(await request.body())["inputs"][0]
        found = ((one, value, value.ravel()) for one, value in run(tensor["name"], tensor["data"], tensor["shape"]))
        return Response(orjson.dumps(answer(name, found), option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json")

else:

    @app.post("/v2/models/{name}/infer")
    async def infer(name: str, inference: Inference):
        tensor = inference.inputs[0]
        return answer(name, ((one, value, value.ravel().tolist()) for one, value in run(tensor.name, tensor.data, tensor.shape)))
