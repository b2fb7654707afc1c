"""A server of many small models beside a server of one: how long a prediction of that one takes, and what memory comes back.

usage: many.py --martlet BINARY

Both serve a model repository: the forest of bench.py, and beside it the many with forests of their own. Rounds in turn, on the same cores. Then
all of the many are called once, and unloaded. At last the many are served again within a budget that holds a tenth of them.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
import urllib.request

from bench import SERVER_CORES, Server, load, machine, spread, train, wait_ready


def others(folder, count):
    """Small forests, each with its own numbers."""
    from skl2onnx import to_onnx
    from sklearn.datasets import load_breast_cancer
    from sklearn.ensemble import RandomForestClassifier

    X, y = load_breast_cancer(return_X_y=True)
    for number in range(count):
        model = RandomForestClassifier(10, random_state=number, max_depth=6).fit(X, y)
        onnx = to_onnx(model, X[:1].astype("float32"), options={id(model): {"zipmap": False}}, target_opset=17)
        path = os.path.join(folder, f"other-{number}", "1")
        os.makedirs(path)
        with open(os.path.join(path, "model.onnx"), "wb") as file:
            file.write(onnx.SerializeToString())


def start(binary, repository, folder, log, port, *options):
    os.makedirs(folder, exist_ok=True)
    words = [binary, "serve", "--dev", "--model-repository", repository, "--data-dir", folder, "--port", str(port), "--grpc-port", str(port + 1), *options]
    server = Server(words, f"http://127.0.0.1:{port}", {}, log)
    begun = time.perf_counter()
    wait_ready(server.url, server.process, 600)
    return server, time.perf_counter() - begun


def post(server, path, body):
    request = urllib.request.Request(f"{server.url}/v2/{path}", data=body, headers={"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def ask(server, name, body):
    return json.loads(post(server, f"models/{name}/infer", body))["outputs"]


def metric(server, name):
    with urllib.request.urlopen(server.url + "/metrics", timeout=60) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
    return None


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--martlet", required=True, help="the release binary")
    options.add_argument("--models", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=int, default=4)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="martlet-many-") as folder, open(os.path.join(folder, "log"), "w") as log:
        _, model, body = train(folder)
        one, many = os.path.join(folder, "one"), os.path.join(folder, "many")
        os.makedirs(os.path.join(one, "forest", "1"))
        shutil.copy(model, os.path.join(one, "forest", "1", "model.onnx"))
        shutil.copytree(one, many)
        others(many, chosen.models - 1)
        names = sorted(os.listdir(many))
        sizes = sum(os.path.getsize(os.path.join(many, name, "1", "model.onnx")) for name in names)
        print(f"{machine()}; {len(names)} models of {sizes / 2**20:.1f} MiB; the server has cores {SERVER_CORES}", flush=True)
        with open(body, "rb") as file:
            row = file.read()
        servers = {}
        try:
            servers["one"], seconds = start(chosen.martlet, one, os.path.join(folder, "d1"), log, 18700)
            servers["many"], seconds = start(chosen.martlet, many, os.path.join(folder, "d2"), log, 18710)
            time.sleep(3)
            print(f"ready with {len(names)} after {seconds:.1f} s; memory {servers['one'].memory():.0f} and {servers['many'].memory():.0f} MiB", flush=True)
            found = {"one": [], "many": []}
            for name, server in servers.items():
                load(server, body, "", 8, 2)
            for number in range(chosen.rounds):
                for name in list(servers) if number % 2 else reversed(list(servers)):
                    found[name].append(load(servers[name], body, "", 8, chosen.seconds))
            for name, rounds in found.items():
                print(f"{name:5} {spread([r['rate'] for r in rounds])}/s, CPU {spread([r['cpu_us'] for r in rounds], '{:.1f}')} µs, p50 {spread([r['p50_us'] for r in rounds])}, p99 {spread([r['p99_us'] for r in rounds])} µs")
            ratio = [a["p99_us"] / b["p99_us"] for a, b in zip(found["many"], found["one"])]
            print(f"p99 of many over one: {spread(ratio, '{:.2f}')}", flush=True)
            server = servers["many"]
            for name in names:
                ask(server, name, row)
            print(f"memory after a call of each: {server.memory():.0f} MiB", flush=True)
            for name in names:
                post(server, f"repository/models/{name}/unload", b"{}")
            time.sleep(1)
            print(f"memory after all are unloaded: {server.memory():.0f} MiB", flush=True)
            server.stop()
            budget = max(1, round(sizes / 2**20 / 10))
            servers["many"], _ = start(chosen.martlet, many, os.path.join(folder, "d3"), log, 18710, "--model-mebibytes-max", str(budget))
            server = servers["many"]
            time.sleep(3)
            times = []
            for name in names * 2:
                begun = time.perf_counter()
                ask(server, name, row)
                times.append((time.perf_counter() - begun) * 1000)
            times.sort()
            at = lambda share: times[int(share * len(times))]
            print(
                f"within {budget} MiB: {metric(server, 'martlet_models_in_memory'):.0f} models in memory, {metric(server, 'martlet_model_recalls_total'):.0f} recalls by {len(times)} calls, "
                f"each p50 {at(0.5):.1f} p99 {at(0.99):.1f} ms; memory {server.memory():.0f} MiB"
            )
        finally:
            for server in servers.values():
                server.stop()


if __name__ == "__main__":
    sys.exit(main())
