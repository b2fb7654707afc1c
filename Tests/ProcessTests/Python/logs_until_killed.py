"""Logs metrics, params and runs until the server goes away; writes one line for each write that was acknowledged.

usage: logs_until_killed.py WORKER FILE

The HTTP of MLflow's client without its retries: a write counts as acknowledged only if this very answer said so. The line is
flushed before the next write, so the file never claims less than the server said.
"""

import os
import sys
import time

import requests

URL = os.environ["MARTLET_URL"]


def main(worker, path):
    session = requests.Session()
    if key := os.environ.get("MARTLET_KEY"):
        session.headers["authorization"] = f"Bearer {key}"

    def post(call, body):
        answer = session.post(f"{URL}/api/2.0/mlflow/{call}", json=body, timeout=30)
        answer.raise_for_status()
        return answer.json()

    with open(path, "a", buffering=1) as acknowledged:
        try:
            run = post("runs/create", {"experiment_id": "0", "start_time": int(time.time() * 1000)})["run"]["info"]["run_id"]
            acknowledged.write(f"run {run}\n")
            number = 0
            while True:
                post("runs/log-metric", {"run_id": run, "key": f"m{worker}", "value": number, "timestamp": number + 1, "step": number})
                acknowledged.write(f"metric {run} m{worker} {number}\n")
                post("runs/log-parameter", {"run_id": run, "key": f"p{number}", "value": str(number)})
                acknowledged.write(f"param {run} p{number} {number}\n")
                if number % 10 == 0:
                    name = f"model-{worker}-{run[:8]}-{number}"
                    post("registered-models/create", {"name": name})
                    acknowledged.write(f"model {name}\n")
                number += 1
        except requests.RequestException:
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
