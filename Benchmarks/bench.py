"""Measures Martlet beside FastAPI with ONNX Runtime: the same model file, the same body, the same cores, rounds in turn.

The server under test has half of the cores to itself, two at most, wrk has as many others. Martlet runs as in production: with authentication, the model
behind an endpoint with a policy, 1 % of the predictions recorded, every one observed by the monitors. The peer does none of that.
"""

import argparse
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import warnings

warnings.filterwarnings("ignore")
os.environ |= {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "GIT_PYTHON_REFRESH": "quiet"}

HERE = os.path.dirname(os.path.abspath(__file__))
# Half of the machine each, two cores at most.
HALF = min(2, os.cpu_count() // 2)
SERVER_CORES, LOAD_CORES = (",".join(map(str, range(first, first + HALF))) for first in (0, HALF))
CONNECTIONS = (1, 16, 64)
PEER_PORT = 18473
TICK = os.sysconf("SC_CLK_TCK")
POLICY = """
model: {name}
owner: Benchmark
purpose: Measures the server.
task: {task}
criteria: {{documentation: [description]}}
"""


def call(url, method, path, body=None, key=None, kind="application/json"):
    data = body.encode() if isinstance(body, str) else None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data=data, method=method, headers={"content-type": kind})
    if key:
        request.add_header("authorization", f"Bearer {key}")
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{method} {path} answered {error.code}: {error.read().decode()}")


def wait_ready(url, process, limit=60):
    """Seconds until the server answers that it is ready."""
    start = time.perf_counter()
    while time.perf_counter() - start < limit:
        if process.poll() is not None:
            raise SystemExit(f"the server ended at its start with {process.returncode}")
        try:
            with urllib.request.urlopen(url + "/v2/health/ready", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.001)
    raise SystemExit(f"{url} was not ready within {limit} s")


class Server:
    """One server under test: its process tree is what is measured."""

    def __init__(self, words, url, environment, log):
        self.url = url
        self.process = subprocess.Popen(
            ["taskset", "-c", SERVER_CORES, *words], env=os.environ | environment, stdout=log, stderr=log, start_new_session=True
        )

    def tree(self):
        found, waiting = [], [self.process.pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            try:
                for task in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{task}/children") as file:
                        waiting += [int(child) for child in file.read().split()]
            except OSError:
                pass
        return found

    def cpu_seconds(self):
        total = 0
        for pid in self.tree():
            with open(f"/proc/{pid}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICK

    def memory(self):
        """Proportional set size of all its processes, MiB: pages shared between them count once."""
        total = 0
        for pid in self.tree():
            with open(f"/proc/{pid}/smaps_rollup") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        return total / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def train(folder):
    """100 trees on the 30 features of the breast cancer data, as ONNX; and the body of a request for one row."""
    from skl2onnx import to_onnx
    from sklearn.datasets import load_breast_cancer
    from sklearn.ensemble import RandomForestClassifier

    X, y = load_breast_cancer(return_X_y=True)
    model = RandomForestClassifier(100, random_state=0).fit(X, y)
    onnx = to_onnx(model, X[:1].astype("float32"), options={id(model): {"zipmap": False}}, target_opset=17)
    path, body = os.path.join(folder, "forest.onnx"), os.path.join(folder, "body.json")
    with open(path, "wb") as file:
        file.write(onnx.SerializeToString())
    row = {"name": onnx.graph.input[0].name, "shape": [1, 30], "datatype": "FP32", "data": X[0].tolist()}
    with open(body, "w") as file:
        json.dump({"inputs": [row]}, file, separators=(",", ":"))
    return onnx, path, body


def start_martlet(binary, folder, log):
    """Starts the server on an empty data directory; its address comes from what it prints."""
    said = os.path.join(folder, "said")
    with open(said, "w") as out:
        process = subprocess.Popen(
            ["taskset", "-c", SERVER_CORES, binary, "serve", "--port", "0", "--grpc-port", "0", "--data-dir", os.path.join(folder, "data")],
            stdout=out, stderr=log, start_new_session=True,
        )
    server = Server.__new__(Server)
    server.process = process
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with open(said) as file:
            text = file.read()
        if "listening on " in text and "\n" in text.split("listening on ")[1]:
            server.url = text.split("listening on ")[1].split()[0]
            return server
        time.sleep(0.001)
    raise SystemExit("martlet did not start; its log is beside " + said)


def govern(server, folder, onnx, name="forest", task="binary-classification"):
    """Brings the model to its endpoint the governed way; returns a key that may predict."""
    import mlflow

    with open(os.path.join(folder, "data", "admin-key")) as file:
        admin = file.read().strip()
    keys = {}
    for person, role in (("dana", "contributor"), ("lee", "approver"), ("omar", "operator"), ("app", "viewer")):
        call(server.url, "POST", "/api/v1/principals", {"name": person, "roles": [role]}, admin)
        keys[person] = call(server.url, "POST", "/api/v1/keys", {"principal": person}, admin)["key"]
    call(server.url, "POST", "/api/v1/policies", POLICY.format(name=name, task=task), keys["dana"], "application/yaml")
    os.environ["MLFLOW_TRACKING_TOKEN"] = keys["dana"]
    mlflow.set_tracking_uri(server.url)
    mlflow.set_experiment("bench")
    with mlflow.start_run() as run:
        logged = mlflow.onnx.log_model(onnx, name="model", pip_requirements=["onnxruntime"])
    client = mlflow.MlflowClient()
    client.create_registered_model(name)
    client.create_model_version(name, logged.model_uri, run.info.run_id, description="Benchmark.", model_id=logged.model_id)
    for _ in range(240):
        state = call(server.url, "GET", f"/api/v1/models/{name}/versions/1/preparation", key=keys["dana"])
        if state["state"] != "pending":
            break
        time.sleep(0.25)
    if state["state"] != "servable":
        raise SystemExit(f"the model cannot be served: {state}")
    call(server.url, "GET", f"/api/v1/models/{name}/versions/1/readiness", key=keys["dana"])
    request = call(server.url, "POST", "/api/v1/approvals", {"model": name, "version": 1}, keys["dana"])
    call(server.url, "POST", f"/api/v1/approvals/{request['id']}/approve", {"reason": "Benchmark."}, keys["lee"])
    call(server.url, "POST", "/api/v1/rollouts", {"model": name, "version": 1}, keys["omar"])
    return keys["app"]


def load(server, body, key, connections, seconds, name="forest", heads={}, status_only=False):
    """One round of wrk; requests a second, processor microseconds a request, latencies. With `status_only` wrk reads no more of the answers."""
    before = server.cpu_seconds()
    threads = str(min(len(LOAD_CORES.split(",")), connections))
    words = ["taskset", "-c", LOAD_CORES, "wrk", "-t", threads, "-c", str(connections), "-d", f"{seconds}s", "--timeout", "60s"]
    words += ["-s", os.path.join(HERE, "post.lua"), server.url + f"/v2/models/{name}/infer", "--", body, key, *(f"{head}: {value}" for head, value in heads.items())]
    ended = subprocess.run(words, capture_output=True, text=True, env=os.environ | ({"POST_STATUS_ONLY": "1"} if status_only else {}))
    if ended.returncode != 0:
        raise SystemExit(ended.stdout + ended.stderr)
    found = json.loads(ended.stdout.strip().splitlines()[-1])
    if found["failed"]:
        raise SystemExit(f"{found['failed']} of {found['requests']} requests failed")
    used = server.cpu_seconds() - before
    return {
        "rate": found["requests"] / found["seconds"], "cpu_us": used * 1e6 / found["requests"],
        "p50_us": found["p50_us"], "p99_us": found["p99_us"], "requests": found["requests"],
    }


def start_times(count, start):
    """Seconds from the start of the process until it says that it is ready, on an empty folder each time."""
    times = []
    for _ in range(count):
        with tempfile.TemporaryDirectory(prefix="martlet-bench-") as folder, open(os.path.join(folder, "log"), "w") as log:
            begun = time.perf_counter()
            server = start(folder, log)
            wait_ready(server.url, server.process)
            times.append(time.perf_counter() - begun)
            server.stop()
    return times


def spread(values, form="{:,.0f}"):
    return f"{form.format(statistics.median(values))} ({form.format(min(values))}–{form.format(max(values))})"


def machine():
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "?")
    return f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--martlet", required=True, help="the release binary")
    options.add_argument("--peer-python", required=True, help="the interpreter of script/requirements-bench.txt")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=int, default=5, help="of one round")
    options.add_argument("--starts", type=int, default=10)
    options.add_argument("--no-peer", action="store_true")
    options.add_argument("--json", help="write all figures to this file")
    chosen = options.parse_args()
    if os.cpu_count() < 2:
        raise SystemExit("two cores are needed: one for the server, one for the load generator")

    with tempfile.TemporaryDirectory(prefix="martlet-bench-") as folder, open(os.path.join(folder, "log"), "w") as log:
        onnx, model, body = train(folder)
        print(f"{machine()}; load average before: {os.getloadavg()[0]:.2f}; body of {os.path.getsize(body)} bytes; the server has cores {SERVER_CORES}", flush=True)
        servers, keys = {}, {"martlet": "", "peer": ""}
        martlet = start_martlet(chosen.martlet, folder, log)
        servers["martlet"] = martlet
        peer_words = [chosen.peer_python, "-m", "uvicorn", "peer:app", "--app-dir", HERE, "--port", str(PEER_PORT), "--workers", str(HALF)]
        peer_words += ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]

        def start_peer(_, log):
            return Server(peer_words, f"http://127.0.0.1:{PEER_PORT}", {"PEER_MODEL": model}, log)

        try:
            wait_ready(martlet.url, martlet.process)
            memory = {"martlet": {"empty": martlet.memory()}, "peer": {}}
            keys["martlet"] = govern(martlet, folder, onnx)
            if not chosen.no_peer:
                servers["peer"] = start_peer(folder, log)
                wait_ready(servers["peer"].url, servers["peer"].process)
            for name, server in servers.items():
                load(server, body, keys[name], 16, 2)
                time.sleep(2)
                memory[name]["idle"] = server.memory()
            rounds = {}
            for number in range(chosen.rounds):
                for connections in CONNECTIONS:
                    order = list(servers) if number % 2 == 0 else list(reversed(servers))
                    for name in order:
                        found = load(servers[name], body, keys[name], connections, chosen.seconds)
                        rounds.setdefault((name, connections), []).append(found)
                        memory[name]["load"] = max(memory[name].get("load", 0), servers[name].memory())
        finally:
            for server in servers.values():
                server.stop()

        print(f"\n{'':9}{'conn.':>6} {'requests/s':>32} {'CPU µs/request':>26} {'p50 µs':>8} {'p99 µs':>8}")
        for connections in CONNECTIONS:
            for name in servers:
                found = rounds[name, connections]
                print(
                    f"{name:9}{connections:6} {spread([one['rate'] for one in found]):>32}"
                    f" {spread([one['cpu_us'] for one in found], '{:,.1f}'):>26}"
                    f" {statistics.median(one['p50_us'] for one in found):8.0f} {statistics.median(one['p99_us'] for one in found):8.0f}"
                )
            if len(servers) == 2:
                rate = [a["rate"] / b["rate"] for a, b in zip(rounds["martlet", connections], rounds["peer", connections])]
                cpu = [b["cpu_us"] / a["cpu_us"] for a, b in zip(rounds["martlet", connections], rounds["peer", connections])]
                print(f"  ratio  {connections:6} {spread(rate, '{:.2f}'):>32} {spread(cpu, '{:.2f}'):>26}  (of the same round)")
        print("\nmemory, MiB (proportional set size of all processes):")
        for name in servers:
            print(f"  {name}: " + ", ".join(f"{state} {value:.0f}" for state, value in memory[name].items()))
        starts = {"martlet": start_times(chosen.starts, lambda folder, log: start_martlet(chosen.martlet, folder, log))}
        if not chosen.no_peer:
            starts["peer"] = start_times(chosen.starts, start_peer)
        print(f"start-up on an empty data directory until ready, ms, {chosen.starts} times:")
        for name, times in starts.items():
            print(f"  {name}: {spread([1000 * one for one in times])}")
        print(f"load average after: {os.getloadavg()[0]:.2f}")
        if chosen.json:
            with open(chosen.json, "w") as file:
                kept = [{"server": name, "connections": number, "rounds": found} for (name, number), found in rounds.items()]
                json.dump({"machine": machine(), "rounds": kept, "memory": memory, "starts": starts}, file, indent=1)


if __name__ == "__main__":
    sys.exit(main())
