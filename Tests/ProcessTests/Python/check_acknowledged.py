"""Checks that every acknowledged write of the given files is on the server; prints what is missing.

usage: check_acknowledged.py FILE…
"""

import os
import sys

import requests

URL = os.environ["MARTLET_URL"]


def main(paths):
    session = requests.Session()
    if key := os.environ.get("MARTLET_KEY"):
        session.headers["authorization"] = f"Bearer {key}"
    lines = [line.split() for path in paths for line in open(path) if line.endswith("\n")]
    missing, runs, histories = [], {}, {}

    def get(call, **query):
        return session.get(f"{URL}/api/2.0/mlflow/{call}", params=query, timeout=60)

    for kind, *rest in lines:
        if kind in ("prediction", "feedback"):
            answer = session.get(f"{URL}/api/v1/predictions/{rest[0]}", timeout=60)
            trace = answer.json() if answer.status_code == 200 else {}
            found = trace.get("input") is not None
            if kind == "feedback":
                found = found and [rest[1]] == [entry["label"] for entry in trace["feedback"]]
        elif kind == "rollout":
            # What a client was told of is never taken back.
            now = session.get(f"{URL}/api/v1/rollouts/{rest[0]}", timeout=60).json()
            found = now["step"] >= int(rest[1]) and now["state"] in ("progressing", "promoted")
        elif kind == "model":
            found = get("registered-models/get", name=rest[0]).status_code == 200
        else:
            run = rest[0]
            if run not in runs:
                answer = get("runs/get", run_id=run)
                runs[run] = answer.json()["run"]["data"] if answer.status_code == 200 else None
            data = runs[run]
            if data is None:
                found = False
            elif kind == "run":
                found = True
            elif kind == "param":
                if (run, "params") not in histories:
                    histories[run, "params"] = {p["key"]: p["value"] for p in data.get("params", [])}
                found = histories[run, "params"].get(rest[1]) == rest[2]
            else:
                if (run, rest[1]) not in histories:
                    points, token = set(), None
                    while True:
                        page = get("metrics/get-history", run_id=run, metric_key=rest[1], max_results=25000, **({"page_token": token} if token else {})).json()
                        points |= {int(point["step"]) for point in page.get("metrics", [])}
                        token = page.get("next_page_token")
                        if not token:
                            break
                    histories[run, rest[1]] = points
                found = int(rest[2]) in histories[run, rest[1]]
        if not found:
            missing.append(" ".join([kind, *rest]))
    print(f"{len(lines)} acknowledged, {len(missing)} missing")
    for line in missing[:20]:
        print("missing:", line)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
