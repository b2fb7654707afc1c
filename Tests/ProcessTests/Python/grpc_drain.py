"""Has calls, streams and a watch open across the server's SIGTERM. usage: grpc_drain.py FILE, which is written when all are open."""

import queue
import sys
import time

import grpc
import numpy
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_models import ADDRESS, Checks, fail, loop, register
from tritonclient.grpc import service_pb2, service_pb2_grpc

check = Checks()
register({"loop": loop()})


def request(count):
    return service_pb2.ModelInferRequest(
        model_name="loop", model_version="1", inputs=[{"name": "n", "datatype": "INT64", "shape": [1]}], raw_input_contents=[numpy.int64(count).tobytes()]
    )


channel = grpc.insecure_channel(ADDRESS)
stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
start = time.monotonic()
stub.ModelInfer(request(200_000))
# A run of some two seconds on this machine.
count = int(200_000 * 2 / (time.monotonic() - start))
calls = [stub.ModelInfer.future(request(count)) for _ in range(2)]
watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
check(next(watch).status == health_pb2.HealthCheckResponse.SERVING, "not serving")
questions = queue.Queue()
questions.put(request(1))
stream = stub.ModelStreamInfer(iter(questions.get, None))
check(next(stream).infer_response.raw_output_contents[0] == numpy.float32(1).tobytes(), "the stream")
idle = grpc.insecure_channel(ADDRESS, options=[("grpc.use_local_subchannel_pool", 1)])
service_pb2_grpc.GRPCInferenceServiceStub(idle).ServerLive(service_pb2.ServerLiveRequest())
open(sys.argv[1], "w").close()
for call in calls:
    check(call.result().raw_output_contents[0] == numpy.float32(count).tobytes(), "a call that was begun")
said = []
try:
    for reply in watch:
        said.append(reply.status)
    fail("the watch ended well")
except grpc.RpcError as error:
    check(error.code() == grpc.StatusCode.UNAVAILABLE, error)
check(said == [health_pb2.HealthCheckResponse.NOT_SERVING], said)
try:
    next(stream)
    fail("the stream goes on")
except grpc.RpcError as error:
    check(error.code() == grpc.StatusCode.UNAVAILABLE and "stop" in error.details(), error)
questions.put(None)
print(f"{check.count} checks passed")
