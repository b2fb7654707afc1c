"""The Open Inference Protocol and the v1 protocol byte by byte: what official clients do not send, and what has broken other servers.
Each request goes as it is and, where its size allows, by the way for odd HTTP (chunked). Exits 0 only if all is right."""

import gzip
import http.client
import json
import struct
import time
import urllib.parse
import zlib

import numpy
import onnxruntime
from onnx import TensorProto

import inference_models as models

checks, failures = 0, []
host = models.url.removeprefix("http://")
PATH = "/v2/models/forest/versions/1/infer"
LENGTH = "Inference-Header-Content-Length"


def check(condition, what):
    global checks
    checks += 1
    if not condition:
        failures.append(f"FAILED: {what}")
        print(failures[-1])


def send(body, path=PATH, chunked=False, method="POST", **headers):
    """Status, headers and body of the answer."""
    connection = http.client.HTTPConnection(host, timeout=60)
    fields = dict(models.authorization) | {"Content-Type": "application/json"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    if chunked:
        connection.request(method, path, iter([body[:7], body[7:]] if len(body) > 7 else [body]), fields, encode_chunked=True)
    else:
        connection.request(method, path, body, fields)
    answer = connection.getresponse()
    got = answer.status, answer.headers, answer.read()
    connection.close()
    return got


def refused(status, words, body, path=PATH, **headers):
    """The same refusal, in the protocol's shape, by every way in."""
    for chunked in (False, True):
        got, fields, text = send(body, path, chunked=chunked, **headers)
        check(got == status, f"{got} instead of {status} for {body[:80]!r} {headers}: {text[:200]!r}")
        check(fields["Content-Type"] == "application/json", fields["Content-Type"])
        error = json.loads(text)
        check(list(error) == ["error"] and words in error["error"], f"{words!r} is not in {error}")


def accepted(body, path=PATH, **headers):
    answers = [send(body, path, chunked=chunked, **headers) for chunked in (False, True)]
    for status, _, text in answers:
        check(status == 200, f"{status} for {body[:80]!r} {headers}: {text[:300]!r}")
    return answers


models.register({
    "forest": models.forest, "zip ped%": models.zipped, "int8": models.identity(TensorProto.UINT8, ["n"]),
    "text": models.identity(TensorProto.STRING, ["n", 1]), "two": models.identities(),
})
X = models.rows
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
labels, probabilities = onnxruntime.InferenceSession(models.forest.SerializeToString(), options).run(None, {"X": X})


def asked(rows, outputs=None, parameters=None, **members):
    body = {"inputs": [{"name": "X", "shape": list(rows.shape), "datatype": "FP32", "parameters": {"binary_data_size": rows.nbytes}}]}
    if outputs is not None:
        body["outputs"] = outputs
    if parameters is not None:
        body["parameters"] = parameters
    return json.dumps(body | members).encode()


def parts(fields, body):
    """The JSON of an answer, and its raw outputs by name."""
    if fields[LENGTH] is None:
        check(fields["Content-Type"] == "application/json", fields["Content-Type"])
        return json.loads(body), {}
    check(fields["Content-Type"] == "application/octet-stream", fields["Content-Type"])
    count = int(fields[LENGTH])
    answer, place, raw = json.loads(body[:count]), count, {}
    for output in answer["outputs"]:
        if size := output.get("parameters", {}).get("binary_data_size"):
            raw[output["name"]] = body[place:place + size]
            place += size
    check(place == len(body), "bytes after the last output")
    return answer, raw


# MARK: raw tensors at any place of the body

for rows in (X[:1], X[:300]):
    for blanks in range(5):
        head = asked(rows) + b" " * blanks
        for _, fields, body in accepted(head + rows.tobytes(), **{LENGTH: str(len(head))}):
            answer, raw = parts(fields, body)
            check(not raw and answer["outputs"][0]["data"] == labels[:len(rows)].tolist(), "labels in JSON")
            check(numpy.abs(numpy.array(answer["outputs"][1]["data"], numpy.float32) - probabilities[:len(rows)].ravel()).max() <= 1e-6, "numbers")

# what is said of one output comes before what is said of all
one = X[:1]
for outputs, parameters, expected in [
    (None, {"binary_data_output": True}, {"label", "probabilities"}),
    (None, {"binary_data_output": False}, set()),
    ([{"name": "label"}, {"name": "probabilities"}], {"binary_data_output": True}, {"label", "probabilities"}),
    ([{"name": "label", "parameters": {"binary_data": False}}, {"name": "probabilities"}], {"binary_data_output": True}, {"probabilities"}),
    ([{"name": "probabilities", "parameters": {"binary_data": True}}, {"name": "label"}], None, {"probabilities"}),
    ([{"name": "probabilities", "parameters": {"binary_data": True}}], {"binary_data_output": False}, {"probabilities"}),
    ([], {"binary_data_output": True}, {"label", "probabilities"}),
]:
    head = asked(one, outputs, parameters, id="i")
    for _, fields, body in accepted(head + one.tobytes(), **{LENGTH: str(len(head))}):
        answer, raw = parts(fields, body)
        check(set(raw) == expected and answer["id"] == "i", f"{outputs} {parameters}: {set(raw)}")
        for name, bytes_ in raw.items():
            check(bytes_ == {"label": labels, "probabilities": probabilities}[name][:1].tobytes(), name)

# JSON in, raw out, without the header
body = json.dumps({"parameters": {"binary_data_output": True}, "inputs": [
    {"name": "X", "shape": [1, 30], "datatype": "FP32", "data": one.tolist()}]}).encode()
for _, fields, answer in accepted(body):
    check(parts(fields, answer)[1]["probabilities"] == probabilities[:1].tobytes(), "JSON in, raw out")
for _, fields, answer in accepted(body, **{LENGTH: str(len(body))}):
    check(parts(fields, answer)[1]["label"] == labels[:1].tobytes(), "a header that says that all is JSON")

# MARK: sizes that do not fit

head, raw = asked(one), one.tobytes()
for length, data, words in [
    (len(head), head + raw[:-1], "119 bytes are left"), (len(head), head + raw + b"x", "1 bytes after"),
    (len(head) + 1, head + raw, "119 bytes are left"), (len(head) - 1, head + raw, "JSON"), (10**9, head + raw, LENGTH),
    (len(head), head, "0 bytes are left"),
]:
    refused(400, words, data, **{LENGTH: str(length)})
for length in ("-1", "x", "1.5", "", "+5", "99999999999999999999"):
    refused(400, LENGTH, head + raw, **{LENGTH: length})
refused(400, LENGTH, head + raw[:0])
wrong = json.dumps({"inputs": [{"name": "X", "shape": [1, 30], "datatype": "FP32", "parameters": {"binary_data_size": 116}}]}).encode()
refused(400, '"X"', wrong + raw[:116], **{LENGTH: str(len(wrong))})
huge = json.dumps({"inputs": [{"name": "X", "shape": [1 << 40, 30], "datatype": "FP32", "parameters": {"binary_data_size": 120}}]}).encode()
refused(400, '"X"', huge + raw, **{LENGTH: str(len(huge))})
both = json.dumps({"inputs": [{"name": "X", "shape": [1], "datatype": "FP32", "data": [1], "parameters": {"binary_data_size": 4}}]}).encode()
refused(400, '"X"', both + raw[:4], **{LENGTH: str(len(both))})

# MARK: BYTES, framed


def text(elements, shape, framed=None):
    raw = framed if framed is not None else b"".join(struct.pack("<I", len(e)) + e for e in elements)
    head = json.dumps({"parameters": {"binary_data_output": True}, "inputs": [
        {"name": "x", "shape": shape, "datatype": "BYTES", "parameters": {"binary_data_size": len(raw)}}]}).encode()
    return head + raw, {LENGTH: str(len(head))}


body, headers = text([b"", b"a", b"\xff\x00"], [3, 1])
for _, fields, answer in accepted(body, "/v2/models/text/versions/1/infer", **headers):
    check(parts(fields, answer)[1]["y"] == struct.pack("<I", 0) + struct.pack("<I", 1) + b"a" + struct.pack("<I", 2) + b"\xff\x00", "BYTES")
for framed in (b"\x01\0\0", b"\x02\0\0\0a", b"\xff\xff\xff\xff", b"\x01\0\0\0ab", b"\x01\0\0\0a\x01\0\0\0b"):
    body, headers = text([], [1, 1], framed)
    refused(400, '"x"', body, "/v2/models/text/versions/1/infer", **headers)

# MARK: a body that is the tensor

for rows in (X[:1], X[:4]):
    for _, fields, answer in accepted(rows.tobytes(), Content_Type="application/octet-stream", **{LENGTH: "0"}):
        answer, raw = parts(fields, answer)
        check(set(raw) == {"label", "probabilities"} and raw["label"] == labels[:len(rows)].tobytes(), "the whole body raw")
for _, fields, answer in accepted(b"hello", "/v2/models/text/versions/1/infer", **{LENGTH: "0"}):
    check(parts(fields, answer)[1]["y"] == b"\x05\0\0\0hello", "one string is the body")
refused(400, '"X"', one.tobytes()[:-1], **{LENGTH: "0"})
refused(400, '"X"', b"", **{LENGTH: "0"})
refused(400, "one input", b"1234", "/v2/models/two/versions/1/infer", **{LENGTH: "0"})
refused(400, "JSON", b"")

# MARK: compression

body = json.dumps({"inputs": [{"name": "X", "shape": [300, 30], "datatype": "FP32", "data": X[:300].ravel().tolist()}]}).encode()
for packed, coding in [(gzip.compress(body), "gzip"), (zlib.compress(body), "deflate"), (zlib.compress(body)[2:-4], "deflate"), (gzip.compress(body), "X-Gzip")]:
    for asks, unpack in [(None, bytes), ("gzip", gzip.decompress), ("deflate", zlib.decompress), ("identity, br", bytes), ("gzip;q=0", bytes)]:
        extra = {"Accept-Encoding": asks} if asks else {"Accept-Encoding": "identity"}
        for _, fields, answer in accepted(packed, Content_Encoding=coding, **extra):
            check((fields["Content-Encoding"] or "") == (asks if unpack is not bytes else ""), f"{asks}: {fields['Content-Encoding']}")
            check(json.loads(unpack(answer))["outputs"][0]["data"] == labels[:300].tolist(), f"{coding} {asks}")
head = asked(X[:300], parameters={"binary_data_output": True})
packed = gzip.compress(head + X[:300].tobytes())
for _, fields, answer in accepted(packed, Content_Encoding="gzip", Accept_Encoding="gzip", **{LENGTH: str(len(head))}):
    check(fields["Content-Encoding"] == "gzip", "a raw answer compressed")
    unpacked = gzip.decompress(answer)
    check(unpacked[int(fields[LENGTH]):][:8 * 300] == labels[:300].tobytes(), "its length is that of the JSON before it was compressed")
refused(400, "gzip", body, Content_Encoding="gzip")
refused(400, "gzip", gzip.compress(body)[:-9], Content_Encoding="gzip")
refused(400, "deflate", b"", Content_Encoding="deflate")
refused(400, "br", body, Content_Encoding="br")
start = time.monotonic()
refused(413, "200 times", zlib.compress(b"[" * (256 << 20), 9), Content_Encoding="deflate")
refused(413, "no longer compressed", gzip.compress(numpy.random.default_rng(1).integers(0, 16, 80 << 20, numpy.uint8).tobytes(), 1), Content_Encoding="gzip")
check(time.monotonic() - start < 30, "bombs take long")

# MARK: JSON that has broken other servers


def data(datatype, shape, values, model="int8", name="x"):
    return f'{{"inputs":[{{"name":"{name}","shape":{shape},"datatype":"{datatype}","data":{values}}}]}}'.encode()


INT8 = "/v2/models/int8/versions/1/infer"
refused(400, "claims more", data("FP32", "[1099511627776,30]", "[1]", name="X"))
refused(400, "nested", b'{"unknown":' + b"[" * 100_000)
refused(400, "object", b'{"inputs":' + b"[" * 100_000)
refused(400, "", b"[" * 100_000)
refused(400, "UINT8", data("UINT8", "[1]", "[300]"), INT8)
refused(400, "UINT8", data("UINT8", "[1]", "[-1]"), INT8)
refused(400, "UINT8", data("UINT8", "[1]", "[1.5]"), INT8)
refused(400, "JSON", data("FP32", "[1]", "[NaN]"), INT8)
refused(400, "JSON", data("FP32", "[1]", "[Infinity]"), INT8)
refused(400, "FP16", data("FP16", "[1]", "[1]"), INT8)
refused(400, "UTF-8", b'{"inputs":[{"name":"x","shape":[1,1],"datatype":"BYTES","data":["\xff"]}]}', "/v2/models/text/versions/1/infer")
refused(400, "shape", data("UINT8", "[-1]", "[1]"), INT8)
refused(400, "twice", b'{"inputs":[' + data("UINT8", "[1]", "[1]")[11:-2] + b"," + data("UINT8", "[1]", "[1]")[11:-2] + b"]}", INT8)
refused(400, '"x"', data("UINT8", "[1]", "[1]", name="y"), INT8)
refused(400, "nothing", b'{"outputs":[{"name":"nothing"}],' + data("UINT8", "[1]", "[1]")[1:], INT8)
refused(400, "inputs", b'{"inputs":')
refused(400, "inputs", b"{}")
refused(404, "none", data("UINT8", "[1]", "[1]"), "/v2/models/none/infer")
refused(404, "9", data("UINT8", "[1]", "[1]"), "/v2/models/int8/versions/9/infer")
refused(404, "x", data("UINT8", "[1]", "[1]"), "/v2/models/int8/versions/x/infer")
for _, _, answer in accepted(data("UINT8", "[2,1]", "[1,2]").replace(b"[2,1]", b"[2]"), INT8):
    check(json.loads(answer)["outputs"] == [{"name": "y", "datatype": "UINT8", "shape": [2], "data": [1, 2]}], answer)
    check("id" not in json.loads(answer), "an id that was not sent")
integers = json.dumps({"inputs": [{"name": "X", "shape": [1, 30], "datatype": "FP32", "data": list(range(30))}]}).encode()
accepted(integers)
accepted(integers.replace(b'{"inputs"', b'{"parameters":{"a":[{}],"triton_b":"c","headers":"x"},"inputs"'))
refused(504, "timeout", integers.replace(b'{"inputs"', b'{"parameters":{"timeout":1},"inputs"'))
refused(501, "hared memory", integers.replace(b'"data"', b'"parameters":{"shared_memory_region":"r"},"data"'))

# MARK: metadata, health, repository


def get(path, **headers):
    return send(None, path, method="GET", **headers)


for path in ("/v2", "/v2/"):
    status, fields, body = get(path)
    check(status == 200 and json.loads(body)["name"] == "martlet", path)
check(json.loads(get("/v2/health/live")[2]) == {"live": True} and json.loads(get("/v2/health/ready")[2]) == {"ready": True}, "health")
check(json.loads(get("/v2/models/forest/versions/1/ready")[2]) == {"name": "forest", "ready": True}, "a model's readiness")
check(get("/v2/models/none/ready")[0] == 404 and get("/v2/models/forest/versions/2/ready")[0] == 404, "what is not there is not ready")
check(isinstance(json.loads(get("/v2/models")[2])["models"], list), "models")
name = urllib.parse.quote("zip ped%")
check(json.loads(get(f"/v2/models/{name}/versions/1")[2])["name"] == "zip ped%", "a name that is percent-encoded")
for body in (b"", b"{}", b'{"ready":true}'):
    status, _, answer = send(body, "/v2/repository/index")
    check(status == 200 and {one["state"] for one in json.loads(answer)} == {"READY"}, answer)
    check(all(set(one) == {"name", "version", "state"} for one in json.loads(answer)), "an empty reason")
refused(400, "ready", b'{"ready":1}', "/v2/repository/index")
for body in (b"", b'{"parameters":{}}'):
    check(send(body, "/v2/repository/models/forest/load")[::2] == (200, b""), "load")
refused(501, "file:1/model.onnx", b'{"parameters":{"file:1/model.onnx":"AAAA"}}', "/v2/repository/models/forest/load")
refused(400, "registered", b'{"parameters":{"unload_dependents":true}}', "/v2/repository/models/forest/unload")
for path in ("/v2/models/stats", "/v2/models/forest/stats", "/v2/models/forest/versions/1/stats"):
    check(any(one["name"] == "forest" for one in json.loads(get(path)[2])["model_stats"]), path)
check(get("/v2/models/none/stats")[0] == 404 and get("/v2/models/forest/versions/3/stats")[0] == 404, "statistics of what is not there")
check(get("/v2/nothing")[0] == 404 and "error" in json.loads(get("/v2/nothing")[2]), "a path that is not there")

# MARK: the v1 protocol

V1 = "/v1/models/forest/versions/1:predict"
for path in (V1, V1.replace(":", "%3A")):
    for body in ({"instances": X[:3].tolist()}, {"inputs": X[:3].tolist()}, {"inputs": {"X": X[:3].tolist()}}, {"instances": [{"X": row.tolist()} for row in X[:3]]}):
        for _, fields, answer in accepted(json.dumps(body).encode(), path):
            check(json.loads(answer) == {"predictions": labels[:3].tolist()} and fields["Martlet-Prediction-Id"], answer)
got = send(gzip.compress(json.dumps({"instances": X[:300].tolist()}).encode()), V1, Content_Encoding="gzip", Accept_Encoding="gzip")
check(got[0] == 200 and json.loads(gzip.decompress(got[2]))["predictions"] == labels[:300].tolist(), "v1 compressed")
check(json.loads(send(b'{"instances":["a","b"]}', "/v1/models/text/versions/1:predict")[2]) == {"predictions": ["a", "b"]}, "v1 strings")
refused(400, "instances", b"{}", V1)
refused(400, '"X"', b'{"instances":[[1,2]]}', V1)
refused(400, '"X"', b'{"instances":[[1,2],[1]]}', V1)
refused(400, "instances", b'{"instances":', V1)
refused(400, "", b'{"instances":' + b"[" * 100_000, V1)
refused(404, "none", b'{"instances":[[1]]}', "/v1/models/none:predict")
refused(501, "xplanations", b'{"instances":[[1]]}', "/v1/models/forest:explain")
refused(404, "predict", b'{"instances":[[1]]}', "/v1/models/forest:nothing")
refused(404, "predict", b'{"instances":[[1]]}', "/v1/models/forest")
check(isinstance(json.loads(get("/v1/models")[2])["models"], list), "v1 models")
check(json.loads(get("/v1/models/forest/versions/1")[2]) == {"name": "forest", "ready": True}, "v1 readiness")
check(get("/v1/models/none")[0] == 404, "v1: what is not there")
check(json.loads(get("/")[2]) == {"status": "alive"}, "KServe's live check")
status, fields, _ = get("/", Accept="text/html,*/*")
check(status in (302, 303, 307) and fields["Location"], "the dashboard's beginning")

# MARK: who is not known is refused by every way

if models.key:
    for path in (PATH, INT8, V1, "/v2/repository/index", "/v2/repository/models/forest/unload"):
        for headers in ({}, {LENGTH: str(len(head))}):
            request = http.client.HTTPConnection(host, timeout=60)
            request.request("POST", path, head + X[:300].tobytes(), headers | {"Content-Type": "application/json"})
            answer = request.getresponse()
            check(answer.status == 401 and "error" in json.loads(answer.read()), f"{path}: {answer.status}")
    status, _, body = send(head + X[:300].tobytes(), Authorization="Bearer nothing", **{LENGTH: str(len(head))})
    check(status == 401 and "error" in json.loads(body), f"a wrong key: {status}")
accepted(integers)
if failures:
    raise SystemExit(f"{len(failures)} of {checks} checks failed")
print(f"{checks} checks passed")
