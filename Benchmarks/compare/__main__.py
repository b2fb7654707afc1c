"""Measures Martlet beside other servers: the same models, the same requests, the same cores, rounds in turn.

Martlet runs as in production: with authentication, the model behind an endpoint with a policy, 1 % of the predictions recorded, every one
observed by the monitors. The others do none of that. Every answer is compared with ONNX Runtime's before anything is measured.
"""

import argparse
import contextlib
import http.client
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import bench
import grpc_calls
import models
import peers
import report
from models import BINARY, GRPC, JSON

MODELS = ("forest", "dense", "cnn")
PEERS = ("fastapi-json", "fastapi-orjson", "mlserver", "kserve", "triton", "triton-python", "nginx")


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def ask(peer, case, transport):
    """One request: the answer's head and bytes, its outputs, and how long it took."""
    start = time.perf_counter()
    with open(case.bodies[transport], "rb") as file:
        body = file.read()
    if transport == GRPC:
        import grpc
        from tritonclient.grpc import service_pb2

        with grpc.insecure_channel(peer.grpc, [("grpc.max_receive_message_length", -1)]) as channel:
            method = channel.unary_unary("/inference.GRPCInferenceService/ModelInfer")
            content = method(body[5:], timeout=60, metadata=[("authorization", f"Bearer {peer.key}")])
        head, content = {}, len(content).to_bytes(5, "big") + content
        return head, content, models.read_grpc(service_pb2.ModelInferResponse.FromString(content[5:])), time.perf_counter() - start
    connection = http.client.HTTPConnection(peer.server.url.removeprefix("http://"), timeout=60)
    with contextlib.closing(connection):
        connection.request("POST", f"/v2/models/{case.model.name}/infer", body, case.heads[transport] | {"Authorization": f"Bearer {peer.key}"})
        answer = connection.getresponse()
        content = answer.read()
    if answer.status != 200:
        raise SystemExit(f"answered {answer.status}: {content[:200].decode(errors='replace')}")
    return answer.headers, content, models.read_http(answer.headers, content), time.perf_counter() - start


def check(peer, case, transport):
    """Compares an answer with ONNX Runtime's; seconds that a request takes."""
    try:
        head, content, found, _ = ask(peer, case, transport)
        took = min(ask(peer, case, transport)[3] for _ in range(3))
    except Exception as error:
        raise SystemExit(f"{type(error).__name__}: {' '.join(str(error).split())[:300]}") from error
    if wrong := case.judge(found):
        raise SystemExit("a wrong answer: " + wrong)
    case.answers.setdefault(transport, (head, content))
    return took, len(content)


def settle(server):
    """Waits until the server has done what was left of the last round."""
    before, end = server.cpu_seconds(), time.monotonic() + 20
    while time.monotonic() < end:
        time.sleep(0.2)
        now = server.cpu_seconds()
        if now - before <= 0.02:
            return
        before = now


def measure(peer, case, transport, connections, seconds):
    if transport == GRPC:
        return grpc_calls.call(peer.server, peer.grpc, peer.key, case.bodies[GRPC], connections, 1, seconds, least=peer.checked[case.name, GRPC][1] * 0.98)
    return bench.load(peer.server, case.bodies[transport], peer.key, connections, seconds, case.model.name, case.heads[transport], status_only=True)


def alone(case, seconds):
    words = ["taskset", "-c", bench.SERVER_CORES, sys.executable, os.path.join(peers.HERE, "alone.py"), case.model.path, case.values_path, str(seconds)]
    ended = subprocess.run(words, capture_output=True, text=True)
    if ended.returncode != 0:
        raise SystemExit(ended.stderr)
    return json.loads(ended.stdout)


class Comparison:
    def __init__(self, chosen):
        self.chosen, self.rounds, self.missing, self.idle = chosen, [], [], {}

    def leave_out(self, peer, where, reason):
        # Tools print whole screens; the lines that say something are few.
        reason = " / ".join(line.strip() for line in str(reason).splitlines() if line.strip())
        reason = reason if len(reason) <= 600 else reason[:100] + " … " + reason[-500:]
        self.missing.append({"peer": peer, "where": where, "reason": reason})
        say(f"{peer} is left out of {where}: {reason}")

    def install(self):
        makers = {
            "fastapi-json": lambda: peers.FastAPI("json"), "fastapi-orjson": lambda: peers.FastAPI("orjson"), "mlserver": peers.MLServer, "kserve": peers.KServe,
            "triton": lambda: peers.Triton("onnxruntime", self.chosen.triton), "triton-python": lambda: peers.Triton("python", self.chosen.triton), "nginx": peers.Nginx,
        }
        self.peers = [peers.Martlet(self.chosen.martlet)]
        for name in self.chosen.peers:
            try:
                peer = makers[name]()
                peer.install(not self.chosen.no_install)
                self.peers.append(peer)
            except peers.Absent as reason:
                self.leave_out(name, "everything", reason)

    def launch(self, peer, model, folder):
        """Starts the server in a folder of its own; whether it is ready."""
        place = tempfile.mkdtemp(prefix=f"{peer.name}-", dir=folder)
        with open(os.path.join(place, "log"), "w+", errors="replace") as log:
            try:
                peer.start(model, place, log)
                return True
            except SystemExit as reason:
                log.seek(0)
                said = [line.strip() for line in log if line.strip()]
                told = [line for line in said if re.search(r"error|failed", line, re.IGNORECASE)] or said or ["nothing"]
                self.leave_out(peer.name, model.name, f"{reason}; it said: {' / '.join(told[:3])}")
                return False

    def died(self, peer, model, folder, where):
        """Whether the server has ended. It is started again, five times at the most: Triton 24.10 ends now and then when a load generator closes its connections."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            peer.server.process.wait(2)
        if (ended := peer.server.process.poll()) is None:
            return False
        peer.deaths += 1
        self.leave_out(peer.name, where, f"it ended with {ended}")
        peer.gone = peer.deaths > 5 or not self.launch(peer, model, folder)
        if peer.gone:
            self.leave_out(peer.name, f"all that follows of {model.name}", "it has ended too often, or does not start again")
        return True

    def start(self, model, folder):
        """Starts all servers with the model, compares their answers and warms them up: what may be measured is in their `checked`."""
        for peer in self.peers:
            peer.server, peer.checked, peer.deaths = None, {}, 0
            peer.gone = not self.launch(peer, model, folder)
            for case, transport in itertools.product(model.cases, self.transports(peer)):
                key, where = (case.name, transport), f"{case.name} {transport}"
                if peer.gone:
                    break
                if case.sizes[transport] > peer.largest:
                    self.leave_out(peer.name, where, f"requests over {peer.largest} bytes are not asked of it")
                    continue
                try:
                    peer.checked[key] = check(peer, case, transport)
                    measure(peer, case, transport, 8, 1)
                except (SystemExit, OSError) as reason:
                    if not self.died(peer, model, folder, "the warm-up of " + where):
                        peer.checked.pop(key, None)
                        self.leave_out(peer.name, where, reason)
            if peer.checked and not peer.gone:
                settle(peer.server)
                self.idle[model.name, peer.name] = peer.server.memory()
                say(f"{peer.name} serves {model.name}: answers as ONNX Runtime's to {len(peer.checked)} kinds of request, {self.idle[model.name, peer.name]:.0f} MiB")

    def transports(self, peer):
        return [one for one in peer.transports if one != GRPC or self.chosen.h2load]

    def run(self, name):
        with tempfile.TemporaryDirectory(prefix="martlet-compare-") as folder:
            model = models.make(name, folder)
            try:
                self.start(model, folder)
                if len(self.peers[0].checked) < len(model.cases):
                    raise SystemExit("Martlet itself does not serve the model")
                for number in range(self.chosen.rounds):
                    for case in model.cases:
                        found = alone(case, self.chosen.seconds)
                        self.keep(number, case, "in process", 1, "onnxruntime", found)
                        for transport, connections in itertools.product((JSON, BINARY, GRPC), self.chosen.connections):
                            for peer in self.peers if number % 2 == 0 else reversed(self.peers):
                                if (case.name, transport) in peer.checked and not peer.gone:
                                    self.measure(number, peer, case, transport, connections, folder)
            finally:
                for peer in self.peers:
                    if peer.server:
                        peer.server.stop()

    def measure(self, number, peer, case, transport, connections, folder):
        # A slow server needs longer to answer all connections a few times.
        turn = peer.checked[case.name, transport][0] * connections / peers.cores()
        seconds = max(self.chosen.seconds, min(15, round(4 * turn)))
        try:
            found = measure(peer, case, transport, connections, seconds)
            found["memory"] = peer.server.memory()
            settle(peer.server)
        except (SystemExit, OSError) as reason:
            if peer.name == "martlet":
                raise
            where = f"{case.name} {transport} × {connections}"
            if not self.died(peer, case.model, folder, f"round {number + 1} of {where}"):
                del peer.checked[case.name, transport]
                self.leave_out(peer.name, where + " and what follows of it", reason)
            return
        self.keep(number, case, transport, connections, peer.name, found)

    def keep(self, number, case, transport, connections, peer, found):
        self.rounds.append({"round": number + 1, "case": case.name, "transport": transport, "connections": connections, "peer": peer, **found})
        say(
            f"round {number + 1} of {self.chosen.rounds}, {case.name}, {transport} × {connections}: {peer} {found['rate']:,.0f} requests/s, {found['cpu_us']:,.1f} µs CPU,"
            f" p50 {found['p50_us'] / 1000:.2f} ms, p99 {found['p99_us'] / 1000:.2f} ms, {found['memory']:.0f} MiB"
        )


def listed(kind, known=None):
    def read(text):
        found = [kind(one) for one in text.split(",") if one]
        if known and (unknown := set(found) - set(known)):
            raise argparse.ArgumentTypeError(f"{', '.join(map(str, sorted(unknown)))}: not among {', '.join(known)}")
        return found

    return read


def main():
    options = argparse.ArgumentParser(prog="bench-compare", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--martlet", required=True, help=argparse.SUPPRESS)
    options.add_argument("--models", type=listed(str, MODELS), default=MODELS, help=f"default {','.join(MODELS)}")
    options.add_argument("--peers", type=listed(str, PEERS), default=PEERS, help=f"default {','.join(PEERS)}")
    options.add_argument("--connections", type=listed(int), default=(1, 8, 64), help="default 1,8,64")
    options.add_argument("--seconds", type=int, default=3, help="of one round at the least; slow servers get up to 15")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--server-cores", help="such as 0,1; default half of the cores, two at most. The load has as many others")
    options.add_argument("--triton", metavar="FOLDER", help="a Triton installation (bin/tritonserver, backends/), such as /opt/tritonserver, instead of the wheel's")
    options.add_argument("--no-install", action="store_true", help="leave out what is not installed")
    options.add_argument("--output", default="dist/compare", help="default dist/compare, for dist/compare.json and dist/compare.md")
    chosen = options.parse_args()
    if chosen.server_cores:
        bench.SERVER_CORES = chosen.server_cores
        taken = [int(one) for one in chosen.server_cores.split(",")]
        others = [one for one in range(os.cpu_count()) if one not in taken]
        bench.LOAD_CORES = ",".join(map(str, others[: max(2, len(taken))]))
    if os.cpu_count() < 2 or not bench.LOAD_CORES:
        raise SystemExit("two cores are needed: one for the server, one for the load generator")
    comparison = Comparison(chosen)
    chosen.h2load = shutil.which("h2load")
    if not chosen.h2load:
        comparison.leave_out("gRPC", "everything", "h2load is not installed: apt-get install nghttp2-client")
    comparison.install()
    start = os.getloadavg()[0]
    try:
        for name in chosen.models:
            comparison.run(name)
    except KeyboardInterrupt:
        say("interrupted: what follows is what was measured until now")
    finally:
        # Even after a failure: an hour's figures are not thrown away.
        title = f"{bench.machine()}; server on cores {bench.SERVER_CORES}, load on {bench.LOAD_CORES}; {chosen.rounds} rounds of {chosen.seconds} s"
        title += f"; load average before {start:.2f}, after {os.getloadavg()[0]:.2f}"
        report.write(chosen.output, title, comparison)


if __name__ == "__main__":
    sys.exit(main())
