"""The official Triton client over gRPC against the server; exits 0 only if all is right. Takes a key in MARTLET_KEY."""

import base64
import queue
import time
import warnings

warnings.filterwarnings("ignore")

import grpc
import numpy
import onnxruntime
import requests
import tritonclient.grpc as triton
from google.protobuf import descriptor_pool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_models import ADDRESS, HEADERS, KEY, KINDS, URL, Checks, echo, fail, loop, register, rows
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from skl2onnx import to_onnx
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from tritonclient.grpc import model_config_pb2, service_pb2, service_pb2_grpc
from tritonclient.utils import InferenceServerException

check = Checks()
client = triton.InferenceServerClient(ADDRESS)
channel = grpc.insecure_channel(ADDRESS, options=[("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)])
stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
METADATA = tuple(HEADERS.items())


def refused(status, words, action):
    """The client must see this status, and a sentence with these words."""
    try:
        action()
    except InferenceServerException as error:
        check(error.status() == f"StatusCode.{status}", f"{error.status()} instead of {status}: {error.message()}")
        check(words in error.message(), f"{words!r} is not in: {error.message()}")
        return
    except grpc.RpcError as error:
        check(error.code().name == status, f"{error.code()} instead of {status}: {error.details()}")
        check(words in error.details(), f"{words!r} is not in: {error.details()}")
        return
    fail(f"{words!r} was not refused")


X, y = load_breast_cancer(return_X_y=True)
X = X.astype(numpy.float32)
estimator = RandomForestClassifier(20, random_state=0).fit(X, y)
forest = to_onnx(estimator, X[:1], options={id(estimator): {"zipmap": False}}, target_opset=17)
wide = rows(1024)
register({"forest": forest, "wide": wide, "loop": loop()} | {"echo-" + name: echo(kind) for name, kind, _ in KINDS})
name = forest.graph.input[0].name


def ask(rows, model="forest", version="1", names=("label", "probabilities"), input=None, datatype="FP32", **options):
    given = triton.InferInput(input or name, list(rows.shape), datatype)
    given.set_data_from_numpy(rows)
    asked = [triton.InferRequestedOutput(one) for one in names] or None
    options.setdefault("headers", HEADERS)
    return options.pop("client", client).infer(model, [given], outputs=asked, model_version=version, **options)


# health and metadata
check(client.is_server_live() and client.is_server_ready(), "health needs no key")
check(client.is_model_ready("forest", "1", headers=HEADERS), "the model is not ready")
refused("NOT_FOUND", "forest", lambda: client.is_model_ready("forest", "2", headers=HEADERS))
server = client.get_server_metadata(headers=HEADERS)
check(server.name == "martlet" and server.version, server)
metadata = client.get_model_metadata("forest", "1", headers=HEADERS)
check(metadata.name == "forest" and list(metadata.versions) == ["1"] and metadata.platform == "onnx_onnxv1", metadata)
check([(one.name, one.datatype, list(one.shape)) for one in metadata.inputs] == [(name, "FP32", [-1, 30])], metadata)
check([(one.name, one.datatype, list(one.shape)) for one in metadata.outputs] == [("label", "INT64", [-1]), ("probabilities", "FP32", [-1, 2])], metadata)
config = client.get_model_config("forest", "1", headers=HEADERS).config
check(config.max_batch_size > 0 and list(config.input[0].dims) == [30] and config.backend == "onnxruntime", config)
check(list(config.version_policy.specific.versions) == [1], config)
index = client.get_model_repository_index(headers=HEADERS)
check({(one.name, one.version, one.state) for one in index.models} >= {("forest", "1", "READY"), ("wide", "1", "READY")}, index)

# answers, bit for bit those of ONNX Runtime in Python
options = onnxruntime.SessionOptions()
# As the server runs it: with more threads the sums over the trees are rounded in another order.
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(forest.SerializeToString(), options)
for count in (1, 7, 569):
    labels, probabilities = session.run(None, {name: X[:count]})
    answer = ask(X[:count], request_id=f"r{count}")
    response = answer.get_response()
    check((response.id, response.model_name, response.model_version) == (f"r{count}", "forest", "1"), response)
    check(numpy.array_equal(answer.as_numpy("label"), labels), f"labels of {count} rows")
    check(answer.as_numpy("label").dtype == numpy.int64, "the labels' type")
    check(answer.as_numpy("probabilities").tobytes() == probabilities.tobytes(), f"probabilities of {count} rows")
    over_http = requests.post(f"{URL}/v2/models/forest/versions/1/infer", headers=HEADERS, json={"inputs": [{"name": name, "shape": [count, 30], "datatype": "FP32", "data": X[:count].ravel().tolist()}]}).json()
    check(over_http["outputs"][0]["data"] == labels.tolist(), "HTTP and gRPC differ")
check(ask(X[:2], names=()).as_numpy("probabilities").shape == (2, 2), "no outputs named are all outputs")
only = ask(X[:2], names=("label",)).get_response()
check([output.name for output in only.outputs] == ["label"] and len(only.raw_output_contents) == 1, only)
check(not ask(X[:1]).get_response().id, "an id that was not given")
ids = {ask(X[:1]).get_response().parameters["prediction_id"].string_param for _ in range(20)}
check(len(ids) == 20 and all(one.startswith("p1.") for one in ids), "prediction ids repeat")
check(ask(X[:1], parameters={"business_key": "order 7", "note": 1.5, "flag": True}).as_numpy("label").shape == (1,), "parameters")
basic = base64.b64encode(f"token:{KEY}".encode()).decode()
check(ask(X[:1], headers={"authorization": f"Basic {basic}"}).as_numpy("label").shape == (1,), "HTTP's Basic form of a key")

# classes, statistics and the repository
top = [triton.InferRequestedOutput("probabilities", class_count=2), triton.InferRequestedOutput("label")]
given = triton.InferInput(name, [2, 30], "FP32").set_data_from_numpy(X[:2])
classes = client.infer("forest", [given], outputs=top, model_version="1", headers=HEADERS).as_numpy("probabilities")
best = session.run(["probabilities"], {name: X[:2]})[0].argmax(axis=1)
check(classes.shape == (2, 2) and [int(row[0].decode().split(":")[1]) for row in classes] == best.tolist(), classes)
statistics = client.get_inference_statistics("forest", "1", headers=HEADERS).model_stats
check(len(statistics) == 1 and (statistics[0].name, statistics[0].version) == ("forest", "1"), statistics)
before, counted = statistics[0].inference_count, statistics[0].inference_stats
check(before >= 577 and counted.success.count == statistics[0].execution_count and counted.compute_infer.ns > 0, statistics)
check({batch.batch_size for batch in statistics[0].batch_stats} >= {1, 2, 7, 569}, statistics)
ask(X[:7])
check(client.get_inference_statistics("forest", headers=HEADERS).model_stats[0].inference_count == before + 7, "statistics of seven rows more")
check({one.name for one in client.get_inference_statistics(headers=HEADERS).model_stats} >= {"forest", "wide"}, "statistics of all models")
refused("NOT_FOUND", "nothing", lambda: client.get_inference_statistics("nothing", headers=HEADERS))
client.load_model("forest", headers=HEADERS)
refused("NOT_FOUND", "Register it first", lambda: client.load_model("nothing", headers=HEADERS))
refused("UNIMPLEMENTED", "config", lambda: client.load_model("forest", config="{}", headers=HEADERS))
refused("FAILED_PRECONDITION", "Delete a version", lambda: client.unload_model("forest", headers=HEADERS))
check(client.is_model_ready("forest", "1", headers=HEADERS), "the model was unloaded")
check("statistics" in server.extensions and "model_repository" in server.extensions, server)

# every datatype, raw and, where it has one, in its typed field
SAMPLES = {
    "BOOL": [True, False], "UINT8": [0, 255], "UINT16": [0, 65535], "UINT32": [0, 2**32 - 1], "UINT64": [0, 2**64 - 1], "INT8": [-128, 127],
    "INT16": [-32768, 32767], "INT32": [-(2**31), 2**31 - 1], "INT64": [-(2**63), 2**63 - 1],  "FP32": [float("nan"), float("-inf"), 1e-45], "FP64": [float("nan"), float("inf"), 5e-324], "BYTES": [b"", "ü\n".encode(), b"x" * 300],
}
FIELDS = {"BOOL": "bool", "UINT64": "uint64", "INT64": "int64", "FP32": "fp32", "FP64": "fp64", "BYTES": "bytes"} | {one: "int" for one in ("INT8", "INT16", "INT32")} | {one: "uint" for one in ("UINT8", "UINT16", "UINT32")}


def typed(datatype, shape, field, values, model=None, input="x"):
    request = service_pb2.ModelInferRequest(model_name=model or "echo-" + datatype, model_version="1")
    tensor = request.inputs.add(name=input, datatype=datatype, shape=shape)
    getattr(tensor.contents, field + "_contents").extend(values)
    return request


def infer(request, **options):
    return stub.ModelInfer(request, metadata=METADATA, **options)


for datatype, _, kind in KINDS:
    values = SAMPLES[datatype]
    array = numpy.array(values, dtype=kind)
    answer = ask(array, model="echo-" + datatype, names=("y",), input="x", datatype=datatype)
    got = answer.as_numpy("y")
    check(got.tolist() == values if datatype == "BYTES" else got.tobytes() == array.tobytes(), f"{datatype} raw: {got}")
    response = infer(typed(datatype, [len(values)], FIELDS[datatype], values))
    check(response.raw_output_contents[0] == answer.get_response().raw_output_contents[0], f"{datatype} typed")
refused("INVALID_ARGUMENT", "300", lambda: infer(typed("UINT8", [1], "uint", [300])))
refused("INVALID_ARGUMENT", "-129", lambda: infer(typed("INT8", [1], "int", [-129])))
refused("INVALID_ARGUMENT", "raw_input_contents", lambda: infer(typed("FP16", [1], "fp32", [1.0], model="echo-FP32")))
refused("INVALID_ARGUMENT", "fp32_contents", lambda: infer(typed("FP32", [1], "fp64", [1.0])))
refused("INVALID_ARGUMENT", "more elements", lambda: infer(typed("FP32", [1], "fp32", [1.0, 2.0])))
refused("INVALID_ARGUMENT", "2", lambda: infer(typed("FP32", [3], "fp32", [1.0, 2.0])))
refused("INVALID_ARGUMENT", "claims", lambda: infer(typed("FP32", [2**40, 30], "fp32", [1.0])))
both = typed("FP32", [1], "fp32", [1.0])
both.raw_input_contents.append(b"\0\0\0\0")
refused("INVALID_ARGUMENT", "one or the other", lambda: infer(both))
for shape, raw in (([1], b"\0" * 3), ([2], b"\0" * 4), ([2**40, 30], b"\0" * 8), ([2**32, 2**32], b""), ([-1], b"\0" * 4), ([0], b"")):
    request = service_pb2.ModelInferRequest(model_name="echo-FP32", model_version="1")
    request.inputs.add(name="x", datatype="FP32", shape=shape)
    request.raw_input_contents.append(raw)
    refused("INVALID_ARGUMENT", "\"x\"", lambda: infer(request))
request.raw_input_contents.append(b"")
refused("INVALID_ARGUMENT", "2 entries for 1 inputs", lambda: infer(request))

# large messages, both ways
for megabytes in (5, 10, 40):
    big = numpy.random.default_rng(0).random((megabytes * 256, 1024), dtype=numpy.float32)
    check(numpy.array_equal(ask(big, model="wide", names=("y",), input="x").as_numpy("y"), big + big), f"{megabytes} MiB")
refused("RESOURCE_EXHAUSTED", "67108864", lambda: ask(numpy.zeros((66 * 256, 1024), numpy.float32), model="wide", names=("y",), input="x"))

# errors, each with the sentence that HTTP gives
refused("UNAUTHENTICATED", "API key", lambda: client.get_model_metadata("forest", "1"))
refused("UNAUTHENTICATED", "unknown", lambda: client.get_model_metadata("forest", "1", headers={"authorization": "Bearer mk_wrong"}))
refused("UNAUTHENTICATED", "neither", lambda: ask(X[:1], headers={"authorization": "Digest x"}))
refused("NOT_FOUND", "nothing", lambda: client.get_model_metadata("nothing", "1", headers=HEADERS))
refused("NOT_FOUND", "forest", lambda: client.get_model_metadata("forest", "7", headers=HEADERS))
refused("NOT_FOUND", "numbers from 1 on", lambda: client.get_model_metadata("forest", "first", headers=HEADERS))
refused("NOT_FOUND", "nothing", lambda: ask(X[:1], model="nothing"))
refused("NOT_FOUND", "endpoint", lambda: ask(X[:1], version=""))
refused("INVALID_ARGUMENT", name, lambda: ask(X[:1], input="x"))
refused("INVALID_ARGUMENT", name, lambda: ask(X[:1, :29]))
refused("INVALID_ARGUMENT", name, lambda: ask(X[:1].astype(numpy.float64), datatype="FP64"))
refused("INVALID_ARGUMENT", "none", lambda: ask(X[:1], names=("none",)))
refused("INVALID_ARGUMENT", "business_key", lambda: ask(X[:1], parameters={"business_key": 7}))
refused("INVALID_ARGUMENT", "business_key", lambda: ask(X[:1], parameters={"business_key": "k" * 300}))
refused("UNIMPLEMENTED", "Compressed", lambda: ask(X[:1], compression_algorithm="gzip"))
refused("UNIMPLEMENTED", "SystemSharedMemoryStatus", lambda: client.get_system_shared_memory_status(headers=HEADERS))
for method, message in (("ModelInfer", b"\xff\xff\xff"), ("ModelInfer", b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), ("ModelMetadata", b"\x08\x01"), ("ModelMetadata", b"\x0a\x02\xff\xfe")):
    call = channel.unary_unary(f"/inference.GRPCInferenceService/{method}")
    refused("INVALID_ARGUMENT", "protocol", lambda: call(message, metadata=METADATA))
refused("UNIMPLEMENTED", "no method", lambda: channel.unary_unary("/inference.GRPCInferenceService/Nothing")(b"", metadata=METADATA))
refused("UNIMPLEMENTED", "no method", lambda: channel.unary_unary("/nothing")(b"", metadata=METADATA))

# a key that is confined to one model
admin = requests.Session()
admin.headers.update(HEADERS)
admin.post(f"{URL}/api/v1/principals", json={"name": "nan", "roles": ["contributor"]}).raise_for_status()
narrow = admin.post(f"{URL}/api/v1/keys", json={"principal": "nan", "only_model": "forest"}).json()
confined = {"authorization": f"Bearer {narrow['key']}"}
# The first call of a key asks the database, the second remembers.
for _ in range(2):
    check(ask(X[:1], headers=confined).as_numpy("label").shape == (1,), "its own model")
    check(client.get_model_metadata("forest", "1", headers=confined).name == "forest", "its own model's metadata")
    refused("PERMISSION_DENIED", "confined", lambda: ask(X[:1], model="wide", headers=confined))
    refused("PERMISSION_DENIED", "confined", lambda: client.get_model_metadata("wide", "1", headers=confined))
    refused("PERMISSION_DENIED", "confined", lambda: client.get_server_metadata(headers=confined))
    refused("PERMISSION_DENIED", "confined", lambda: client.get_model_repository_index(headers=confined))
    refused("PERMISSION_DENIED", "confined", lambda: client.get_inference_statistics(headers=confined))
    refused("PERMISSION_DENIED", "", lambda: client.load_model("forest", headers=confined))
    refused("PERMISSION_DENIED", "confined", lambda: list(stub.ModelStreamInfer(iter([typed("INT64", [1], "int64", [1])]), metadata=tuple(confined.items()))))

# deadlines: the caller's, of a model that goes on for ever; and those that have passed
start = time.monotonic()
endless = typed("INT64", [1], "int64", [2**40], model="loop", input="n")
refused("DEADLINE_EXCEEDED", "", lambda: infer(endless, timeout=1))
check(time.monotonic() - start < 4, "the deadline was not kept")
start = time.monotonic()
waits = typed("INT64", [1], "int64", [2**40], model="loop", input="n")
waits.parameters["timeout"].int64_param = 200_000
refused("DEADLINE_EXCEEDED", "200000", lambda: infer(waits))
check(time.monotonic() - start < 3, "the request's own timeout was not kept")
waits.parameters["timeout"].int64_param = -1
refused("INVALID_ARGUMENT", "timeout", lambda: infer(waits))
refused("DEADLINE_EXCEEDED", "", lambda: infer(endless, timeout=0))
check(infer(typed("INT64", [1], "int64", [3], model="loop", input="n"), timeout=20).raw_output_contents[0] == numpy.float32(3).tobytes(), "the loop")

# many at a time on one connection, each its own answer
futures = [stub.ModelInfer.future(typed("INT64", [1], "int64", [number]), metadata=METADATA) for number in range(600)]
check([numpy.frombuffer(one.result().raw_output_contents[0], numpy.int64)[0] for one in futures] == list(range(600)), "answers are mixed up")

# a stream: answers in order, a refusal among them that does not end it
answers = queue.Queue()
streaming = triton.InferenceServerClient(ADDRESS)
streaming.start_stream(lambda result, error: answers.put((result, error)), headers=HEADERS)
for number in range(200):
    given = triton.InferInput("x", [1], "INT64")
    given.set_data_from_numpy(numpy.array([number]))
    streaming.async_stream_infer("echo-INT64" if number != 100 else "nothing", [given], model_version="1", request_id=str(number))
for number in range(200):
    result, error = answers.get(timeout=20)
    if number == 100:
        check(result is None and "nothing" in error.message(), error)
    else:
        check(error is None and result.get_response().id == str(number) and result.as_numpy("y")[0] == number, f"{number}: {error}")
streaming.stop_stream()
streaming.close()
unknown = triton.InferenceServerClient(ADDRESS)
unknown.start_stream(lambda result, error: answers.put((result, error)))
try:
    unknown.async_stream_infer("echo-INT64", [given], model_version="1")
except InferenceServerException:
    # The stream has been refused already.
    pass
result, error = answers.get(timeout=20)
check(result is None and "API key" in error.message(), error)
unknown.close()
big = numpy.ones((1024, 1024), numpy.float32)
requests_of_stream = iter([service_pb2.ModelInferRequest(model_name="wide", model_version="1", inputs=[{"name": "x", "datatype": "FP32", "shape": big.shape}], raw_input_contents=[big.tobytes()]) for _ in range(8)])
replies = 0
for reply in stub.ModelStreamInfer(requests_of_stream, metadata=METADATA):
    # A reader that is slower than the server.
    time.sleep(0.05)
    replies += reply.infer_response.raw_output_contents[0] == (big + big).tobytes()
check(replies == 8, f"{replies} of 8 large answers")


# reflection, as grpcurl and its like use it: without a key, by descriptors that the server gives
pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
check({one.name for one in pool.FindServiceByName("inference.GRPCInferenceService").methods} >= {"ModelInfer", "ModelStreamInfer"}, "methods")
for one in ("ModelInferRequest", "ModelInferResponse", "ModelMetadataResponse", "InferTensorContents", "ModelConfig"):
    theirs = (service_pb2 if hasattr(service_pb2, one) else model_config_pb2).DESCRIPTOR.message_types_by_name[one].fields
    ours = pool.FindMessageTypeByName(f"inference.{one}").fields
    check({(field.name, field.number, field.type) for field in ours} <= {(field.name, field.number, field.type) for field in theirs}, f"another {one}")
Request, Response = reflection_pb2.ServerReflectionRequest, reflection_pb2.ServerReflectionResponse
for version in ("v1", "v1alpha"):
    method = f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"
    questions = [
        Request(host="h", list_services=""),
        Request(file_containing_symbol="inference.GRPCInferenceService.ModelInfer"),
        Request(file_by_filename="grpc/health/v1/health.proto"),
        Request(all_extension_numbers_of_type="inference.ModelInferRequest"),
        Request(file_containing_symbol="none.Such"),
        Request(file_by_filename="none"),
    ]
    replies = list(channel.stream_stream(method, Request.SerializeToString, Response.FromString)(iter(questions)))
    check([one.WhichOneof("message_response") for one in replies] == ["list_services_response"] + ["file_descriptor_response"] * 2 + ["all_extension_numbers_response"] + ["error_response"] * 2, replies)
    check(replies[0].valid_host == "h" and replies[0].original_request == questions[0], replies[0])
    services = {one.name for one in replies[0].list_services_response.service}
    check(services >= {"inference.GRPCInferenceService", "grpc.health.v1.Health", f"grpc.reflection.{version}.ServerReflection"}, services)
    check(replies[4].error_response.error_code == 5, replies[4])

# health
health = health_pb2_grpc.HealthStub(channel)
for service in ("", "inference.GRPCInferenceService"):
    check(health.Check(health_pb2.HealthCheckRequest(service=service)).status == health_pb2.HealthCheckResponse.SERVING, "not SERVING")
refused("NOT_FOUND", "none", lambda: health.Check(health_pb2.HealthCheckRequest(service="none")))
for service, status in (("", "SERVING"), ("none", "SERVICE_UNKNOWN")):
    watch = health.Watch(health_pb2.HealthCheckRequest(service=service))
    check(next(watch).status == health_pb2.HealthCheckResponse.ServingStatus.Value(status), f"the watch does not say {status}")
    watch.cancel()

# Calls given up, and connections lost, in the middle of things do no harm.
for number in range(300):
    stub.ModelInfer.future(typed("INT64", [1], "int64", [number]), metadata=METADATA).cancel()
for _ in range(20):
    lost = grpc.insecure_channel(ADDRESS, options=[("grpc.use_local_subchannel_pool", 1)])
    service_pb2_grpc.GRPCInferenceServiceStub(lost).ModelInfer.future(endless, metadata=METADATA)
    time.sleep(0.01)
    lost.close()
check(ask(X[:1]).as_numpy("label").shape == (1,), "it does not answer after all that")
client.close()
print(f"{check.count} checks passed")
