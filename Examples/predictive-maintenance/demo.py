"""The whole loop in one command, told step by step. Run by script/demo.

Every step is what a user would type: the real `martlet` command line and the unmodified MLflow client do all of it, against a
real server with authentication on. A step whose outcome is not the right one ends the demo with a non-zero status.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import traffic

MODEL, CONTROL = "pump-failure", "pump-control"
CARD = "Works on seven readings of a pump. Not for pumps above 500 kW."
CONTROL_WORDS = ["--kind", "regression", "--description", "Control.", "--card", CARD]
# How long each thing may take before the demo counts it as not happening, in seconds.
PREPARED_WITHIN, ROLLED_WITHIN, ALERT_WITHIN, RETRAINED_WITHIN = 60, 90, 60, 120


class Wrong(Exception):
    """An outcome that is not the right one, as a sentence."""


class Screen:
    """Numbered steps, what was typed, and what came of it; a moving line while something takes time."""

    def __init__(self):
        self.is_terminal = sys.stdout.isatty()
        self.start = time.monotonic()
        self.number = 0

    def _paint(self, code, text):
        return f"\033[{code}m{text}\033[0m" if self.is_terminal else text

    def step(self, title):
        self.number += 1
        print(f"\n{self._paint('1', f'{self.number:2d}. {title}')}  {self._paint('2', f'{time.monotonic() - self.start:.0f} s')}", flush=True)

    def typed(self, words, who=None):
        line = " ".join(words)
        print(f"    {self._paint('36', '$ ' + line)}{self._paint('2', f'   # as {who}') if who else ''}", flush=True)

    def say(self, text):
        for line in str(text).rstrip().splitlines():
            print(f"    {line}", flush=True)

    def good(self, text):
        print(f"    {self._paint('32', 'ok')}  {text}", flush=True)

    def waiting(self, text):
        if self.is_terminal:
            print(f"\r\033[2K    … {text}", end="", flush=True)

    def clear(self):
        if self.is_terminal:
            print("\r\033[2K", end="", flush=True)


class Demo:
    def __init__(self, binary, python, keep):
        self.binary, self.python, self.keep = binary, python, keep
        self.screen = Screen()
        self.folder = tempfile.mkdtemp(prefix="martlet-demo-")
        # The retraining guest is another user and must be able to read its own code.
        os.chmod(self.folder, 0o755)
        self.keys = {}
        self.server = None
        self.streams = []

    # MARK: what a user types

    def environment(self, who):
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TERM", "TMPDIR") if name in os.environ}
        kept |= {"HOME": self.folder, "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
        if who:
            kept |= {"MARTLET_URL": self.url, "MARTLET_KEY": self.keys[who]}
            kept |= {"MLFLOW_TRACKING_URI": self.url, "MLFLOW_TRACKING_TOKEN": self.keys[who]}
        return kept

    def run(self, words, who, shown=None, statuses=(0,)):
        """One command to its end; returns its status and output. Any other status than those is wrong."""
        if shown is not False:
            self.screen.typed(shown or words, who)
        actual = [self.binary if words[0] == "martlet" else self.python if words[0] == "python" else words[0], *words[1:]]
        ended = subprocess.run(actual, env=self.environment(who), cwd=HERE, capture_output=True, text=True, timeout=180)
        if ended.returncode not in statuses:
            raise Wrong(f"`{' '.join(words)}` ended with {ended.returncode}:\n{ended.stdout[-2000:]}{ended.stderr[-2000:]}")
        # A refusal is said on the other stream.
        return ended.returncode, ended.stdout if ended.returncode == 0 or ended.stdout else ended.stderr

    def ask(self, words, who, shown=False, statuses=(0,)):
        """One command's answer as JSON."""
        _, text = self.run([*words, "--output", "json"], who, shown, statuses)
        try:
            return json.loads(text)
        except ValueError as error:
            raise Wrong(f"`{' '.join(words)}` did not answer JSON: {text[:500]}") from error

    def wait(self, what, seconds, look, every=0.25):
        """Looks until there is something; its absence after `seconds` is wrong."""
        end = time.monotonic() + seconds
        while True:
            found = look()
            if found:
                self.screen.clear()
                return found
            if time.monotonic() > end:
                self.screen.clear()
                raise Wrong(f"{what} did not happen within {seconds} s.")
            if self.server and self.server.poll() is not None:
                raise Wrong(f"the server ended by itself with {self.server.returncode}:\n{self.log()[-3000:]}")
            self.screen.waiting(f"{what} ({end - time.monotonic():.0f} s left)")
            time.sleep(every)

    @staticmethod
    def items(answer):
        return answer["items"] if isinstance(answer, dict) else answer

    def log(self):
        with open(os.path.join(self.folder, "server.log"), errors="replace") as file:
            return file.read()

    # MARK: the story

    def tell(self):
        self.start_server()
        self.make_people()
        self.write_policies()
        self.pilot()
        self.meets()
        self.approve_and_roll_out_first()
        self.canary()
        self.plant_joins()
        self.retrained()
        self.bad_candidate()
        self.good_candidate()
        self.trace_and_replay()
        self.control()
        self.finish()

    def start_server(self):
        self.screen.step("A server, with authentication and with guests allowed")
        data = os.path.join(self.folder, "data")
        words = ["martlet", "serve", "--port", "0", "--grpc-port", "0", "--data-dir", data, "--enable-guests", "--python", self.python]
        # The retraining command reads its own code, and asks Git which commit that is.
        git = os.path.join(HERE, "..", "..", ".git")
        words += ["--guest-paths", ":".join([HERE] + ([os.path.abspath(git)] if os.path.isdir(git) else []))]
        self.screen.typed(["martlet", "serve", "--enable-guests", "--python", ".venv/bin/python", "--guest-paths", "Examples/predictive-maintenance"])
        output = open(os.path.join(self.folder, "server.out"), "w+")
        environment = self.environment(None)
        environment |= {name: os.environ[name] for name in ("ONNXRUNTIME_LIB",) if name in os.environ}
        environment |= {name: value for name, value in os.environ.items() if name.startswith("MARTLET_TEST_")}
        self.server = subprocess.Popen(
            [self.binary, *words[1:]], stdout=output, stderr=open(os.path.join(self.folder, "server.log"), "w"), env=environment, cwd=self.folder
        )
        path = output.name
        said = self.wait("the server's address", 20, lambda: re.search(r"listening on (http://\S+:\d+)", open(path).read()), 0.05)
        self.url = said.group(1)
        with open(os.path.join(data, "admin-key")) as file:
            self.keys["admin"] = file.read().strip()
        self.screen.good(f"serving at {self.url}")

    def make_people(self):
        self.screen.step("Four people: two who build, two who approve, one who operates")
        # dana may approve too, so that it is four eyes that refuse her own work, and not her role.
        people = {"dana": ("contributor", "approver"), "pat": ("contributor",), "lee": ("approver",), "omar": ("operator",)}
        for name, roles in people.items():
            words = [word for role in roles for word in ("--role", role)]
            self.run(["martlet", "principal", "create", name, *words], "admin")
            self.keys[name] = self.ask(["martlet", "key", "create", name], "admin")["key"]
        self.screen.good("each has a key of their own")

    def write_policies(self):
        self.screen.step("The policy, before the pilot begins; and one for the control beside it")
        text = open(os.path.join(HERE, "martlet.yaml")).read()
        command = json.dumps([self.python, os.path.join(HERE, "retrain.py")])
        main = text + f"\nretraining:\n  command: {command}\n  on_alert: true\n  timeout: 5m\n  cooldown: 10m\n"
        control = text.replace(f"model: {MODEL}", f"model: {CONTROL}")
        for name, words in ((MODEL, main), (CONTROL, control)):
            path = os.path.join(self.folder, f"{name}.yaml")
            with open(path, "w") as file:
                file.write(words)
            self.run(["martlet", "policy", "apply", path], "pat", ["martlet", "policy", "apply", f"{name}.yaml"])
        self.screen.good("criteria, approvals, rollout steps, guardrails and monitors are in force")

    def train(self, who, arguments, shown=None):
        """Returns the version; where nothing is shown, also what the program said."""
        _, text = self.run(["python", "train.py", *arguments], who, shown)
        said = [line for line in text.splitlines() if " version " in line][-1]
        version = int(said.split(" version ")[1].split(":")[0])
        if shown is False:
            return version, said
        self.screen.say(said)
        return version

    def prepared(self, model, version):
        """Waits until Martlet has converted and tried the version."""

        def look():
            found = self.ask(["martlet", "model", "show", model, str(version)], "dana")
            state = (found.get("preparation") or {}).get("state", "pending")
            return found["preparation"] if state != "pending" else None

        preparation = self.wait(f"preparation of {model} version {version}", PREPARED_WITHIN, look)
        if preparation["state"] != "servable":
            raise Wrong(f"{model} version {version} is not servable: {preparation.get('detail')}")
        parity = preparation.get("parity")
        if not parity:
            raise Wrong(f"{model} version {version} was converted without a parity check.")
        if parity["label_mismatches"] > 0.01 * parity["rows"] or parity["max_absolute_difference"] > 1e-2:
            raise Wrong(f"{model} version {version}: parity is broken: {parity}")
        self.screen.good(
            f"converted to ONNX in a confined child; on {parity['rows']} real rows {parity['label_mismatches']} labels differ, "
            f"largest difference {parity['max_absolute_difference']:.1e}"
        )

    def readiness(self, model, version, expected_ready, quiet=False):
        status, text = self.run(["martlet", "readiness", model, str(version)], "dana", statuses=(0, 2))
        self.screen.say(text.splitlines()[-1] if quiet else text)
        if (status == 0) != expected_ready:
            raise Wrong(f"{model} version {version} is {'ready' if status == 0 else 'not ready'}, which it must not be.")

    def pilot(self):
        self.screen.step("A pilot model, logged with the unmodified MLflow client")
        self.pilot_version = self.train("dana", ["--kind", "pilot"])
        # Meanwhile the team goes on.
        words = ["--kind", "regression", "--description", "Regression on plants A to C.", "--card", CARD]
        self.first = self.beside(lambda: self.train("dana", words, shown=False))
        self.first_words = ["python", "train.py", *words]
        control = [*CONTROL_WORDS, "--model", CONTROL]
        self.control_trained = self.beside(lambda: self.train("dana", control, shown=False))
        self.prepared(MODEL, self.pilot_version)
        self.screen.step("Readiness shows what is missing")
        self.readiness(MODEL, self.pilot_version, expected_ready=False)
        self.screen.good("exit status 2: the pilot may not be rolled out")

    def beside(self, work):
        """Does something while the story goes on; what went wrong in it shows when it is waited for."""
        outcome = []

        def run():
            try:
                outcome.append((work(), None))
            except Exception as error:  # told by whoever waits
                outcome.append((None, error))

        thread = threading.Thread(target=run)
        thread.start()

        def wait():
            thread.join()
            value, error = outcome[0]
            if error:
                raise error
            return value

        return wait

    def meets(self):
        self.screen.step("A version that meets it, and the same for the control")
        self.screen.typed(self.first_words, "dana")
        self.version, said = self.first()
        self.screen.say(said)
        self.control_trained()
        words = ["--kind", "forest", "--seed", "2", "--description", "Forest on plants A to C.", "--card", CARD]
        self.better_words = ["python", "train.py", *words]
        self.better = self.beside(lambda: self.train("dana", words, shown=False))
        self.prepared(MODEL, self.version)
        self.readiness(MODEL, self.version, expected_ready=True)
        self.screen.good("exit status 0: every criterion is met, with evidence")

    def approve(self, model, version, shown=None):
        request = self.ask(["martlet", "approval", "request", model, str(version)], "dana", shown)
        self.run(["martlet", "approval", "approve", str(request["id"]), "--reason", "Evidence checked."], "lee", shown)

    def roll_out(self, model, version, outcome, quiet=False):
        rollout = self.ask(["martlet", "rollout", "start", model, str(version)], "omar", None if not quiet else False)
        seen = set()

        def look():
            now = self.ask(["martlet", "rollout", "show", str(rollout["id"])], "omar")
            mark = (now["state"], now["step"])
            if mark not in seen and not quiet:
                seen.add(mark)
                self.screen.clear()
                self.screen.say(f"{now['state']}, step {now['step']}" + (f": {now['reason']}" if now.get("reason") else ""))
            return now if now["state"] in ("promoted", "rolled_back") else None

        ended = self.wait(f"the end of the rollout of {model} version {version}", ROLLED_WITHIN, look)
        if ended["state"] != outcome:
            raise Wrong(f"the rollout of {model} version {version} ended {ended['state']}, not {outcome}: {ended.get('reason')}")
        return ended

    def approve_and_roll_out_first(self):
        self.screen.step("Approval by a second person; the author's own is refused")
        request = self.ask(["martlet", "approval", "request", MODEL, str(self.version)], "dana", None)
        refused, said = self.run(
            ["martlet", "approval", "approve", str(request["id"]), "--reason", "Mine."], "dana", statuses=(0, 1)
        )
        if refused == 0:
            raise Wrong("the author approved her own version.")
        self.screen.say(said)
        self.run(["martlet", "approval", "approve", str(request["id"]), "--reason", "Evidence checked."], "lee")
        self.screen.good("approved by lee")

        self.screen.step("The first version of an endpoint has nobody to be compared with: all traffic is its own")
        self.prepared(CONTROL, 1)
        self.approve(CONTROL, 1, shown=False)
        self.roll_out(CONTROL, 1, "promoted", quiet=True)
        self.roll_out(MODEL, self.version, "promoted")
        for model in (MODEL, CONTROL):
            stream = traffic.Traffic(self.url, self.keys["dana"], model, ["A", "B", "C"], seed=100 + len(self.streams))
            self.streams.append(stream.start())
        self.screen.good(f"live traffic on {MODEL} and on {CONTROL}, with labels that come half a second later")

    def canary(self):
        self.screen.step("A better one: from canary to full under live traffic")
        self.screen.typed(self.better_words, "dana")
        self.version, said = self.better()
        self.screen.say(said)
        self.prepared(MODEL, self.version)
        self.readiness(MODEL, self.version, expected_ready=True, quiet=True)
        self.approve(MODEL, self.version)
        self.roll_out(MODEL, self.version, "promoted")
        self.screen.good(f"promoted; {self.streams[0].sent} requests so far, answered by version {self.streams[0].by_version}")

    def alerts(self, endpoint, state="firing"):
        return [a for a in self.items(self.ask(["martlet", "alert", "list"], "omar")) if a["endpoint"] == endpoint and a["state"] == state]

    def plant_joins(self):
        self.screen.step("Plant D joins: its sensors are calibrated differently")
        before = self.alerts(MODEL)
        if before:
            raise Wrong(f"an alert fires before anything has changed: {before[0]['detail']}")
        self.streams[0].plants(["A", "B", "C", "D"])
        joined = time.monotonic()
        # Somebody trains on the plant's old records at once, without Martlet.
        self.bad_words = ["--plants", "A,B,C,D", "--unit-error", "--description", "Forest on plants A to D.", "--card", CARD]
        self.bad = self.beside(lambda: self.train("dana", self.bad_words, shown=False))

        def look():
            firing = self.alerts(MODEL)
            kinds = {alert["kind"] for alert in firing}
            return firing if "quality" in kinds and kinds & {"feature_drift", "prediction_drift"} else None

        firing = self.wait("the drift and the quality alert", ALERT_WITHIN, look)
        self.run(["martlet", "alert", "list"], "omar")
        for alert in firing:
            self.screen.say(f"{alert['kind']} {alert['subject']}: {alert['detail']}")
        self.screen.good(f"{len(firing)} alerts fire {time.monotonic() - joined:.0f} s after the plant joined")

    def retrained(self):
        self.screen.step("The alert has started the policy's retraining on all plants, as a confined child")
        self.screen.typed(["martlet", "retrain", "list"], "omar")

        def look():
            runs = [run for run in self.items(self.ask(["martlet", "retrain", "list"], "omar")) if run["model"] == MODEL]
            return next((run for run in runs if run["state"] != "running"), None)

        run = self.wait("the end of the retraining", RETRAINED_WITHIN, look)
        if run["state"] != "succeeded" or not run["versions"]:
            log = self.ask(["martlet", "retrain", "show", str(run["id"])], "omar").get("log_tail", "")
            raise Wrong(f"the retraining {run['state']}: {log[-1500:]}")
        self.good_version = run["versions"][-1]
        self.screen.say(f"started by {run['trigger']}: {run['reason']}")
        shown = self.ask(["martlet", "retrain", "show", str(run["id"])], "omar")
        self.screen.say(f"its data set: {run['dataset_rows']} recorded rows whose labels have come, SHA-256 {run['dataset_digest'][:12]}…")
        self.screen.say("\n".join(line for line in shown["log_tail"].splitlines() if line.startswith(("new rows", "registered"))))
        self.prepared(MODEL, self.good_version)
        self.screen.good(f"it registered version {self.good_version}")

    def bad_candidate(self):
        self.screen.step("A bad candidate, which looks good on paper: trained on degrees Fahrenheit")
        self.screen.typed(["python", "train.py", *self.bad_words], "dana")
        version, said = self.bad()
        self.screen.say(said)
        self.prepared(MODEL, version)
        self.readiness(MODEL, version, expected_ready=True, quiet=True)
        self.approve(MODEL, version)
        ended = self.roll_out(MODEL, version, "rolled_back")
        self.screen.good(f"caught by its guardrail and rolled back by Martlet itself: {ended['reason']}")

    def good_candidate(self):
        self.screen.step("The retrained version goes the same way, and is promoted")
        self.readiness(MODEL, self.good_version, expected_ready=True, quiet=True)
        self.approve(MODEL, self.good_version)
        self.roll_out(MODEL, self.good_version, "promoted")
        self.screen.good(f"version {self.good_version} is the champion")

    def trace_and_replay(self):
        self.screen.step("One prediction, traced and replayed")
        prediction = self.streams[0].labelled_id
        if not prediction:
            raise Wrong("no answer carried a prediction id.")
        _, text = self.run(["martlet", "trace", prediction], "omar", ["martlet", "trace", prediction[:16] + "…"])
        self.screen.say(text)
        status, text = self.run(["martlet", "replay", prediction], "omar", ["martlet", "replay", prediction[:16] + "…"], statuses=(0, 2))
        self.screen.say(text)
        if status != 0:
            raise Wrong("the replay differs from the recorded answer.")
        self.screen.good("recomputed bit for bit")

    def control(self):
        self.screen.step("The control, whose data did not change, and the audit chain")
        raised = [a for a in self.items(self.ask(["martlet", "alert", "list"], "omar", None)) if a["endpoint"] == CONTROL]
        if raised:
            raise Wrong(f"the control raised an alarm: {raised[0]['detail']}")
        self.screen.good(f"no alarm in {self.streams[1].sent} requests and {self.streams[1].labelled} labels")
        for stream in self.streams:
            stream.stop()
            if stream.failed:
                raise Wrong(f"{stream.failed} of {stream.sent} requests to {stream.endpoint} failed: {stream.failures[0]}")
        path = os.path.join(self.folder, "audit.jsonl")
        self.run(["martlet", "audit", "export", path], "admin", ["martlet", "audit", "export", "audit.jsonl"])
        _, text = self.run(["martlet", "audit", "verify", path], "admin", ["martlet", "audit", "verify", "audit.jsonl"])
        self.screen.say(text)

    def finish(self):
        total = sum(stream.sent for stream in self.streams)
        print(f"\nAll as it should be, in {time.monotonic() - self.screen.start:.0f} s: {total} requests, none failed.")
        print(f"Dashboard: {self.url}/")
        if self.keep:
            print(f"The server stays up (process {self.server.pid}); its data and log are in {self.folder}")
            print(f"Sign in with the key in {self.folder}/data/admin-key; stop it with: kill {self.server.pid}")

    def clean_up(self, succeeded):
        for stream in self.streams:
            stream.stop()
        if self.keep and succeeded:
            return
        if self.server and self.server.poll() is None:
            self.server.send_signal(signal.SIGTERM)
            try:
                self.server.wait(20)
            except subprocess.TimeoutExpired:
                self.server.kill()
                self.server.wait()
                print("The server did not stop within 20 s of SIGTERM.", file=sys.stderr)
        if succeeded:
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            print(f"The server's log and data are left in {self.folder}", file=sys.stderr)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--martlet", required=True, help="the binary")
    options.add_argument("--keep", action="store_true", help="leave the server running at the end")
    chosen = options.parse_args()
    demo = Demo(os.path.abspath(chosen.martlet), os.path.abspath(sys.executable), chosen.keep)
    succeeded = False
    try:
        demo.tell()
        succeeded = True
    except Wrong as wrong:
        demo.screen.clear()
        print(f"\nNOT as it should be: {wrong}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
    except Exception:  # whatever else happens, the server must not be left behind
        traceback.print_exc()
    finally:
        demo.clean_up(succeeded)
    return 0 if succeeded else 1


if __name__ == "__main__":
    sys.exit(main())
