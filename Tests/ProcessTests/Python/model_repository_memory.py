"""Loads and unloads a model of 32 MiB over and over; exits 0 only if the server's memory goes back each time.

Takes the folder of models, the server's process id, the number of rounds, and the URL and the administrator's key from the environment.
"""

import os
import sys
import time

import numpy
import tritonclient.http as triton

import model_repository_files as files

folder, process, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
MEBIBYTES = 32
headers = {"Authorization": "Bearer " + os.environ["MARTLET_KEY"]}
client = triton.InferenceServerClient(os.environ["MARTLET_URL"].removeprefix("http://"))


def resident():
    """The server's own resident memory in MiB, without the pages of files, which come and go."""
    with open(f"/proc/{process}/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("RssAnon"))


files.write(folder, "heavy/1/model.onnx", files.heavy(MEBIBYTES).SerializeToString())
loaded, unloaded = [], []
for _ in range(rounds):
    client.load_model("heavy", headers=dict(headers))
    given = triton.InferInput("x", [1, 1024], "FP32")
    given.set_data_from_numpy(numpy.zeros((1, 1024), numpy.float32))
    client.infer("heavy", [given], headers=dict(headers))
    loaded.append(resident())
    client.unload_model("heavy", headers=dict(headers))
    # The answer to the last request may be on its way still, with the model in its hands.
    deadline = time.monotonic() + 5
    while resident() > loaded[-1] - MEBIBYTES / 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    unloaded.append(resident())

print(f"MiB loaded: first {loaded[0]:.0f}, last {loaded[-1]:.0f}; unloaded: first {unloaded[0]:.0f}, last {unloaded[-1]:.0f}, most {max(unloaded):.0f}")
# The first rounds fill what the allocator and the runtime keep for the next.
settled = unloaded[min(5, rounds - 1)]
if max(unloaded[5:]) > settled + MEBIBYTES / 2:
    raise SystemExit(f"FAILED: unloaded it grew from {settled:.0f} to {max(unloaded[5:]):.0f} MiB in {rounds} rounds")
if min(loaded) - settled < MEBIBYTES / 2:
    raise SystemExit(f"FAILED: loaded {min(loaded):.0f} MiB and unloaded {settled:.0f}: the model was never in memory, or never left it")
