"""KServe's own client over gRPC against the server; exits 0 only if all is right.

It brings the protocol's messages under the names that Triton's client uses, so the two cannot be in one process; and it needs an older
protobuf, so it has an environment of its own. The endpoint "wide" has its champion already, which gives twice what it is given.
"""

import asyncio
import os

import grpc
import numpy
from kserve import InferenceGRPCClient, InferInput, InferRequest

ADDRESS = os.environ["MARTLET_GRPC"]
METADATA = (("authorization", "Bearer " + os.environ["MARTLET_KEY"]),)
rows = numpy.arange(2048, dtype=numpy.float32).reshape(2, 1024)
checks = 0


def check(condition, what):
    global checks
    checks += 1
    if not condition:
        raise SystemExit(f"FAILED: {what}")


async def main():
    client = InferenceGRPCClient(ADDRESS)
    check(await client.is_server_live(headers=METADATA), "not live")
    check(await client.is_server_ready(headers=METADATA), "not ready")
    # Its own request: raw, and typed.
    for is_binary in (True, False):
        given = InferInput("x", [2, 1024], "FP32")
        given.set_data_from_numpy(rows, binary_data=is_binary)
        request = InferRequest("wide", [given], request_id="7", parameters={"business_key": "order 7"})
        reply = await client.infer(infer_request=request, headers=METADATA)
        check(numpy.array_equal(reply.outputs[0].as_numpy(), rows + rows), f"binary {is_binary}: {reply}")
        check(reply.id == "7" and reply.model_version == "1", reply)
    check(await client.is_model_ready("wide", headers=METADATA), "the endpoint is not ready")
    try:
        await client.infer(infer_request=InferRequest("nothing", [given]), headers=METADATA)
        raise SystemExit("FAILED: an unknown model was not refused")
    except grpc.RpcError as error:
        check(error.code() == grpc.StatusCode.NOT_FOUND and "nothing" in error.details(), error)
    await client.close()


asyncio.run(main())
print(f"{checks} checks passed")
