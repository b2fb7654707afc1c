"""A policy that requires signatures: unsigned versions are not served, signed ones are, by the keys that count.

Usage: signing_required.py MARTLET
"""

import os
import subprocess
import sys
import tempfile
import time

import requests

martlet = sys.argv[1]
server, key = os.environ["MARTLET_URL"], os.environ["MARTLET_KEY"]
headers = {"Authorization": f"Bearer {key}"}


def run(*arguments, expect=0):
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def preparation(name, version):
    url = f"{server}/api/v1/models/{name}/versions/{version}/preparation"
    for _ in range(300):
        answer = requests.get(url, headers=headers, timeout=30).json()
        if answer["state"] != "pending":
            return answer
        time.sleep(0.2)
    raise AssertionError(f"{name} {version} was never prepared: {answer}")


with tempfile.TemporaryDirectory() as folder:
    private, public = f"{folder}/author.key", f"{folder}/author.pub"
    run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", private)
    run("openssl", "ec", "-in", private, "-pubout", "-out", public)
    lines = "".join(f"    {line}\n" for line in open(public).read().splitlines())
    policy = f"{folder}/martlet.yaml"
    with open(policy, "w") as file:
        file.write(
            "model: doubler\nowner: ada\npurpose: tests\ntask: regression\nsigning: required\nsigning_keys:\n  - |\n" + lines
        )
    run(martlet, "policy", "check", policy)
    run(martlet, "policy", "apply", policy)
    run(sys.executable, os.path.join(os.path.dirname(__file__), "logs_onnx_model.py"), "doubler")
    # The server's own signature does not count here: the policy names the author's key.
    found = preparation("doubler", 1)
    assert found["state"] == "unservable" and "requires a signature" in found["detail"], found
    run(martlet, "model", "verify", "doubler", 1, expect=2)
    run(martlet, "model", "sign", "doubler", 1, "--private-key", private)
    run(martlet, "model", "verify", "doubler", 1)
    for _ in range(300):
        found = preparation("doubler", 1)
        if found["state"] == "servable":
            break
        time.sleep(0.2)
    assert found["state"] == "servable", found
    # A policy that requires nothing loosens: it waits for somebody else.
    loose = f"{folder}/loose.yaml"
    with open(loose, "w") as file:
        file.write("model: doubler\nowner: ada\npurpose: tests\ntask: regression\n")
    said = run(martlet, "policy", "apply", loose)
    assert "signing is not required any more" in said, said
print("all checks passed")
