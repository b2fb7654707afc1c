"""Predictions over gRPC beside the same over HTTP: requests a second and processor time a request of one server, in turn.

usage: grpc_calls.py --martlet BINARY [--h2load PROGRAM]

Governed and measured as in bench.py: the same forest, key, endpoint and monitors. h2load (Debian: nghttp2-client) sends one and the same message.
"""

import argparse
import contextlib
import os
import re
import statistics
import struct
import subprocess
import tempfile

import bench
from bench import govern, load, machine, spread, start_martlet, train, wait_ready

# Connections, and calls of each at a time.
SHAPES = [(1, 1), (8, 1), (64, 1), (8, 8)]


def write_message(onnx, path):
    """One row of the forest as the message of a ModelInfer, with its prefix."""
    from sklearn.datasets import load_breast_cancer
    from tritonclient.grpc import service_pb2

    row = load_breast_cancer(return_X_y=True)[0][:1].astype("float32")
    message = service_pb2.ModelInferRequest(
        model_name="forest", inputs=[{"name": onnx.graph.input[0].name, "datatype": "FP32", "shape": [1, 30]}], raw_input_contents=[row.tobytes()]
    ).SerializeToString()
    with open(path, "wb") as file:
        file.write(struct.pack(">BI", 0, len(message)) + message)


def grpc_address(folder):
    """Where the server that start_martlet started there listens for gRPC."""
    with open(os.path.join(folder, "said")) as file:
        return re.search(r"gRPC +(\S+)", file.read())[1]


def call(server, address, key, message, connections, streams, seconds, program="h2load", least=100):
    """One round of h2load, whose answers have `least` bytes or more; the figures of bench.load."""
    before, log = server.cpu_seconds(), message + ".log"
    threads = str(min(len(bench.LOAD_CORES.split(",")), connections))
    words = ["taskset", "-c", bench.LOAD_CORES, program, "-D", str(seconds), "-t", threads, "-c", str(connections), "-m", str(streams), "-d", message, "--log-file", log]
    words += ["-H", "content-type: application/grpc", "-H", "te: trailers", "-H", f"authorization: Bearer {key}"]
    with contextlib.suppress(FileNotFoundError):
        os.remove(log)
    ended = subprocess.run([*words, f"http://{address}/inference.GRPCInferenceService/ModelInfer"], capture_output=True, text=True)
    used = server.cpu_seconds() - before
    found = re.search(r"requests: (\d+) total.* (\d+) succeeded, (\d+) failed, (\d+) errored", ended.stdout)
    rate = re.search(r", ([\d.]+) req/s", ended.stdout)
    traffic = re.search(r"\((\d+)\) data", ended.stdout)
    if ended.returncode != 0 or not found or int(found[3]) or int(found[4]):
        raise SystemExit(ended.stdout + ended.stderr)
    # An answer without its tensors would be shorter.
    requests = int(found[2])
    if not requests or int(traffic[1]) / requests < least:
        raise SystemExit("the answers are not predictions:\n" + ended.stdout)
    with open(log) as file:
        times = sorted(int(line.split()[2]) for line in file)
    return {
        "rate": float(rate[1]), "cpu_us": used * 1e6 / requests,
        "p50_us": times[len(times) // 2], "p99_us": times[len(times) * 99 // 100], "requests": requests,
    }


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--martlet", required=True, help="the release binary")
    options.add_argument("--h2load", default="h2load")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=int, default=3)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="martlet-bench-") as folder, open(os.path.join(folder, "log"), "w") as log:
        onnx, _, body = train(folder)
        message = os.path.join(folder, "message")
        write_message(onnx, message)
        server = start_martlet(chosen.martlet, folder, log)
        try:
            wait_ready(server.url, server.process)
            address = grpc_address(folder)
            key = govern(server, folder, onnx)
            call(server, address, key, message, 8, 1, 1, chosen.h2load)
            print(f"{machine()}; message of {os.path.getsize(message)} bytes", flush=True)
            for connections, streams in SHAPES:
                rounds = {"gRPC": [], "HTTP": []}
                for _ in range(chosen.rounds):
                    rounds["gRPC"].append(call(server, address, key, message, connections, streams, chosen.seconds, chosen.h2load))
                    if streams == 1:
                        rounds["HTTP"].append(load(server, body, key, connections, chosen.seconds))
                for name, found in rounds.items():
                    if found:
                        print(f"{connections:3} × {streams}  {name}  {spread([one['rate'] for one in found])} requests/s  {spread([one['cpu_us'] for one in found], '{:.1f}')} µs CPU", flush=True)
                if rounds["HTTP"]:
                    ratio = statistics.median(a["cpu_us"] / b["cpu_us"] for a, b in zip(rounds["gRPC"], rounds["HTTP"]))
                    print(f"         gRPC to HTTP {ratio:.2f}", flush=True)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
