"""Predicts and sends feedback until the server goes away or the rollout is over; writes one line for each thing acknowledged.

usage: predicts_until_killed.py ROLLOUT FILE
"""

import os
import sys

import requests

URL = os.environ["MARTLET_URL"]
MODEL = "killed"


def main(rollout, path):
    session = requests.Session()
    session.headers["authorization"] = f"Bearer {os.environ['MARTLET_KEY']}"
    with open(path, "a", buffering=1) as acknowledged:
        try:
            inputs = session.get(f"{URL}/v2/models/{MODEL}", timeout=30).json()["inputs"]
            tensors = [{"name": one["name"], "shape": [1, one["shape"][-1]], "datatype": one["datatype"], "data": [15.0] * one["shape"][-1]} for one in inputs]
            for number in range(1_000_000):
                answer = session.post(f"{URL}/v2/models/{MODEL}/infer", json={"inputs": tensors}, timeout=30)
                answer.raise_for_status()
                prediction = answer.json()["parameters"]["prediction_id"]
                # `record: all` is durable before the answer leaves.
                acknowledged.write(f"prediction {prediction}\n")
                item = {"prediction_id": prediction, "row": 0, "label": number % 2}
                session.post(f"{URL}/api/v1/feedback", json={"items": [item]}, timeout=30).raise_for_status()
                acknowledged.write(f"feedback {prediction} {number % 2}\n")
                if number % 10 == 0:
                    now = session.get(f"{URL}/api/v1/rollouts/{rollout}", timeout=30).json()
                    acknowledged.write(f"rollout {rollout} {now['step']} {now['state']}\n")
                    if now["state"] in ("promoted", "rolled_back"):
                        return
        except requests.RequestException:
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
