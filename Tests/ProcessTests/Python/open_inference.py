"""The Open Inference Protocol over HTTP as Triton's official client speaks it: every datatype, raw, JSON and mixed, compression, classes,
metadata, repository, statistics. Outputs are compared with ONNX Runtime's. Exits 0 only if all is right."""

import time
import warnings

warnings.filterwarnings("ignore")


import numpy
import onnxruntime
import tritonclient.http as triton
from onnx import TensorProto

import inference_models as models
from counted_checks import check, refused, tell

client = triton.InferenceServerClient(models.url.removeprefix("http://"), network_timeout=60)


def ask(model, arrays, asked=None, raw_in=True, raw_out=True, version="1", **options):
    """`arrays` are {name: (datatype, array)}; `asked` are names of outputs, or none."""
    inputs = []
    for name, (datatype, array) in arrays.items():
        one = triton.InferInput(name, list(array.shape), datatype)
        one.set_data_from_numpy(array, binary_data=raw_in if isinstance(raw_in, bool) else raw_in[name])
        inputs.append(one)
    outputs = None
    if asked is not None:
        outputs = [
            name if isinstance(name, triton.InferRequestedOutput)
            else triton.InferRequestedOutput(name, binary_data=raw_out if isinstance(raw_out, bool) else raw_out[name])
            for name in asked
        ]
    # The client adds to the headers given, so each call has its own.
    return client.infer(
        model, inputs, outputs=outputs, model_version=version, headers=dict(models.authorization), **options)


models.register({
    "forest": models.forest, "zipped": models.zipped, "all types": models.identities(), "bf16": models.identity(TensorProto.BFLOAT16),
    "quotient": models.quotient(), "promise": models.promise(), "loop": models.loop(),
})

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(models.forest.SerializeToString(), options)
X = models.rows
expected = dict(zip(["label", "probabilities"], session.run(None, {"X": X})))


def right(answer, count, what, names=("label", "probabilities")):
    for name in names:
        got = answer.as_numpy(name)
        check(got is not None and got.shape == expected[name][:count].shape, f"{what}: the shape of {name}")
        check(got.dtype == expected[name].dtype, f"{what}: the type of {name}")
        check(numpy.abs(got - expected[name][:count]).max() <= 1e-6, f"{what}: {name}")


# MARK: the forest, every form in and out; small bodies and large ones go through the server by different ways

for count in (1, 3, 569):
    given = {"X": ("FP32", X[:count])}
    for raw_in in (True, False):
        for raw_out in (True, False):
            right(ask("forest", given, ["label", "probabilities"], raw_in, raw_out), count, f"{count} {raw_in} {raw_out}")
        right(ask("forest", given, None, raw_in), count, f"{count} rows, all outputs by default")
    mixed = ask("forest", given, ["label", "probabilities"], True, {"label": False, "probabilities": True}, request_id=f"r{count}")
    right(mixed, count, "one output raw, the other JSON")
    got = mixed.get_response()
    check(got["id"] == f"r{count}" and got["model_name"] == "forest" and got["model_version"] == "1", got)
    check("data" in got["outputs"][0] and "binary_data_size" not in got["outputs"][0].get("parameters", {}), "the label is JSON")
    check(got["outputs"][1]["parameters"]["binary_data_size"] == count * 8 and "data" not in got["outputs"][1], "its size")
    for algorithm in ("gzip", "deflate"):
        for raw in (True, False):
            right(
                ask("forest", given, ["label", "probabilities"], raw, raw, request_compression_algorithm=algorithm,
                    response_compression_algorithm=algorithm), count, f"{algorithm} {raw}")
right(ask("forest", {"X": ("FP32", X[:2])}, ["probabilities"]), 2, "one output", ["probabilities"])
check(ask("forest", {"X": ("FP32", X[:2])}, ["probabilities"]).as_numpy("label") is None, "an output that was not asked for")
ids = {ask("forest", {"X": ("FP32", X[:1])}).get_response()["parameters"]["prediction_id"] for _ in range(20)}
check(len(ids) == 20, "prediction ids repeat")
zipped = ask("zipped", {"X": ("FP32", X[:7])})
check(numpy.array_equal(zipped.as_numpy("output_label"), expected["label"][:7]), "ZipMap: labels")
check(zipped.as_numpy("output_probability").shape == (7, 2), "ZipMap: shape")
check(numpy.abs(zipped.as_numpy("output_probability") - expected["probabilities"][:7]).max() <= 1e-6, "ZipMap: numbers")

# MARK: every datatype, raw and JSON, its extremes and odd values bit for bit

values = {
    "BOOL": [True, False, True], "FP16": [1.5, -65504, 6e-8], "FP32": [1.5, -3.4028235e38, 1e-45],
    "FP64": [1.5, -1.7976931348623157e308, 5e-324], "BYTES": ["a", "", "Grüße 東 \"\\\n"],
}
arrays = {}
for datatype, _, kind in models.DATATYPES:
    if datatype in values:
        arrays[datatype.lower()] = (datatype, numpy.array(values[datatype], dtype=kind))
    else:
        arrays[datatype.lower()] = (datatype, numpy.array([numpy.iinfo(kind).min, 1, numpy.iinfo(kind).max], dtype=kind))


def same(answer, name, what):
    datatype, array = arrays[name]
    got = answer.as_numpy(f"{name}_out")
    if datatype == "BYTES":
        check([one.decode() if isinstance(one, bytes) else one for one in got] == list(array), f"{what}: {name}: {got}")
    else:
        check(got.dtype == array.dtype and got.tobytes() == array.tobytes(), f"{what}: {name}: {got}")


names = list(arrays)
raw_only = {"fp16"}
for raw_in in (True, False):
    for raw_out in (True, False):
        answer = ask(
            "all types", arrays, [f"{name}_out" for name in names], {n: raw_in or n in raw_only for n in names},
            {f"{n}_out": raw_out or n in raw_only for n in names})
        for name in names:
            same(answer, name, f"raw in {raw_in}, raw out {raw_out}")
turn = ask(
    "all types", arrays, [f"{name}_out" for name in names], {n: n in raw_only or i % 2 == 0 for i, n in enumerate(names)},
    {f"{n}_out": n in raw_only or i % 2 == 1 for i, n in enumerate(names)})
for name in names:
    same(turn, name, "in turn")
check([one["name"] for one in turn.get_response()["outputs"]] == [f"{n}_out" for n in names], "the model's order")
bits = arrays["bytes"][1].copy()
arrays["bytes"] = ("BYTES", numpy.array([b"\x00\xff", b"", b"\xfe" * 70_000], dtype=numpy.object_))
odd = ask("all types", arrays, ["bytes_out"])
check(list(odd.as_numpy("bytes_out")) == [b"\x00\xff", b"", b"\xfe" * 70_000], "bytes that are no text")
refused(501, "bytes_out", lambda: ask("all types", arrays, ["bytes_out"], raw_out=False))
arrays["bytes"] = ("BYTES", bits)
refused(400, "binary_data", lambda: ask("all types", arrays, ["fp16_out"], raw_out=False))
brain = numpy.array([[0x3FC0, 0xFF7F], [0x0001, 0x8000]], dtype=numpy.uint16)
given = triton.InferInput("x", [2, 2], "BF16")
given._raw_data = brain.tobytes()
given._parameters["binary_data_size"] = 8
answer = client.infer("bf16", [given], model_version="1", headers=dict(models.authorization))
check(answer._buffer[-8:] == brain.tobytes() if hasattr(answer, "_buffer") else True, "BF16")
check(answer.get_response()["outputs"][0]["datatype"] == "BF16", "BF16's name")
check(numpy.allclose(answer.as_numpy("y"), [[1.5, -3.3895314e38], [9.2e-41, 0]]), "BF16's numbers")

# MARK: what JSON cannot say

x = numpy.array([1, -1, 0], dtype=numpy.float32)
got = ask("quotient", {"x": ("FP32", x)}, ["y"]).as_numpy("y")
check(numpy.array_equal(got, numpy.array([numpy.inf, -numpy.inf, numpy.nan], numpy.float32), equal_nan=True), "raw infinities")
refused(501, "infinity", lambda: ask("quotient", {"x": ("FP32", x)}, ["y"], raw_out=False))
nan = ask("quotient", {"x": ("FP32", x[2:])}, ["y"], raw_out=False)
check(nan.get_response()["outputs"][0]["data"] == [None], "NaN is null in JSON")

# MARK: shapes that are declared and not kept

got = ask("promise", {"x": ("FP32", numpy.array([[1, 2], [3, 4], [5, 6]], numpy.float32))})
check(got.as_numpy("label").tolist() == [3, 7, 11], "a label that is declared [1]")

# MARK: classes

for raw in (True, False):
    top = ask(
        "forest", {"X": ("FP32", X[:3])}, [triton.InferRequestedOutput("probabilities", binary_data=raw, class_count=1)])
    got = top.as_numpy("probabilities")
    check(got.shape == (3, 1), f"classes have the shape {got.shape}")
    for row, text in enumerate(got[:, 0]):
        parts = (text.decode() if isinstance(text, bytes) else text).split(":")
        best = expected["probabilities"][row].argmax()
        check(int(parts[1]) == best and abs(float(parts[0]) - expected["probabilities"][row][best]) <= 1e-6, parts)
check(ask("forest", {"X": ("FP32", X[:3])}, [triton.InferRequestedOutput("probabilities", class_count=9)])
      .as_numpy("probabilities").shape == (3, 2), "no more classes than there are")

# MARK: a call's own deadline

refused(504, "timeout", lambda: ask("loop", {"n": ("INT64", numpy.array([10**9], numpy.int64))}, timeout=200_000))
start = time.monotonic()
refused(504, "timeout", lambda: ask("loop", {"n": ("INT64", numpy.array([10**9], numpy.int64))}, timeout=200_000))
check(time.monotonic() - start < 5, "the deadline was not kept")
check(ask("loop", {"n": ("INT64", numpy.array([3], numpy.int64))}, timeout=5_000_000).as_numpy("y").tolist() == [3], "in time")
check(ask("forest", {"X": ("FP32", X[:1])}, timeout=5_000_000, priority=1, sequence_id=7, parameters={"mine": "x"}) is not None,
      "parameters of other servers are ignored")

# MARK: health and metadata

headers = models.authorization
check(client.is_server_live() and client.is_server_ready(), "health needs no key")
server = client.get_server_metadata(headers=headers)
check(server["name"] == "martlet" and set(server["extensions"]) == {
    "binary_tensor_data", "classification", "model_configuration", "model_repository", "statistics"}, server)
check(client.is_model_ready("forest", "1", headers=headers), "ready")
check(not client.is_model_ready("forest", "2", headers=headers) and not client.is_model_ready("none", headers=headers), "not ready")
metadata = client.get_model_metadata("forest", "1", headers=headers)
check(metadata == {
    "name": "forest", "versions": ["1"], "platform": "onnx_onnxv1",
    "inputs": [{"name": "X", "datatype": "FP32", "shape": [-1, 30]}],
    "outputs": [{"name": "label", "datatype": "INT64", "shape": [-1]}, {"name": "probabilities", "datatype": "FP32", "shape": [-1, 2]}],
}, metadata)
config = client.get_model_config("forest", "1", headers=headers)
check(config["name"] == "forest" and config["max_batch_size"] > 0, config)
check(config["input"] == [{"name": "X", "data_type": "TYPE_FP32", "dims": [30]}], config)
check(client.get_model_config("promise", "1", headers=headers)["max_batch_size"] == 0, "not in rows")
refused(404, "none", lambda: client.get_model_metadata("none", "1", headers=headers))
refused(404, "none", lambda: client.get_model_config("none", "1", headers=headers))

# MARK: repository

index = {one["name"]: one for one in client.get_model_repository_index(headers=headers)}
check(index["forest"] == {"name": "forest", "version": "1", "state": "READY"}, index["forest"])
check(len(index) == 7, sorted(index))
client.load_model("forest", headers=headers)
refused(404, "none", lambda: client.load_model("none", headers=headers))
refused(501, "config", lambda: client.load_model("forest", headers=headers, config="{}"))
refused(400, "registered", lambda: client.unload_model("forest", headers=headers))
refused(404, "none", lambda: client.unload_model("none", headers=headers))
right(ask("forest", {"X": ("FP32", X[:1])}), 1, "after load and unload")

# MARK: statistics

before = client.get_inference_statistics("forest", "1", headers=headers)["model_stats"][0]
start = time.time_ns()
for count in (1, 5, 5):
    ask("forest", {"X": ("FP32", X[:count])})
elapsed = time.time_ns() - start
refused(400, "X", lambda: ask("forest", {"Y": ("FP32", X[:1])}))
after = client.get_inference_statistics("forest", "1", headers=headers)["model_stats"][0]
check(after["name"] == "forest" and after["version"] == "1", after)
check(after["inference_count"] - before["inference_count"] == 11, "rows")
check(after["execution_count"] - before["execution_count"] == 3, "runs")
for part in ("success", "queue", "compute_input", "compute_infer", "compute_output"):
    one, other = (side["inference_stats"][part] for side in (before, after))
    check(other["count"] - one["count"] == 3 and 0 <= other["ns"] - one["ns"] <= elapsed, part)
check(after["inference_stats"]["compute_infer"]["ns"] > before["inference_stats"]["compute_infer"]["ns"], "no time passed")
check(after["inference_stats"]["fail"]["count"] - before["inference_stats"]["fail"]["count"] == 1, "failures")
check(abs(after["last_inference"] / 1000 - time.time()) < 60, "last_inference")
sizes = {one["batch_size"]: one["compute_infer"]["count"] for one in after["batch_stats"]}
check(sizes[5] >= 2 and sizes[569] >= 1, sizes)
check({one["name"] for one in client.get_inference_statistics(headers=headers)["model_stats"]} == set(index), "all models")
refused(404, "none", lambda: client.get_inference_statistics("none", headers=headers))

# MARK: refusals, each a sentence in the protocol's own shape

refused(401, "API key", lambda: client.get_model_metadata("forest", "1"))
refused(404, "none", lambda: ask("none", {"X": ("FP32", X[:1])}))
refused(400, "X", lambda: ask("forest", {"X": ("FP32", X[:1, :29])}))
refused(400, "X", lambda: ask("forest", {"X": ("FP64", X[:1].astype(numpy.float64))}))
refused(400, "none", lambda: ask("forest", {"X": ("FP32", X[:1])}, ["none"]))
right(ask("forest", {"X": ("FP32", X[:1])}), 1, "after refusals")
client.close()
tell()
