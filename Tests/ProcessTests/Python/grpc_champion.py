"""Makes the model "wide" the champion of its endpoint. Takes the administrator's key in MARTLET_KEY."""

import time

import requests
from grpc_models import HEADERS, URL, register, rows

POLICY = "model: wide\nowner: o\npurpose: p\ntask: regression\n"


def call(path, body, headers=HEADERS):
    answer = requests.post(URL + path, headers=headers, **({"data": body} if isinstance(body, str) else {"json": body}))
    if answer.status_code >= 300:
        raise SystemExit(f"{path}: {answer.status_code} {answer.text}")
    return answer.json()


call("/api/v1/policies", POLICY)
call("/api/v1/principals", {"name": "lee", "roles": ["approver"]})
lee = {"authorization": "Bearer " + call("/api/v1/keys", {"principal": "lee"})["key"]}
register({"wide": rows(1024)}, served=False)
approval = call("/api/v1/approvals", {"model": "wide", "version": 1})
call(f"/api/v1/approvals/{approval['id']}/approve", {"reason": "seen"}, lee)
call("/api/v1/rollouts", {"model": "wide", "version": 1})
deadline = time.monotonic() + 30
while requests.get(f"{URL}/v2/models/wide/ready", headers=HEADERS).status_code != 200:
    if time.monotonic() > deadline:
        raise SystemExit("the endpoint has no champion")
    time.sleep(0.1)
