"""The official Triton client over gRPC with a server of a model repository; exits 0 only if all is right.

Takes the folder that model_repository_files.py has made, the addresses and the administrator's key.
"""

import json
import os
import sys

import numpy
import tritonclient.grpc as triton

import model_repository_files as files
from counted_checks import check, refused, tell

folder = sys.argv[1]
client = triton.InferenceServerClient(os.environ["MARTLET_GRPC"])
headers = {"authorization": "Bearer " + os.environ["MARTLET_KEY"]}


def ask(model, rows, version=""):
    given = triton.InferInput("x", list(rows.shape), "FP32")
    given.set_data_from_numpy(rows)
    return client.infer(model, [given], model_version=version, headers=headers)


def index():
    answer = client.get_model_repository_index(headers=headers, as_json=True)
    return {(one["name"], one.get("version")): (one["state"], one.get("reason")) for one in answer["models"]}


two = numpy.ones((1, 2), numpy.float32)
check(client.is_server_live(headers=headers) and client.is_server_ready(headers=headers), "health")
check(client.is_model_ready("both", headers=headers), "ready")
check(not client.is_model_ready("corrupt", headers=headers), "what cannot be loaded is ready")
check(ask("both", two).as_numpy("y").tolist() == [[3, 3]], "the newest")
check(ask("both", two, "1").as_numpy("y").tolist() == [[2, 2]], "version 1")
check(list(client.get_model_metadata("both", headers=headers).versions) == ["1", "2"], "versions")
config = client.get_model_config("batched", headers=headers).config
check(config.max_batch_size == 4 and list(config.input[0].dims) == [1], config)
check(ask("batched", numpy.ones((4, 1), numpy.float32)).as_numpy("y").tolist() == [[2]] * 4, "a reshaped batch")
refused("INVALID_ARGUMENT", "4 at most", lambda: ask("batched", numpy.ones((5, 1), numpy.float32)))
refused("NOT_FOUND", "nothing", lambda: ask("nothing", two))
refused("UNAVAILABLE", "cannot be served", lambda: ask("corrupt", two))
check(index()[("both", "2")] == ("READY", None), index())
check(index()[("misspelt", None)][0] == "UNAVAILABLE", index())

files.write(folder, "both/7/model.onnx", files.times(7).SerializeToString())
client.load_model("both", headers=headers)
check(ask("both", two).as_numpy("y").tolist() == [[7, 7]], "the new version")
client.load_model("both", headers=headers, config=json.dumps({"version_policy": {"specific": {"versions": [2]}}}))
check(ask("both", two).as_numpy("y").tolist() == [[3, 3]], "the version of the override")
refused("INVALID_ARGUMENT", "config", lambda: client.load_model("both", headers=headers, config="{"))
refused("UNIMPLEMENTED", "file:1", lambda: client.load_model("both", headers=headers, config="{}", files={"file:1/model.onnx": b"x"}))
client.unload_model("both", headers=headers)
check(index()[("both", "2")] == ("UNAVAILABLE", "unloaded"), index())
check(not client.is_model_ready("both", headers=headers), "an unloaded model is ready")
refused("UNAVAILABLE", "unloaded", lambda: ask("both", two))
client.load_model("both", headers=headers)
check(ask("both", two).as_numpy("y").tolist() == [[7, 7]], "loaded again")
refused("NOT_FOUND", "nothing", lambda: client.unload_model("nothing", headers=headers))
refused("UNAVAILABLE", "cannot be loaded", lambda: client.load_model("corrupt", headers=headers))
statistics = client.get_inference_statistics("both", headers=headers, as_json=True)["model_stats"]
check({one["version"] for one in statistics} == {"1", "2", "7"}, statistics)

tell()
