"""KServe's official client, REST (v1, v2) and gRPC, with a server of one model as KServe lays it down; exits 0 only if all is right.

The model "wine" lies in the server's folder as model.onnx and nothing else. Takes the addresses and a viewer's key.
"""

import asyncio
import os

import httpx
import numpy
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest
from kserve.inference_client import RESTConfig

from counted_checks import check, tell

url = os.environ["MARTLET_URL"]
key = "Bearer " + os.environ["MARTLET_KEY"]
rows = numpy.zeros((3, 30), numpy.float32)


def request():
    given = InferInput("X", list(rows.shape), "FP32")
    given.set_data_from_numpy(rows, binary_data=True)
    return InferRequest(model_name="wine", infer_inputs=[given], request_id="k1")


async def rest():
    client = InferenceRESTClient(RESTConfig(protocol="v2"))
    check(await client.is_server_live(url) and await client.is_server_ready(url), "health")
    check(await client.is_model_ready(url, "wine", {"Authorization": key}), "ready")
    check(not await client.is_model_ready(url, "none", {"Authorization": key}), "what is not there is ready")
    answer = await client.infer(url, request(), "wine", {"Authorization": key})
    check(answer.id == "k1" and answer.model_name == "wine", answer)
    labels = {output.name: output.as_numpy() for output in answer.outputs}["label"]
    check(labels.shape == (3,), labels)
    client = InferenceRESTClient(RESTConfig(protocol="v1"))
    answer = await client.infer(url, {"instances": rows.tolist()}, "wine", {"Authorization": key})
    check(answer == {"predictions": labels.tolist()}, answer)
    async with httpx.AsyncClient() as plain:
        # A viewer's key predicts and does not unload.
        reply = await plain.post(f"{url}/v2/repository/models/wine/unload", headers={"Authorization": key})
        check(reply.status_code == 403 and "operator" in reply.text, reply.text)
        reply = await plain.get(f"{url}/v2/models", headers={"Authorization": key})
        check(reply.json() == {"models": ["wine"]}, reply.text)
    return labels


async def grpc(labels):
    client = InferenceGRPCClient(os.environ["MARTLET_GRPC"])
    metadata = (("authorization", key),)
    check(await client.is_server_ready(headers=metadata), "not ready")
    check(await client.is_model_ready("wine", headers=metadata), "the model is not ready")
    answer = await client.infer(infer_request=request(), headers=metadata)
    outputs = {output.name: output.as_numpy() for output in answer.outputs}
    check(numpy.array_equal(outputs["label"], labels), outputs)
    await client.close()


async def main():
    await grpc(await rest())


asyncio.run(main())
tell()
