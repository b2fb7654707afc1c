"""KServe's official client over the v1 and the v2 protocol, JSON and raw. Takes the URL and a key from the environment, and as arguments a
file of rows and one of the expected labels (numpy). Exits 0 only if all is right."""

import asyncio
import os
import sys

import httpx
import numpy
from kserve import InferenceRESTClient, InferInput, InferRequest
from kserve.inference_client import RESTConfig

from counted_checks import check, tell

rows, labels = numpy.load(sys.argv[1]), numpy.load(sys.argv[2])
url = os.environ["MARTLET_URL"]
headers = {"Authorization": f"Bearer {os.environ['MARTLET_KEY']}"}
# The client puts the name into the path as it is.
MODEL = "forest/versions/1"


async def v2():
    client = InferenceRESTClient(RESTConfig(protocol="v2"))
    check(await client.is_server_live(url) and await client.is_server_ready(url), "health")
    check(await client.is_model_ready(url, MODEL, headers), "ready")
    check(not await client.is_model_ready(url, "none", headers), "what is not there is ready")
    for raw in (True, False):
        given = InferInput("X", list(rows.shape), "FP32")
        given.set_data_from_numpy(rows, binary_data=raw)
        request = InferRequest(model_name="forest", infer_inputs=[given], request_id="k1")
        answer = await client.infer(url, request, MODEL, dict(headers))
        check(answer.id == "k1" and answer.model_name == "forest", answer.id)
        outputs = {output.name: output.as_numpy() for output in answer.outputs}
        check(numpy.array_equal(outputs["label"], labels), f"labels, raw {raw}")
        check(outputs["probabilities"].shape == (len(rows), 2), f"probabilities, raw {raw}")
    body = {"parameters": {"binary_data_output": True}, "inputs": [
        {"name": "X", "shape": list(rows.shape), "datatype": "FP32", "data": rows.ravel().tolist()}]}
    answer = await client.infer(url, body, MODEL, dict(headers))
    check(numpy.array_equal(answer.outputs[0].as_numpy(), labels), "a raw answer")
    try:
        await client.infer(url, {"inputs": []}, MODEL, dict(headers))
        raise SystemExit("FAILED: a request without inputs was answered")
    except httpx.HTTPStatusError as error:
        check(error.response.status_code == 400 and "X" in str(error), str(error))


async def v1():
    client = InferenceRESTClient(RESTConfig(protocol="v1"))
    check(await client.is_server_live(url), "live")
    check(await client.is_model_ready(url, MODEL, headers), "ready")
    answer = await client.infer(url, {"instances": rows.tolist()}, MODEL, dict(headers))
    check(answer == {"predictions": labels.tolist()}, answer)
    try:
        await client.explain(url, MODEL, {"instances": rows.tolist()}, dict(headers))
        raise SystemExit("FAILED: an explanation was given")
    except httpx.HTTPStatusError as error:
        check(error.response.status_code == 501, str(error))


asyncio.run(v2())
asyncio.run(v1())
tell()
