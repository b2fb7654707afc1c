"""The official Triton client over HTTP with JSON tensors, as the first users of it: exits 0 only if all is right.

Registers a forest as ONNX with the official MLflow client first. Takes a key in MARTLET_KEY.
"""

import os
import time
import warnings

warnings.filterwarnings("ignore")

import mlflow
import numpy
import onnxruntime
import tritonclient.http as triton
from skl2onnx import to_onnx
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from tritonclient.utils import InferenceServerException

from counted_checks import check, refused, tell

MODEL = "forest"
headers = {"Authorization": f"Bearer {os.environ['MARTLET_KEY']}"}
client = triton.InferenceServerClient(os.environ["MARTLET_URL"].removeprefix("http://"))

X, y = load_breast_cancer(return_X_y=True)
X = X.astype(numpy.float32)
estimator = RandomForestClassifier(20, random_state=0).fit(X, y)
onnx = to_onnx(estimator, X[:1], options={id(estimator): {"zipmap": False}}, target_opset=17)
with mlflow.start_run() as run:
    logged = mlflow.onnx.log_model(onnx, name="model", pip_requirements=["onnxruntime"])
registry = mlflow.MlflowClient()
registry.create_registered_model(MODEL)
registry.create_model_version(MODEL, logged.model_uri, run.info.run_id, model_id=logged.model_id)
deadline = time.monotonic() + 60
while True:
    try:
        if client.is_model_ready(MODEL, "1", headers=headers):
            break
    except InferenceServerException:
        pass
    check(time.monotonic() < deadline, "the version was not served within a minute")
    time.sleep(0.1)

# health and metadata
check(client.is_server_live() and client.is_server_ready(), "health needs no key")
check(client.is_model_ready(MODEL, "2", headers=headers) is False, "a version that is not there is ready")
server = client.get_server_metadata(headers=headers)
check(server["name"] == "martlet" and server["version"] and "binary_tensor_data" in server["extensions"], server)
metadata = client.get_model_metadata(MODEL, "1", headers=headers)
check(metadata["name"] == MODEL and metadata["versions"] == ["1"] and metadata["platform"] == "onnx_onnxv1", metadata)
name = metadata["inputs"][0]["name"]
check(metadata["inputs"][0]["datatype"] == "FP32" and metadata["inputs"][0]["shape"] == [-1, 30], metadata)


def ask(rows, names=("label", "probabilities"), model=MODEL, version="1", **options):
    given = triton.InferInput(options.pop("input", name), list(rows.shape), options.pop("datatype", "FP32"))
    given.set_data_from_numpy(rows, binary_data=options.pop("binary", False))
    asked = [triton.InferRequestedOutput(one, binary_data=False) for one in names] or None
    return client.infer(model, [given], outputs=asked, model_version=version, headers=dict(headers), **options)  # the client adds to the headers given


# answers, bit for bit those of ONNX Runtime in Python
options = onnxruntime.SessionOptions()
# As the server runs it: with more threads the sums over the trees are rounded in another order.
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(onnx.SerializeToString(), options)
for count in (1, 7, 569):
    labels, probabilities = session.run(None, {name: X[:count]})
    answer = ask(X[:count], request_id=f"r{count}")
    check(answer.get_response()["id"] == f"r{count}", answer.get_response()["id"])
    check(answer.get_response()["model_version"] == "1", "model_version")
    check(numpy.array_equal(answer.as_numpy("label"), labels), f"labels of {count} rows")
    check(answer.as_numpy("label").dtype == numpy.int64, "the labels' type")
    check(answer.as_numpy("probabilities").tobytes() == probabilities.tobytes(), f"probabilities of {count} rows")
only = ask(X[:2], names=("label",)).get_response()
check([output["name"] for output in only["outputs"]] == ["label"], only)
check(ask(X[:1], response_compression_algorithm="gzip").as_numpy("label").shape == (1,), "asked to compress the answer")
check(len({ask(X[:1]).get_response()["parameters"]["prediction_id"] for _ in range(20)}) == 20, "prediction ids repeat")

# errors, each a sentence in the protocol's own shape
refused(401, "API key", lambda: client.get_model_metadata(MODEL, "1"))
refused(404, "nothing", lambda: client.get_model_metadata("nothing", "1", headers=headers))
refused(404, MODEL, lambda: client.get_model_metadata(MODEL, "7", headers=headers))
refused(404, "nothing", lambda: ask(X[:1], model="nothing"))
refused(404, "nothing", lambda: client.get_model_config("nothing", "1", headers=headers))
refused(400, name, lambda: ask(X[:1], input="x"))
refused(400, name, lambda: ask(X[:1, :29]))
refused(400, name, lambda: ask(X[:1].astype(numpy.float64), datatype="FP64"))
refused(400, "none", lambda: ask(X[:1], names=("none",)))
check(ask(X[:1]).as_numpy("label").shape == (1,), "it does not answer after refusals")
client.close()
tell()
