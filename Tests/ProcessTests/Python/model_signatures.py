"""OpenSSF model signatures between Martlet and the reference implementation, and the CycloneDX bill of materials.

Usage: model_signatures.py FOLDER MARTLET DATA_DIRECTORY
"""

import json
import os
import pathlib
import subprocess
import sys

import mlflow
import requests

folder, martlet, data = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
server, key = os.environ["MARTLET_URL"], os.environ["MARTLET_KEY"]
python = pathlib.Path(sys.executable)
checks = 0


def check(condition, what):
    global checks
    assert condition, what
    checks += 1


def run(*arguments, expect=0):
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True, timeout=120)
    check(done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def signing(*arguments, expect=0):
    return run(python, "-m", "model_signing", *arguments, expect=expect)


def register(name, path):
    client = mlflow.MlflowClient()
    try:
        client.create_registered_model(name)
    except mlflow.exceptions.MlflowException:
        pass
    dataset = mlflow.data.from_numpy(__import__("numpy").zeros((2, 2)), name="customers")
    with mlflow.start_run() as active:
        mlflow.log_input(dataset, context="training")
        mlflow.log_param("depth", 4)
        mlflow.log_metric("recall", 0.875, dataset=dataset)
        mlflow.log_artifacts(str(path), "model")
    return int(client.create_model_version(name, f"runs:/{active.info.run_id}/model", active.info.run_id).version)


def download(name, version, target):
    mlflow.artifacts.download_artifacts(f"models:/{name}/{version}", dst_path=str(target))
    # MLflow's client adds this file to what it downloads.
    (target / "registered_model_meta").unlink(missing_ok=True)
    return target


mlflow.set_experiment("signing")
model = folder / "model"
(model / "sub").mkdir(parents=True)
(model / "MLmodel").write_text("flavors: {}\n")
(model / "sub" / "weights").write_bytes(os.urandom(100_000))
(model / "sub2").write_text("zz")
(model / "requirements.txt").write_text("mlflow==3.17.2\nscikit-learn==1.9.1\nnumpy>=2\n")

# Ours: signed on registration with the server's key.
version = register("ours", model)
copy = download("ours", version, folder / "copy")
bundle = folder / "ours.sig"
public = data / "keys" / "model-signing.pub"
run(martlet, "model", "verify", "ours", version, "--save", bundle)
signing("verify", "key", copy, "--signature", bundle, "--public_key", public)
flipped = copy / "sub" / "weights"
content = bytearray(flipped.read_bytes())
content[50_000] ^= 1
flipped.write_bytes(content)
signing("verify", "key", copy, "--signature", bundle, "--public_key", public, expect=1)

# An author's own key, on each curve; the server never sees it.
for curve in ("prime256v1", "secp384r1", "secp521r1"):
    private, pub = folder / f"{curve}.key", folder / f"{curve}.pub"
    run("openssl", "ecparam", "-name", curve, "-genkey", "-noout", "-out", private)
    run("openssl", "ec", "-in", private, "-pubout", "-out", pub)
    run(martlet, "model", "verify", "ours", version, "--public-key", pub, expect=2)
    run(martlet, "model", "sign", "ours", version, "--private-key", private, "--folder", model)
    run(martlet, "model", "verify", "ours", version, "--public-key", pub, "--save", folder / f"{curve}.sig")
    whole = download("ours", version, folder / f"whole-{curve}")
    signing("verify", "key", whole, "--signature", folder / f"{curve}.sig", "--public_key", pub)
(model / "sub2").write_text("zy")
run(martlet, "model", "sign", "ours", version, "--private-key", private, "--folder", model, expect=1)
(model / "sub2").write_text("zz")
stored = b"".join(p.read_bytes() for p in data.rglob("*") if p.is_file())
check(private.read_bytes().split(b"\n")[1] not in stored, "the author's private key is on the server")

# Theirs: the signature lies in the model as model.sig.
private, pub = folder / "prime256v1.key", folder / "prime256v1.pub"
signing("sign", "key", model, "--private_key", private, "--signature", model / "model.sig")
version = register("theirs", model)
run(martlet, "model", "verify", "theirs", version, "--public-key", pub)
run(martlet, "model", "verify", "theirs", version, "--public-key", folder / "secp384r1.pub", expect=2)
# The server's own signature of it is good for the reference implementation too.
copy = download("theirs", version, folder / "theirs")
run(martlet, "model", "verify", "theirs", version, "--save", folder / "theirs.sig")
signing("verify", "key", copy, "--signature", folder / "theirs.sig", "--public_key", public)
# A file that was changed after it was signed.
content = bytearray((model / "sub" / "weights").read_bytes())
content[7] ^= 1
(model / "sub" / "weights").write_bytes(content)
version = register("changed", model)
run(martlet, "model", "verify", "changed", version, "--public-key", pub, expect=2)
run(martlet, "model", "verify", "changed", version, "--save", folder / "changed.sig")

# A byte flipped on the server's own disk.
blobs = [p for p in (data / "artifacts" / "blobs").rglob("*") if p.is_file() and p.stat().st_size == 100_000]
for blob in blobs:
    damaged = bytearray(blob.read_bytes())
    damaged[3] ^= 1
    blob.write_bytes(damaged)
said = run(martlet, "model", "verify", "ours", 1, expect=2)
check("sub/weights" in said, said)

# What is no signature, and who may not.
headers = {"Authorization": f"Bearer {key}"}
url = f"{server}/api/v1/models/ours/versions/1/signatures"
pem = pub.read_text()
for body in ({"bundle": "x", "public_key": pem}, {"bundle": "{}", "public_key": pem}, {"bundle": "{}", "public_key": "x"}):
    check(requests.post(url, json=body, headers=headers, timeout=30).status_code == 400, body)
other = (folder / "changed.sig").read_text()
refused = requests.post(url, json={"bundle": other, "public_key": public.read_text()}, headers=headers, timeout=30)
check(refused.status_code == 409, refused.text)
check(requests.post(url, json={}, timeout=30).status_code == 401, "unauthenticated")

# The bill of materials.
bill = json.loads(run(martlet, "model", "bom", "ours", 1))
from cyclonedx.schema import SchemaVersion  # noqa: E402
from cyclonedx.validation.json import JsonStrictValidator  # noqa: E402

problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill))
check(problem is None, problem)
bad = json.loads(json.dumps(bill))
bad["metadata"]["component"]["type"] = "nonsense"
check(JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bad)) is not None, "the validator passes anything")
names = {component["name"] for component in bill["components"]}
check({"customers", "mlflow", "scikit-learn", "numpy"} <= names, names)
card = bill["metadata"]["component"]["modelCard"]
check(card["quantitativeAnalysis"]["performanceMetrics"][0]["slice"] == "customers", card)
print(f"{checks} checks passed")
