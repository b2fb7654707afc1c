"""Measures the tracking and registry API beside `mlflow server`: the same requests over raw kept connections, rounds in turn.

Both servers keep what they answer in SQLite and have all cores; the load comes from one process with one event loop, which sets
TCP_QUICKACK before every answer, so that MLflow is spared the 40 ms that delayed acknowledgements cost it. Processor time is of the
server's whole process tree. `--scale` compares Martlet with itself: few runs and many.
"""

import argparse
import json
import os
import random
import resource
import selectors
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

TICK = os.sysconf("SC_CLK_TCK")
API = "/api/2.0/mlflow/"
TARGETS = 200
KEYS = ("auc", "loss", "f1")


# MARK: servers


def read(path):
    """What a file of a process says; nothing once the process is gone, as helpers of MLflow's start are soon."""
    try:
        with open(path) as file:
            return file.read()
    except (FileNotFoundError, ProcessLookupError):
        return ""


class Server:
    def __init__(self, name, words, port, log, environment=None):
        self.name, self.port = name, port
        self.started = time.perf_counter()
        self.process = subprocess.Popen(words, env=os.environ | (environment or {}), stdout=log, stderr=log, start_new_session=True)
        self.wait()

    def wait(self, limit=120):
        while time.perf_counter() - self.started < limit:
            if self.process.poll() is not None:
                raise SystemExit(f"{self.name} ended at its start with {self.process.returncode}")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5):
                    return
            except OSError:
                time.sleep(0.02)
        raise SystemExit(f"{self.name} was not ready within {limit} s")

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
            fields = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
            if fields:
                total += int(fields[11]) + int(fields[12])
        return total / TICK

    def memory(self):
        """Proportional set size of all its processes, MiB."""
        total = 0
        for pid in self.tree():
            lines = read(f"/proc/{pid}/smaps_rollup").splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return total / 1024

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data=data, method=method, headers={"content-type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{self.name}: {method} {path} answered {error.code}: {error.read().decode()[:500]}")

    def stop(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def start_martlet(binary, folder, port, log, extra=()):
    return Server("Martlet", [binary, "serve", "--dev", "--port", str(port), "--grpc-port", "none", "--data-dir", folder, *extra], port, log)


def start_mlflow(python, folder, port, log):
    os.makedirs(folder, exist_ok=True)
    words = [python, "-m", "mlflow", "server", "--backend-store-uri", f"sqlite:///{folder}/mlflow.db",
             "--artifacts-destination", f"{folder}/artifacts", "--host", "127.0.0.1", "--port", str(port)]
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "GIT_PYTHON_REFRESH": "quiet"}
    return Server("MLflow", words, port, log, quiet)


# MARK: load


def request_bytes(method, path, body=None):
    data = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    if body is not None:
        head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n"
    return head.encode() + b"\r\n" + data


class Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()
        self.sent = 0.0

    def send(self, data):
        self.sent = time.perf_counter()
        self.socket.sendall(data)

    def receive(self):
        """Whether a whole answer is there; ends the benchmark if it is not a 200."""
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        chunk = self.socket.recv(1 << 18)
        if not chunk:
            raise SystemExit("the server closed a connection")
        self.buffer += chunk
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self.buffer[:end])
        at = head.lower().find(b"content-length:")
        if at < 0:
            raise SystemExit(f"an answer without a length: {head!r}")
        length = int(head[at + 15:].split(b"\r\n", 1)[0])
        if len(self.buffer) < end + 4 + length:
            return False
        if head.split(b" ", 2)[1] != b"200":
            raise SystemExit(f"not a 200: {bytes(self.buffer[:600])!r}")
        self.answer = bytes(self.buffer[end + 4:end + 4 + length])
        del self.buffer[:end + 4 + length]
        return True


def drive(server, make, connections, seconds, count=None):
    """Runs until the time is over or `count` answers are there. Returns requests/s, CPU µs a request, and all latencies in ms."""
    selector = selectors.DefaultSelector()
    peers = [Connection(server.port) for _ in range(connections)]
    for peer in peers:
        selector.register(peer.socket, selectors.EVENT_READ, peer)
    latencies = []
    cpu = server.cpu_seconds()
    start = time.perf_counter()
    issued = 0
    for peer in peers:
        peer.send(make())
        issued += 1
    waiting = len(peers)
    while waiting:
        for key, _ in selector.select(60):
            peer = key.data
            if peer.receive():
                now = time.perf_counter()
                latencies.append((now - peer.sent) * 1000)
                if (now - start < seconds) if count is None else (issued < count):
                    peer.send(make())
                    issued += 1
                else:
                    waiting -= 1
    took = time.perf_counter() - start
    used = server.cpu_seconds() - cpu
    for peer in peers:
        peer.socket.close()
    return len(latencies) / took, used / len(latencies) * 1e6, latencies


# MARK: what is asked


class World:
    """One server's experiment, runs and model, and the requests on them."""

    def __init__(self, server):
        self.server = server
        self.random = random.Random(7)
        self.step = 0
        self.experiment = server.call("POST", API + "experiments/create", {"name": f"bench-{time.time_ns()}"})["experiment_id"]

    def create(self, experiment=None):
        return request_bytes("POST", API + "runs/create", {
            "experiment_id": experiment or self.target, "run_name": "bench", "start_time": 1_700_000_000_000,
            "tags": [{"key": "mlflow.user", "value": "bench"}, {"key": "mlflow.source.name", "value": "train.py"},
                     {"key": "mlflow.source.type", "value": "LOCAL"}]})

    def prepare(self):
        tags = [{"key": "mlflow.user", "value": "bench"}]
        self.runs = [
            self.server.call("POST", API + "runs/create", {"experiment_id": self.target, "tags": tags})["run"]["info"]["run_id"]
            for _ in range(TARGETS)]
        name = f"bench-{time.time_ns()}"
        self.model = name
        self.server.call("POST", API + "registered-models/create", {"name": name})
        source = self.logged_source()
        for _ in range(3):
            self.server.call("POST", API + "model-versions/create", {"name": name, "source": source, "run_id": self.runs[0]})
        self.server.call("POST", API + "registered-models/alias", {"name": name, "alias": "champion", "version": "2"})

    def logged_source(self):
        run = self.server.call("GET", API + f"runs/get?run_id={self.runs[0]}")["run"]
        uri = run["info"]["artifact_uri"]
        path = uri.removeprefix("mlflow-artifacts:/")
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.server.port}/api/2.0/mlflow-artifacts/artifacts/{path}/model/MLmodel",
            data=b"flavors: {}\n", method="PUT")
        urllib.request.urlopen(request, timeout=60).read()
        return uri + "/model"

    @property
    def target(self):
        if not hasattr(self, "_target"):
            self._target = self.server.call(
                "POST", API + "experiments/create", {"name": f"targets-{time.time_ns()}"})["experiment_id"]
        return self._target

    def log_metric(self):
        self.step += 1
        return request_bytes("POST", API + "runs/log-metric", {
            "run_id": self.random.choice(self.runs), "key": "loss", "value": self.random.random(),
            "timestamp": 1_700_000_000_000 + self.step, "step": self.step})

    def log_batch(self):
        self.step += 1
        metrics = [{"key": f"m{n}", "value": self.random.random(), "timestamp": 1_700_000_000_000 + self.step, "step": self.step}
                   for n in range(100)]
        return request_bytes("POST", API + "runs/log-batch", {"run_id": self.random.choice(self.runs), "metrics": metrics})

    def by_alias(self):
        return request_bytes("GET", API + f"registered-models/alias?name={self.model}&alias=champion")

    def search(self, most=100):
        return request_bytes("POST", API + "runs/search", {
            "experiment_ids": [self.experiment], "filter": "metrics.auc > 0.5 and params.kind = 'forest'",
            "order_by": ["metrics.auc DESC"], "max_results": most})

    # MARK: the runs that are searched

    def fill_over_api(self, count, connections=16):
        """`count` runs with three metrics, three params and two tags each, through the API."""
        for first in range(0, count, 20_000):
            some = min(20_000, count - first)
            drive(self.server, lambda: self.create(self.experiment), connections, 0, some)
        ids, token = [], None
        while True:
            page = self.server.call("POST", API + "runs/search", {
                "experiment_ids": [self.experiment], "max_results": 50_000, "order_by": ["attributes.run_id"]} | ({"page_token": token} if token else {}))
            ids += [run["info"]["run_id"] for run in page.get("runs", [])]
            token = page.get("next_page_token")
            if not token:
                break
        left = iter(ids)
        dice = random.Random(11)

        def batch():
            return request_bytes("POST", API + "runs/log-batch", {
                "run_id": next(left),
                "metrics": [{"key": key, "value": dice.random(), "timestamp": 1, "step": 0} for key in KEYS],
                "params": [{"key": "kind", "value": dice.choice(("forest", "linear"))}, {"key": "depth", "value": str(dice.randrange(20))},
                           {"key": "seed", "value": str(dice.randrange(1000))}],
                "tags": [{"key": "team", "value": "a"}, {"key": "stage", "value": "b"}]})

        drive(self.server, batch, connections, 0, len(ids))
        return ids

    def fill_database(self, path, count):
        """The same rows, straight into MLflow's own tables: through its API they take half an hour."""
        dice = random.Random(11)
        database = sqlite3.connect(path)
        runs, metrics, latest, params, tags = [], [], [], [], []
        for number in range(count):
            run = f"{number:032x}"
            runs.append((run, "bench", "LOCAL", "", "", "bench", "FINISHED", 1_700_000_000_000, 1_700_000_001_000, None, "", "active",
                         f"mlflow-artifacts:/{self.experiment}/{run}/artifacts", int(self.experiment)))
            for key in KEYS:
                value = dice.random()
                metrics.append((key, value, 1, run, 0, 0))
                latest.append((key, value, 1, 0, 0, run))
            params += [("kind", dice.choice(("forest", "linear")), run), ("depth", str(dice.randrange(20)), run),
                       ("seed", str(dice.randrange(1000)), run)]
            tags += [("mlflow.user", "bench", run), ("mlflow.source.name", "train.py", run), ("mlflow.source.type", "LOCAL", run),
                     ("mlflow.runName", "bench", run), ("team", "a", run), ("stage", "b", run)]
        with database:
            database.executemany(
                "INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time,"
                " deleted_time, source_version, lifecycle_stage, artifact_uri, experiment_id) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)", runs)
            database.executemany("INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?,?,?,?,?,?)", metrics)
            database.executemany(
                "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) VALUES (?,?,?,?,?,?)", latest)
            database.executemany("INSERT INTO params (key, value, run_uuid) VALUES (?,?,?)", params)
            database.executemany("INSERT INTO tags (key, value, run_uuid) VALUES (?,?,?)", tags)
        database.close()


OPERATIONS = (
    ("create run", "create"), ("log-metric", "log_metric"), ("log-batch of 100", "log_batch"),
    ("version by alias", "by_alias"), ("search", "search"),
)


def quantile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


def measure(worlds, rounds, seconds, connections, wanted):
    """Rounds in turn; one line an operation and server, then the ratio of the first server to the second of the same round."""
    for title, method in OPERATIONS:
        if wanted and title not in wanted:
            continue
        results = {world.server.name: [] for world in worlds}
        for world in worlds:
            drive(world.server, getattr(world, method), connections, min(1, seconds / 3))
        for _ in range(rounds):
            for world in worlds:
                results[world.server.name].append(drive(world.server, getattr(world, method), connections, seconds))
        for name, rows in results.items():
            latencies = [latency for row in rows for latency in row[2]]
            print(f"{title:<17} {name:<16} {statistics.median(row[0] for row in rows):>9,.0f} requests/s "
                  f"{statistics.median(row[1] for row in rows):>9,.0f} µs CPU   p50 {quantile(latencies, .5):>8.2f} ms   "
                  f"p99 {quantile(latencies, .99):>8.2f} ms", flush=True)
        if len(worlds) == 2:
            pairs = list(zip(*results.values()))
            rate = [first[0] / second[0] for first, second in pairs]
            cost = [second[1] / first[1] for first, second in pairs]
            print(f"{title:<17} {'ratio':<16} {statistics.median(rate):>9.1f}× requests/s "
                  f"{statistics.median(cost):>9.1f}× less CPU   (requests {min(rate):.1f}–{max(rate):.1f}, CPU {min(cost):.1f}–{max(cost):.1f})",
                  flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--python", default=sys.executable, help="a Python with mlflow")
    parser.add_argument("--runs", type=int, default=10_000, help="runs that are searched")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--port", type=int, default=18431, help="the first of nine free ports")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--only", action="append", help="one operation; may be repeated")
    parser.add_argument("--alone", action="store_true", help="Martlet without the peer")
    parser.add_argument("--scale", type=int, help="compare with a Martlet of this many runs, with ten metric points each")
    parser.add_argument("--database-url", help="a PostgreSQL database of Martlet's own for --scale and --alone; two, comma-separated, with --scale")
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    folder = tempfile.mkdtemp(prefix="martlet-bench-")
    log = open(os.path.join(folder, "log"), "w")
    urls = options.database_url.split(",") if options.database_url else []
    servers = []
    try:
        def martlet(number, name):
            extra = ["--database-url", urls[number]] if len(urls) > number else []
            server = start_martlet(options.martlet, f"{folder}/martlet{number}", options.port + number, log, extra)
            server.name = name
            servers.append(server)
            return server

        first = World(martlet(0, "Martlet"))
        print(f"filling {options.runs:,} runs", flush=True)
        first.prepare()
        first.fill_over_api(options.runs)
        worlds = [first]
        if options.scale:
            first.server.name = f"{options.runs:,} runs"
            large = World(martlet(1, f"{options.scale:,} runs"))
            print(f"filling {options.scale:,} runs and {options.scale * 10:,} points", flush=True)
            large.prepare()
            ids = iter(large.fill_over_api(options.scale))
            dice = random.Random(13)

            def points():
                metrics = [{"key": "loss", "value": dice.random(), "timestamp": step, "step": step} for step in range(1, 8)]
                return request_bytes("POST", API + "runs/log-batch", {"run_id": next(ids), "metrics": metrics})

            drive(large.server, points, 16, 0, options.scale)
            # Searched is an experiment of the same size as the small server's, among the many.
            large.whole = large.experiment
            large.experiment = large.server.call("POST", API + "experiments/create", {"name": f"searched-{time.time_ns()}"})["experiment_id"]
            large.fill_over_api(options.runs)
            worlds.append(large)
        elif not options.alone:
            servers.append(start_mlflow(options.python, f"{folder}/mlflow", options.port + 8, log))
            peer = World(servers[-1])
            peer.prepare()
            peer.fill_database(f"{folder}/mlflow/mlflow.db", options.runs)
            worlds.append(peer)
        for world in worlds:
            print(f"{world.server.name}: {len(world.server.tree())} processes, {world.server.memory():,.0f} MiB", flush=True)
        measure(worlds, options.rounds, options.seconds, options.connections, options.only)
        for world in worlds:
            print(f"{world.server.name}: {world.server.memory():,.0f} MiB after", flush=True)
    finally:
        for server in servers:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
