"""Live traffic: asks an endpoint about pumps, and tells it a moment later which of them failed.

    python traffic.py --endpoint pump-failure --plants A,B,C --seconds 30

Uses the Open Inference Protocol over plain HTTP. Every request carries the caller's own key (an order number), and the labels
come back under that key, as they would from a maintenance system that knows nothing of prediction ids. Needs MARTLET_URL, and
MARTLET_KEY unless the server runs with --dev.
"""

import argparse
import http.client
import itertools
import json
import os
import threading
import time
import urllib.parse

import simulator

ROWS_PER_REQUEST = 5
# Rows of each plant that are sent again and again; many enough that no window sees one twice.
POOL_ROWS = 20_000


class Traffic:
    """A steady stream to one endpoint, in a thread of its own, until `stop`."""

    def __init__(self, url, key, endpoint, plants, requests_per_second=40, label_delay=0.5, seed=100):
        parts = urllib.parse.urlsplit(url)
        self.address = (parts.hostname, parts.port)
        self.headers = {"content-type": "application/json"}
        if key:
            self.headers["authorization"] = f"Bearer {key}"
        self.endpoint = endpoint
        self.interval = 1 / requests_per_second
        self.label_delay = label_delay
        self.seed = seed
        self.sent = self.failed = self.labelled = 0
        self.by_version = {}
        # The newest prediction whose labels have been told.
        self.labelled_id = None
        self.failures = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._numbers = itertools.count()
        self.plants(plants)
        self._threads = [threading.Thread(target=self._ask, daemon=True), threading.Thread(target=self._tell, daemon=True)]
        self._waiting = []

    def plants(self, plants):
        """From now on the rows come from these plants."""
        pool = simulator.mix(plants, POOL_ROWS, self.seed)
        with self._lock:
            self._pool, self._next = pool, 0

    def start(self):
        for thread in self._threads:
            thread.start()
        return self

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _take(self):
        with self._lock:
            if self._next + ROWS_PER_REQUEST > len(self._pool):
                self._next = 0
            frame = self._pool.iloc[self._next : self._next + ROWS_PER_REQUEST]
            self._next += ROWS_PER_REQUEST
        return frame

    def _ask(self):
        connection = http.client.HTTPConnection(*self.address, timeout=30)
        path = f"/v2/models/{urllib.parse.quote(self.endpoint)}/infer"
        due = time.monotonic()
        while not self._stop.is_set():
            frame = self._take()
            order = f"{self.endpoint}-{self.seed}-{next(self._numbers)}"
            status, answer = exchange(connection, "POST", path, request(frame, order), self.headers)
            self.sent += 1
            if status == 200:
                version = answer["model_version"]
                self.by_version[version] = self.by_version.get(version, 0) + 1
                prediction = answer.get("parameters", {}).get("prediction_id")
                labels = frame[simulator.LABEL].tolist()
                with self._lock:
                    self._waiting.append((time.monotonic() + self.label_delay, order, labels, prediction))
            else:
                self.failed += 1
                self.failures.append((status, answer))
            due = max(due + self.interval, time.monotonic() - 1)
            self._stop.wait(max(0, due - time.monotonic()))
        connection.close()

    def _tell(self):
        connection = http.client.HTTPConnection(*self.address, timeout=30)
        while not self._stop.wait(0.25):
            now = time.monotonic()
            with self._lock:
                due = [entry for entry in self._waiting if entry[0] <= now]
                self._waiting = [entry for entry in self._waiting if entry[0] > now]
            items = [
                {"endpoint": self.endpoint, "business_key": order, "row": row, "label": label}
                for _, order, labels, _ in due
                for row, label in enumerate(labels)
            ]
            for start in range(0, len(items), 1000):
                part = items[start : start + 1000]
                status, answer = exchange(connection, "POST", "/api/v1/feedback", {"items": part}, self.headers)
                if status == 200:
                    self.labelled += len(part)
                    self.labelled_id = due[-1][3] or self.labelled_id
                else:
                    self.failures.append((status, answer))
        connection.close()


def request(frame, order):
    """Rows as an Open Inference Protocol request, a tensor a column."""
    tensors = []
    for name in simulator.FEATURES:
        text = frame[name].dtype.kind not in "fiu"
        tensors.append(
            {"name": name, "shape": [len(frame), 1], "datatype": "BYTES" if text else "FP32", "data": frame[name].tolist()}
        )
    return {"inputs": tensors, "parameters": {"business_key": order}}


def exchange(connection, method, path, body, headers):
    """One request on a kept connection; a lost connection is opened again once."""
    for attempt in (1, 2):
        try:
            connection.request(method, path, json.dumps(body), headers)
            response = connection.getresponse()
            text = response.read()
            try:
                return response.status, json.loads(text)
            except ValueError:
                return response.status, text.decode(errors="replace")
        except (http.client.HTTPException, OSError) as error:
            connection.close()
            if attempt == 2:
                return 0, str(error)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--endpoint", default="pump-failure")
    options.add_argument("--plants", default="A,B,C")
    options.add_argument("--seconds", type=float, default=30)
    options.add_argument("--rate", type=float, default=40, help="requests a second, of five rows each")
    chosen = options.parse_args()
    url = os.environ.get("MARTLET_URL", "http://127.0.0.1:8080")
    traffic = Traffic(url, os.environ.get("MARTLET_KEY"), chosen.endpoint, chosen.plants.split(","), chosen.rate).start()
    time.sleep(chosen.seconds)
    traffic.stop()
    print(f"{traffic.sent} requests, {traffic.failed} failed, {traffic.labelled} labels, by version {traffic.by_version}")
    for failure in traffic.failures[:3]:
        print("failed:", *failure)


if __name__ == "__main__":
    main()
