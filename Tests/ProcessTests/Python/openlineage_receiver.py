"""Receives OpenLineage events, makes the openlineage-python package's own classes of them, and checks what they tell.

openlineage_receiver.py PORT KEY: listens there only after the runs have been made, so that every event has waited for it.
"""

import http.server
import json
import sys
import threading
import time

import mlflow
from mlflow import MlflowClient
from openlineage.client import event_v2, facet_v2

port, key = int(sys.argv[1]), sys.argv[2]
checks = 0
events = []
FACETS = {
    "jobType": facet_v2.job_type_job.JobTypeJobFacet,
    "sourceCodeLocation": facet_v2.source_code_location_job.SourceCodeLocationJobFacet,
    "ownership": facet_v2.ownership_job.OwnershipJobFacet,
    "errorMessage": facet_v2.error_message_run.ErrorMessageRunFacet,
    "version": facet_v2.dataset_version_dataset.DatasetVersionDatasetFacet,
    "schema": facet_v2.schema_dataset.SchemaDatasetFacet,
    "lifecycleStateChange": facet_v2.lifecycle_state_change_dataset.LifecycleStateChangeDatasetFacet,
    "dataQualityMetrics": facet_v2.data_quality_metrics_input_dataset.DataQualityMetricsInputDatasetFacet,
}


def check(condition, what):
    global checks
    checks += 1
    if not condition:
        raise SystemExit(f"FAILED: {what}")


class Receiver(http.server.BaseHTTPRequestHandler):
    """Refuses each event once with 503, so that it has to come again."""

    seen = set()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers["authorization"] != f"Bearer {key}":
            self.send_response(401)
        elif body not in Receiver.seen and len(Receiver.seen) < 2:
            Receiver.seen.add(body)
            self.send_response(503)
        else:
            events.append(json.loads(body))
            self.send_response(201)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


def facets(all_facets):
    """Every facet is one of the package's classes, or our own, of the base class."""
    made = {}
    for name, members in (all_facets or {}).items():
        plain = {k: v for k, v in members.items() if not k.startswith("_")}
        check(members["_producer"].startswith("martlet://"), f"the producer of {name}")
        if name == "martlet":
            check("spec/2-0-2/OpenLineage.json#/$defs/" in members["_schemaURL"], "the schema of our own facet")
            continue
        made[name] = FACETS[name](**plain)
        check(members["_schemaURL"] == FACETS[name]._get_schema(), f"the schema of {name}: {members['_schemaURL']}")
    return made


def typed(event):
    """The event as the package's class: its validators refuse what the specification does not allow."""
    common = {"eventTime": event["eventTime"], "producer": event["producer"]}
    if "dataset" in event:
        data = event["dataset"]
        made = event_v2.DatasetEvent(
            dataset=event_v2.Dataset(data["namespace"], data["name"], facets=facets(data["facets"])), **common)
    else:
        run, job = event["run"], event["job"]
        made = event_v2.RunEvent(
            eventType=event_v2.RunState(event["eventType"]), run=event_v2.Run(run["runId"], facets(run["facets"])),
            job=event_v2.Job(job["namespace"], job["name"], facets(job["facets"])),
            inputs=[event_v2.InputDataset(d["namespace"], d["name"], inputFacets=facets(d["inputFacets"]), facets=facets(d["facets"]))
                    for d in event["inputs"]],
            outputs=[event_v2.OutputDataset(d["namespace"], d["name"], facets=facets(d["facets"])) for d in event["outputs"]],
            **common)
    check(made.schemaURL == event["schemaURL"], f"the schema of the event: {event['schemaURL']}")
    return made


mlflow.set_experiment("wear")
client = MlflowClient()
tags = {"mlflow.source.git.commit": "c0ffee" * 6, "mlflow.source.git.repoURL": "https://git.example.org/wear"}
with mlflow.start_run(tags=tags) as good:
    mlflow.log_param("depth", 3)
    mlflow.log_text("weights", "model/MLmodel")
    client.create_registered_model("wear")
    client.create_model_version("wear", f"runs:/{good.info.run_id}/model", good.info.run_id)
try:
    with mlflow.start_run() as bad:
        raise ValueError("on purpose")
except ValueError:
    pass
stopped = client.create_run("0")
client.set_terminated(stopped.info.run_id, status="KILLED")

server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
deadline = time.time() + 90
while len(events) < 8 and time.time() < deadline:
    time.sleep(0.1)
check(len(events) == 8, f"eight events came: {[e.get('eventType', 'DATASET') for e in events]}")
made = [typed(event) for event in events]

kinds = [event.get("eventType", "DATASET") for event in events]
check(kinds == ["DATASET", "START", "OTHER", "COMPLETE", "START", "FAIL", "START", "ABORT"], f"in the order in which it happened: {kinds}")
check(made[0].dataset.name == "datasets/plants" and made[0].dataset.facets["version"].datasetVersion, "the data set")
check([f["name"] for f in made[0].dataset.facets["schema"].fields] == ["heat", "plant"], "its schema")
uuids = [event["run"]["runId"] for event in events[1:]]
check([uuid.replace("-", "") for uuid in uuids] == [r.info.run_id for r in (good, good, good, bad, bad, stopped, stopped)], "the runs")
complete = made[3]
check(complete.job.name == "experiments/wear" and complete.job.namespace == "plant-7", "the job")
check(complete.job.facets["sourceCodeLocation"].version == "c0ffee" * 6, "the code")
check([(d.name, d.facets["version"].datasetVersion) for d in complete.outputs] == [("models/wear", "1")], "what it made")
check(events[3]["run"]["facets"]["martlet"]["params"] == {"depth": "3"}, "its parameters")
check(made[5].run.facets["errorMessage"].message, "why it failed")
print(f"{checks} checks passed")
