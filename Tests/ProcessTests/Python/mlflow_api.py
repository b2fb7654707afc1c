"""The calls and rules of MLflow's REST API that its client does not show, and Martlet's extensions; exits 0 only if all are right."""

import base64
import hashlib
import hmac
import json
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric
from mlflow.entities.webhook import WebhookEvent
from mlflow.exceptions import MlflowException

URL = os.environ["MARTLET_URL"]
API, AJAX = f"{URL}/api/2.0/mlflow", f"{URL}/ajax-api/2.0/mlflow"
client = MlflowClient()
checks = 0


def check(condition, what):
    global checks
    checks += 1
    if not condition:
        raise SystemExit(f"FAILED: {what}")


def refusal(answer, code="INVALID_PARAMETER_VALUE", status=400, words=""):
    body = answer.json()
    check(answer.status_code == status and body.get("error_code") == code and words in body["message"], f"{answer.request.url}: {answer.status_code} {answer.text}")


def post(call, body, base=API, **more):
    return requests.post(f"{base}/{call}", json=body, **more)


# bodies and their types
refusal(requests.post(f"{API}/runs/create", data="{}"), words="Content-Type header is missing")
refusal(requests.post(f"{API}/runs/create", data="{}", headers={"content-type": "text/plain"}), words="Content-Type must be one of")
json_type = {"content-type": "application/json; charset=utf-8"}
refusal(requests.post(f"{API}/runs/create", data="{", headers=json_type), words="Missing value for required parameter 'experiment_id'")
check(requests.post(f"{API}/experiments/search", data="nonsense", headers=json_type).status_code == 200, "no JSON is no fields")
check("experiments" in requests.post(f"{API}/experiments/search", data=json.dumps(json.dumps({"max_results": 1})), headers=json_type).json(), "JSON within JSON")
refusal(post("experiments/search", []))
refusal(post("experiments/create", {"name": 5}), words="Invalid value 5 for parameter 'name' supplied")
for base in (API, AJAX):
    check(requests.get(f"{base}/experiments/search", params={"max_results": "1", "view_type": "ALL"}).json()["experiments"], "search by GET")

# many runs
experiment = client.create_experiment("api")
ids = [client.create_run(experiment).info.run_id for _ in range(2)]
for number, run in enumerate(ids):
    client.log_batch(run, [Metric("m", step * 1.0 + number, 1_000 + step, step) for step in range(50)])
bulk = requests.get(f"{AJAX}/metrics/get-history-bulk", params={"run_id": ids, "metric_key": "m"}).json()["metrics"]
check(len(bulk) == 100 and [m["run_id"] for m in bulk] == sorted(m["run_id"] for m in bulk), "bulk history")
none = requests.get(f"{API}/metrics/get-history", params={"run_id": ids[0], "metric_key": "m", "max_results": 0})
check(none.status_code == 200 and not none.json().get("metrics") and "next_page_token" not in none.json(), f"no history {none.text}")
refusal(requests.get(f"{API}/metrics/get-history", params={"run_id": ids[0], "metric_key": "m", "max_results": -1}))
refusal(requests.get(f"{API}/metrics/get-history-bulk", params={"metric_key": "m"}), words="must specify at least one run_id")
refusal(requests.get(f"{API}/metrics/get-history-bulk", params={"run_id": "x"}), words="must specify a metric_key")
refusal(requests.get(f"{API}/metrics/get-history-bulk", params={"run_id": [str(i) for i in range(101)], "metric_key": "m"}), words="cannot specify more than 100")
sampled = requests.get(f"{API}/metrics/get-history-bulk-interval", params={"run_ids": ids, "metric_key": "m", "max_results": 5}).json()["metrics"]
check(len(sampled) == 10 and {m["step"] for m in sampled} >= {0, 49}, f"sampled history {sampled}")
within = requests.get(f"{API}/metrics/get-history-bulk-interval", params={"run_ids": ids[:1], "metric_key": "m", "start_step": 3, "end_step": 5}).json()["metrics"]
check([m["step"] for m in within] == [3, 4, 5], "an interval")
for bad, words in (({"start_step": 5, "end_step": 3}, "end_step must be greater"), ({"start_step": 5}, "both must be specified"), ({"max_results": 0}, "between 1 and 2500"), ({"max_results": "x"}, "Invalid value")):
    refusal(requests.get(f"{API}/metrics/get-history-bulk-interval", params={"run_ids": ids, "metric_key": "m"} | bad), words=words)
refusal(requests.get(f"{API}/metrics/get-history-bulk-interval", params={"run_ids": ["absent"], "metric_key": "m"}), "RESOURCE_DOES_NOT_EXIST", 404)

# data sets
dataset = Dataset("plants", "d1", "local", "{}")
client.log_inputs(ids[0], [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])
summaries = post("experiments/search-datasets", {"experiment_ids": [experiment]}, AJAX).json()["dataset_summaries"]
check(summaries == [{"experiment_id": experiment, "name": "plants", "digest": "d1", "context": "training"}], "data set summaries")
refusal(post("experiments/search-datasets", {}), words="must specify at least one experiment_id")
refusal(post("experiments/search-datasets", {"experiment_ids": [str(i) for i in range(21)]}), words="cannot specify more than 20")

# files
uploaded = requests.post(f"{AJAX}/upload-artifact", params={"run_uuid": ids[0], "path": "notes/n.txt"}, data="hello")
check(uploaded.status_code == 200 and requests.get(f"{URL}/get-artifact", params={"run_uuid": ids[0], "path": "notes/n.txt"}).text == "hello", "upload")
for params, data, words in (({}, "x", "must specify run_uuid"), ({"run_uuid": ids[0]}, "x", "must specify path"), ({"run_uuid": ids[0], "path": "../x"}, "x", "Invalid path"), ({"run_uuid": ids[0], "path": "x"}, "", "must specify data"), ({"run_uuid": ids[0], "path": "x"}, b"x" * (11 << 20), "too large")):
    refusal(requests.post(f"{AJAX}/upload-artifact", params=params, data=data), words=words)
for path in ("../x", "/x", "a/%2e%2e/x", "x#y"):
    refusal(requests.get(f"{API}/artifacts/list", params={"run_id": ids[0], "path": path}), words="Invalid path")
    refusal(requests.get(f"{URL}/get-artifact", params={"run_id": ids[0], "path": path}), words="Invalid path")

# logged models
model = client.create_logged_model(experiment, name="forest", source_run_id=ids[0], params={"trees": "20"})
proxy = f"{URL}/api/2.0/mlflow-artifacts/artifacts/" + model.artifact_location.removeprefix("mlflow-artifacts:/")
check(requests.put(f"{proxy}/MLmodel", data="flavors: {}").status_code == 200, "upload of a logged model")
check(requests.get(f"{AJAX}/logged-models/{model.model_id}/artifacts/files", params={"artifact_file_path": "MLmodel"}).text == "flavors: {}", "a logged model's file")
check([f["path"] for f in requests.get(f"{API}/logged-models/{model.model_id}/artifacts/directories").json()["files"]] == ["MLmodel"], "its folder")
for digest in ("a", "b"):
    client.log_metric(ids[0], "auc", 0.7, timestamp=5, step=0, model_id=model.model_id, dataset_name="test", dataset_digest=digest)
check(sorted(m.dataset_digest for m in client.get_logged_model(model.model_id).metrics) == ["a", "b"], "one value on two data sets")
other = client.create_logged_model(experiment, name="other")
found = client.search_logged_models([experiment], "metrics.auc > 0.5", datasets=[{"dataset_name": "test", "dataset_digest": "b"}])
check([m.model_id for m in found] == [model.model_id], "logged models by data set")
ordered = client.search_logged_models([experiment], order_by=[{"field_name": "metrics.auc", "ascending": False, "dataset_name": "test"}])
check([m.model_id for m in ordered] == [model.model_id, other.model_id], "logged models by metric on a data set")
for bad in ([{"field_name": "params.a"}], [{"ascending": True}]):
    refusal(post("logged-models/search", {"experiment_ids": [experiment], "order_by": bad}))
check(post("logged-models/search", {"experiment_ids": [experiment], "order_by": [{"field_name": "metrics.auc", "dataset_digest": "b"}]}).json()["models"][0]["info"]["model_id"] == model.model_id, "by digest alone")
first = client.search_logged_models([experiment], max_results=1)
check(len(client.search_logged_models([experiment], max_results=1, page_token=first.token)) == 1, "the next page of logged models")
refusal(post("logged-models/search", {"experiment_ids": ["0"], "page_token": first.token}), words="Experiment IDs in the page token do not match")
refusal(post("logged-models/search", {"experiment_ids": [experiment], "filter": "name = 'x'", "page_token": first.token}), words="Filter string in the page token does not match")
client.delete_logged_model(other.model_id)
refusal(requests.get(f"{API}/logged-models/{other.model_id}"), "RESOURCE_DOES_NOT_EXIST", 404)
check(requests.get(f"{API}/logged-models/{other.model_id}", params={"allow_deleted": "true"}).status_code == 200, "a deleted logged model, asked for")

# registry
client.create_registered_model("api-model", tags={"a": "1"})
version = client.create_model_version("api-model", model.artifact_location, model_id=model.model_id)
check(json.loads(client.get_logged_model(model.model_id).tags["mlflow.modelVersions"]) == [{"name": "api-model", "version": 1}], "the versions of a logged model")
hollow = client.create_model_version("api-model", "runs:/unknown/model")
check("no files at its source" in hollow.status_message, "a version without files says so")
check(client.get_model_version_download_uri("api-model", hollow.version) == "runs:/unknown/model", "and where its source was")
refusal(post("model-versions/transition-stage", {"name": "api-model", "version": "1", "stage": "Archived", "archive_existing_versions": True}), words="is not an Active stage")
refusal(post("registered-models/create", {"name": "p", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]}), "NOT_IMPLEMENTED", 501)
refusal(requests.get(f"{API}/registered-models/search", params={"order_by": ["name ASC", "name DESC"]}), words="duplicate fields")

# kept elsewhere
away = client.create_experiment("away", artifact_location="s3://bucket/away/")
away_run = client.create_run(away).info
check(away_run.artifact_uri == f"s3://bucket/away/{away_run.run_id}/artifacts", f"artifacts elsewhere: {away_run.artifact_uri}")
refusal(requests.get(f"{API}/artifacts/list", params={"run_id": away_run.run_id}), words="which Martlet does not keep")
for source in [away_run.artifact_uri + "/model", f"runs:/{away_run.run_id}/model"]:
    distant = client.create_model_version("api-model", source, run_id=away_run.run_id)
    check("cannot be prepared" in distant.status_message, f"a version elsewhere: {distant.status_message}")
azure = "wasbs://container@account.blob.core.windows.net/x"
check(client.get_experiment(client.create_experiment("azure", artifact_location=azure)).artifact_location == azure, "Azure's addresses")

# OR, parentheses, light lists
def names(text, **headers):
    return post("runs/search", {"experiment_ids": [experiment], "filter": text}, headers=headers)

either = f"(run_id = '{ids[0]}' OR run_id = '{ids[1]}') AND metrics.m > 0"
check(len(names(either).json()["runs"]) == 2, "OR and parentheses")
refusal(names(either, **{"Martlet-Search-Grammar": "mlflow"}), words="Invalid clause(s) in filter string")
refusal(names(either, **{"Martlet-Search-Grammar": "other"}))
light = post("runs/search", {"experiment_ids": [experiment], "view": "basic"}).json()["runs"]
check(len(light) == 2 and all(set(run) == {"info"} for run in light), "light runs")
light_model = requests.get(f"{API}/registered-models/search", params={"view": "basic"}).json()["registered_models"][0]
check("tags" not in light_model and "latest_versions" not in light_model, f"light models {light_model}")
check(set(post("logged-models/search", {"experiment_ids": [experiment], "view": "basic"}).json()["models"][0]) == {"info"}, "light logged models")
refusal(post("runs/search", {"experiment_ids": [experiment], "view": "tiny"}))

# what is not there
for method in ("get", "post", "patch", "delete"):
    for path in ("/api/2.0/mlflow/traces", "/api/3.0/mlflow/traces/search", "/api/3.0/mlflow/datasets/create", "/api/3.0/mlflow/scorers/list", "/api/3.0/mlflow/gateway/endpoints/list", "/ajax-api/3.0/mlflow/issues/search", "/api/3.0/mlflow/review-queues/list", "/api/3.0/mlflow/workspaces"):
        refusal(getattr(requests, method)(URL + path), "NOT_IMPLEMENTED", 501)
refusal(requests.get(f"{API}/nothing"), "ENDPOINT_NOT_FOUND", 404)
info = requests.get(f"{URL}/ajax-api/3.0/mlflow/server-info").json()
check(info["workspaces_enabled"] is False and info["store_type"] == "SqlStore", "server-info")


# webhooks
received, failures = [], {"/flaky": 1}


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        received.append((self.path, dict(self.headers), body))
        failing = failures.get(self.path, 0) > 0
        failures[self.path] = failures.get(self.path, 0) - 1
        status = 302 if self.path == "/moved" else 503 if failing else 200
        self.send_response(status)
        if status == 302:
            self.send_header("location", "/elsewhere")
        self.end_headers()
        self.wfile.write(b"y" * 100_000)

    def log_message(self, *arguments):
        pass


receiver = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()
place = f"http://127.0.0.1:{receiver.server_port}"


def wait(count, seconds=20):
    end = time.time() + seconds
    while len(received) < count and time.time() < end:
        time.sleep(0.05)
    check(len(received) == count, f"{len(received)} deliveries instead of {count}")


def created(name, path, *events, **more):
    return client.create_webhook(name, place + path, [WebhookEvent.from_str(event) for event in events], **more)


signed = created("signed", "/hook", "registered_model.created", "model_version_alias.created", secret="geheim")
check(signed.secret is None and "geheim" not in requests.get(f"{API}/webhooks/{signed.webhook_id}").text, "no secret is given out")
client.create_registered_model("told", description="d", tags={"k": "v"})
client.set_registered_model_alias("api-model", "next", "1")
wait(2)
bodies = [json.loads(body) for _, _, body in received]
check({"name": "told", "tags": {"k": "v"}, "description": "d"} in [b["data"] for b in bodies], f"payload {bodies}")
for _, headers, body in received:
    headers = {name.lower(): value for name, value in headers.items()}
    content = f"{headers['x-mlflow-delivery-id']}.{headers['x-mlflow-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(b"geheim", content, hashlib.sha256).digest()).decode()
    check(hmac.compare_digest(headers["x-mlflow-signature"], f"v1,{expected}"), "signature")
    check(abs(int(headers["x-mlflow-timestamp"]) - time.time()) < 60, "timestamp")
try:
    client.create_registered_model("told")
except MlflowException:
    pass
flaky = created("flaky", "/flaky", "model_version_tag.set")
client.set_model_version_tag("api-model", "1", "k", "v")
wait(4)
check(received[2][1]["x-mlflow-delivery-id"] == received[3][1]["x-mlflow-delivery-id"] and received[2][2] == received[3][2], "tried again under one id")
result = client.test_webhook(signed.webhook_id)
check(result.success and result.response_status == 200 and len(result.response_body) == 4096, "test call")
moved = created("moved", "/moved", "model_version_tag.deleted")
check(client.test_webhook(moved.webhook_id).response_status == 302 and received[-1][0] == "/moved", "redirects are not followed")
deadline = time.time() + 10
history = []
while time.time() < deadline and not (history and history[0]["state"] == "delivered"):
    history = requests.get(f"{URL}/api/v1/webhooks/{flaky.webhook_id}/deliveries").json()["items"]
    time.sleep(0.05)
check(history[0]["attempts"] == 2 and history[0]["response_status"] == 200, f"history {history}")
count = len(received)
again = requests.post(f"{URL}/api/v1/webhooks/{flaky.webhook_id}/deliveries/{history[0]['id']}/redeliver")
check(again.status_code == 200, f"redeliver: {again.text}")
wait(count + 1)
client.update_webhook(flaky.webhook_id, status="DISABLED", description="off")
check(client.get_webhook(flaky.webhook_id).description == "off", "update")
client.set_model_version_tag("api-model", "1", "k", "w")
for hook in client.list_webhooks():
    client.delete_webhook(hook.webhook_id)
check(client.list_webhooks() == [], "delete")
refusal(requests.get(f"{API}/webhooks/{flaky.webhook_id}"), "RESOURCE_DOES_NOT_EXIST", 404)
event = [{"entity": "MODEL_VERSION", "action": "CREATED"}]
for body, words in (
    ({"name": "a b", "url": place, "events": event}, "is invalid"),
    ({"name": "a", "url": "ftp://x", "events": event}, "scheme"),
    ({"name": "a", "url": "http://u:p@x", "events": event}, "credentials"),
    ({"name": "a", "url": place, "events": []}, "non-empty list"),
    ({"name": "a", "url": place}, "Missing value for required parameter 'events'"),
    ({"url": place, "events": event}, "Missing value for required parameter 'name'"),
    ({"name": "a", "url": place, "events": [{"entity": "MODEL_VERSION", "action": "DELETED"}]}, "Invalid action"),
):
    refusal(post("webhooks", body), words=words)
refusal(post("webhooks", {"name": "a", "url": place, "events": [{"entity": "PROMPT", "action": "CREATED"}]}), "NOT_IMPLEMENTED", 501)
for address in ("http://169.254.169.254/latest", "http://[::ffff:169.254.169.254]/", "http://0.0.0.0:1/"):
    hook = post("webhooks", {"name": "a", "url": address, "events": event}).json()["webhook"]["webhook_id"]
    answer = post(f"webhooks/{hook}/test", {}).json()["result"]
    check(answer["success"] is False and "Nothing may be sent" in answer["error_message"], f"{address}: {answer}")

print(f"{checks} checks passed")
