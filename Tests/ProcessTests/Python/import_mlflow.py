"""Fills a real `mlflow server`, takes it over with `martlet import mlflow`, and compares with the official client.

Usage: import_mlflow.py MARTLET_BINARY [RUNS MODELS MEGABYTES KILLS]
The server to fill is MLFLOW_TRACKING_URI; the size defaults to a small one, and KILLS interrupts the import by SIGKILL.
"""
import hashlib
import json
import math
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType

MARTLET = sys.argv[1]
RUNS, MODELS, MEGABYTES, KILLS = (int(word) for word in (sys.argv[2:6] + ["6", "2", "1", "0"][len(sys.argv[2:6]):]))
HERE = os.environ["MLFLOW_TRACKING_URI"]
checks = 0


def check(condition, what):
    global checks
    checks += 1
    if not condition:
        raise SystemExit(f"FAILED: {what}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Source:
    """An `mlflow server` on SQLite with proxied artifacts, in a folder of its own."""

    def __init__(self, folder):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.log = open(folder / "mlflow.log", "wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "2",
             "--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "files")],
            cwd=folder, stdout=self.log, stderr=self.log, start_new_session=True,
            # Its job runner would outlive it, in a session of its own.
            env={**os.environ, "MLFLOW_TRACKING_URI": "", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"})
        deadline = time.time() + 180
        while True:
            try:
                urllib.request.urlopen(self.url + "/health", timeout=5).read()
                return
            except OSError:
                if time.time() > deadline or self.process.poll() is not None:
                    raise SystemExit("mlflow server did not start: " + (folder / "mlflow.log").read_text()[-2000:])
                time.sleep(0.5)

    def stop(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(60)
        self.log.close()


def fill(url, folder):
    """Experiments, runs, metrics, artifacts, logged models, registered models: also what is deleted."""
    os.environ["MLFLOW_ENABLE_ASYNC_LOGGING"] = "false"
    client = MlflowClient(url)
    rng = random.Random(7)
    experiments = ["0"] + [client.create_experiment(f"plants/{n}", tags={"team": "löwe"}) for n in range(3)]
    is_large = RUNS > 100
    if is_large:
        # MLflow's own store on the same database, and its own layout of files: a thousand runs over HTTP take too long.
        database = f"sqlite:///{folder}/mlflow.db"
        client = MlflowClient(database, database)
    chunk = max(1, MEGABYTES * 1_000_000 // max(1, RUNS))
    runs = []
    for number in range(RUNS):
        run = client.create_run(
            experiments[number % len(experiments)], start_time=1_700_000_000_000 + number, run_name=f"run {number}",
            tags={"note": "text ☃ '\"", "mlflow.user": "ada"})
        run_id = run.info.run_id
        runs.append(run_id)
        points = [Metric("loss", 1 / (step + 1), 1_700_000_000_000 + step, step) for step in range(100)]
        points += [Metric("odd", value, 1_700_000_000_000, -1) for value in (math.nan, math.inf, -0.0, 1e-310)]
        points += [Metric("loss", 0.5, 1_700_000_000_500, 3), Metric("acc/val", 0.1 + number, 5, 0)]
        client.log_batch(
            run_id, points, [Param("depth", str(number)), Param("long", "x" * 6000)], [RunTag("k", "v" * 5000)])
        path = folder / "files" / experiments[number % 4] / run_id / "artifacts" if is_large else folder / "upload"
        path.mkdir(exist_ok=True, parents=True)
        if is_large:
            (path / "big").mkdir()
            (path / "big" / "data.bin").write_bytes(rng.randbytes(chunk))
            (path / "small ü.txt").write_text(f"run {number}")
            (path / "empty").write_bytes(b"")
            client.set_terminated(run_id, "FINISHED" if number % 5 else "FAILED", 1_700_000_100_000 + number)
            continue
        (path / "data.bin").write_bytes(rng.randbytes(chunk))
        client.log_artifact(run_id, str(path / "data.bin"), "big")
        (path / "small ü.txt").write_text(f"run {number}")
        client.log_artifact(run_id, str(path / "small ü.txt"))
        (path / "empty").write_bytes(b"")
        client.log_artifact(run_id, str(path / "empty"))
        client.set_terminated(run_id, "FINISHED" if number % 5 else "FAILED", 1_700_000_100_000 + number)
    client = MlflowClient(url)
    mlflow.set_tracking_uri(url)
    mlflow.set_experiment("plants/1")
    with mlflow.start_run(run_name="logs a model") as run:
        data = mlflow.data.from_numpy(__import__("numpy").arange(6.0).reshape(3, 2), name="plants", source="here.csv")
        mlflow.log_input(data, context="training")
        logged = mlflow.initialize_logged_model(name="net", model_type="classifier", params={"layers": "3"}, tags={"a": "b"})
        (folder / "MLmodel").write_text("flavors: {}\n")
        client.log_model_artifact(logged.model_id, str(folder / "MLmodel")) if hasattr(client, "log_model_artifact") else None
        mlflow.log_metric("auc", 0.875, step=2, model_id=logged.model_id, dataset=data)
        mlflow.log_outputs(models=[mlflow.entities.LoggedModelOutput(logged.model_id, 0)]) if hasattr(mlflow, "log_outputs") else None
        mlflow.finalize_logged_model(logged.model_id, "READY")
        runs.append(run.info.run_id)
    for number in range(MODELS):
        name = f"model {number}"
        client.create_registered_model(name, tags={"owner": "olga"}, description=f"does {number}")
        for index in range(3):
            run_id = runs[(number + index) % RUNS]
            uri = client.get_run(run_id).info.artifact_uri
            client.create_model_version(name, uri + "/big", run_id, tags={"index": str(index)}, description=f"v {index}")
        client.delete_model_version(name, "2")
        client.set_registered_model_alias(name, "next", "3")
        client.transition_model_version_stage(name, "1", "Production")
    client.delete_run(runs[0])
    client.delete_experiment(experiments[3])
    return runs


def martlet(*words, expect=0, kill_after=None):
    process = subprocess.Popen(
        [MARTLET, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "MARTLET_URL": HERE, "MLFLOW_TRACKING_TOKEN": ""})
    if kill_after:
        time.sleep(kill_after)
        check(process.poll() is None, "the import was still under way when it was killed")
        process.kill()
        process.communicate()
        return None
    out, err = process.communicate(timeout=6_000)
    check(process.returncode == expect, f"martlet {' '.join(words)} ended with {process.returncode}: {out} {err}")
    return out


def history(client, run_id, key):
    points = client.get_metric_history(run_id, key)
    return sorted((p.step, p.timestamp, repr(p.value)) for p in points)


def compare(url, runs, folder):
    """With the official client at both servers; nothing of Martlet's own verification."""
    there, here = MlflowClient(url), MlflowClient(HERE)
    names = lambda client: {e.name: (e.lifecycle_stage, e.tags) for e in client.search_experiments(ViewType.ALL)}
    check(names(there) == names(here), "experiments are the same")
    sample = runs if len(runs) <= 50 else random.Random(1).sample(runs, 50)
    for run_id in sample:
        a, b = there.get_run(run_id), here.get_run(run_id)
        for field in ("run_name", "status", "start_time", "end_time", "lifecycle_stage", "user_id"):
            check(getattr(a.info, field) == getattr(b.info, field), f"{field} of {run_id}")
        check(a.data.params == b.data.params and a.data.tags == b.data.tags, f"params and tags of {run_id}")
        check(set(a.data.metrics) == set(b.data.metrics), f"metrics of {run_id}")
        for key in a.data.metrics:
            check(history(there, run_id, key) == history(here, run_id, key), f"history of {key} of {run_id}")
        check([d.dataset.to_dictionary() for d in a.inputs.dataset_inputs]
              == [d.dataset.to_dictionary() for d in b.inputs.dataset_inputs], f"data sets of {run_id}")
        if a.info.lifecycle_stage == "active" and a.info.run_name != "logs a model":
            for path in ("big/data.bin", "small ü.txt", "empty"):
                digests = []
                for name, client in (("a", there), ("b", here)):
                    target = folder / f"down-{name}"
                    target.mkdir(exist_ok=True)
                    local = pathlib.Path(client.download_artifacts(run_id, path, str(target)))
                    digests.append(hashlib.sha256(local.read_bytes()).hexdigest())
                check(digests[0] == digests[1], f"{path} of {run_id}")
    models = lambda client: {
        m.name: (m.description, m.tags, m.aliases, m.creation_timestamp) for m in client.search_registered_models()}
    check(models(there) == models(here), "registered models")
    versions = lambda client: {
        (v.name, int(v.version)): (v.description, v.tags, v.current_stage, v.run_id, v.creation_timestamp)
        for v in client.search_model_versions()}
    check(versions(there) == versions(here), "model versions")
    logged = lambda client: {
        m.model_id: (m.name, m.status, m.params, m.tags, [(x.key, x.value, x.step, x.dataset_name) for x in m.metrics or []])
        for m in client.search_logged_models([e.experiment_id for e in client.search_experiments()])}
    check(logged(there) == logged(here), f"logged models: {logged(there)} {logged(here)}")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        source = Source(folder)
        try:
            started = time.time()
            runs = fill(source.url, folder)
            print(f"filled in {time.time() - started:.0f} s")
            words = ("import", "mlflow", "--from", source.url)
            for _ in range(KILLS):
                martlet(*words, kill_after=max(3.0, RUNS / 60))
            started = time.time()
            report = json.loads(martlet(*words, "--output", "json"))
            seconds = time.time() - started
            check(report["difference_count"] == 0, f"differences: {report}")
            print(f"imported and compared in {seconds:.0f} s: {json.dumps(report['imported'])}")
            print(json.dumps(report["verified"]))
            compare(source.url, runs, folder)
            again = json.loads(martlet(*words, "--output", "json"))
            check(again["imported"]["runs_already_here"] == again["imported"]["runs"], "a second import has nothing to do")
            check(again["imported"]["files"] == 0 and again["imported"]["metric_points"] == 0, "nothing is read twice")
            here = MlflowClient(HERE)
            here.set_registered_model_alias("model 0", "next", "1")
            there = MlflowClient(source.url)
            there.set_registered_model_alias("model 0", "next", "1")
            there.set_registered_model_alias("model 0", "next", "3")
            here.set_tag(runs[1], "note", "changed here")
            out = martlet(*words, "--verify-only", expect=2)
            check("The tag note is another here" in out or "differs in tag note" in out, out)
            check("The alias next of model 0 names version 1 here" in out, out)
            out = martlet(*words, "--no-verify")
            check("It was moved here since" in out, out)
            check(here.get_model_version_by_alias("model 0", "next").version in ("1", 1), "a moved alias stays")
            if RUNS <= 100:
                export(source.url, folder)
        finally:
            source.stop()
    print(f"{checks} checks passed")


def export(url, folder):
    """Back to the same MLflow server, under other names: what is there is found, what is new is written."""
    here, there = MlflowClient(HERE), MlflowClient(url)
    new = here.create_experiment("made here")
    run = here.create_run(new, run_name="exported", start_time=1_700_000_000_000)
    here.log_batch(run.info.run_id, [Metric("m", float(s), 5 + s, s) for s in range(1500)], [Param("p", "1")], [])
    (folder / "report.txt").write_text("words")
    here.log_artifact(run.info.run_id, str(folder / "report.txt"), "docs")
    here.set_terminated(run.info.run_id, "FINISHED", 1_700_000_200_000)
    here.create_registered_model("made here too", description="d")
    here.create_model_version("made here too", run.info.artifact_uri + "/docs", run.info.run_id, tags={"t": "1"})
    here.set_registered_model_alias("made here too", "best", "1")
    for _ in range(2):
        out = martlet("export", "mlflow", "--to", url, "--output", "json", expect=2)
    report = json.loads(out)
    check(report["exported"].get("runs", 0) == 0, f"a second export writes no run: {report['exported']}")
    check(any("deleted" in line for line in report["left_out"]), "what is deleted is told as left out")
    copy = there.search_runs([there.get_experiment_by_name("made here").experiment_id])
    check(len(copy) == 1 and copy[0].data.tags["martlet.run_id"] == run.info.run_id, "the run is there once")
    check(copy[0].info.start_time == 1_700_000_000_000 and copy[0].info.end_time == 1_700_000_200_000, "its times")
    check(history(there, copy[0].info.run_id, "m") == history(here, run.info.run_id, "m"), "its metric history")
    path = there.download_artifacts(copy[0].info.run_id, "docs/report.txt", str(folder))
    check(pathlib.Path(path).read_text() == "words", "its artifact")
    version = there.get_model_version_by_alias("made here too", "best")
    check(version.run_id == copy[0].info.run_id and version.tags["t"] == "1", "its version and alias")


main()
