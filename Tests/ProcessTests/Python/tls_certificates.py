"""Both ports by TLS: certificates that are renewed, and clients that must have one.

usage: tls_certificates.py make|renew|mutual FOLDER

`make` puts into FOLDER an authority and certificates of it for the server and for a client, and a client's of another authority.
"""

import os
import shutil
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException

MODE, FOLDER = sys.argv[1:3]
# The server looks at its files every five seconds.
PATIENCE_SECONDS = 20


def path(name):
    return os.path.join(FOLDER, name)


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


def make(name, authority=None):
    """NAME.pem and NAME.key, certified by AUTHORITY or by itself."""
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path(name + ".key"))
    request = ["req", "-new", "-key", path(name + ".key"), "-subj", f"/CN={name}", "-days", "1"]
    if authority is None:
        return openssl(*request, "-x509", "-out", path(name + ".pem"))
    request.remove("-days"), request.remove("1")
    openssl(*request, "-out", path(name + ".csr"))
    with open(path(name + ".ext"), "w") as file:
        file.write("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", path(name + ".csr"), "-CA", path(authority + ".pem"), "-CAkey", path(authority + ".key"), "-CAcreateserial", "-days", "1", "-extfile", path(name + ".ext"), "-out", path(name + ".pem"))


def trusting(client=None):
    context = ssl.create_default_context(cafile=path("authority.pem"))
    if client:
        context.load_cert_chain(path(client + ".pem"), path(client + ".key"))
    return context


def over_http(client=None):
    with urllib.request.urlopen(os.environ["MARTLET_URL"] + "/v2/health/live", context=trusting(client), timeout=10) as answer:
        return answer.status == 200


def over_grpc(client=None):
    words = {"private_key": path(client + ".key"), "certificate_chain": path(client + ".pem")} if client else {}
    connection = triton.InferenceServerClient(os.environ["MARTLET_GRPC"], ssl=True, root_certificates=path("authority.pem"), **words)
    try:
        return connection.is_server_live(client_timeout=5)
    finally:
        connection.close()


def refused(ask, *words):
    try:
        ask(*words)
    except InferenceServerException as error:
        assert error.status() in ("StatusCode.UNAVAILABLE", "StatusCode.DEADLINE_EXCEEDED"), error
    except (urllib.error.URLError, ssl.SSLError, ConnectionError):
        pass
    else:
        raise SystemExit(f"FAILED: {ask.__name__}{words} was answered")


def shown(address):
    """The certificate that a port shows."""
    host, port = address.rsplit(":", 1)
    return ssl.get_server_certificate((host.removeprefix("https://"), int(port)))


def read(name):
    with open(path(name)) as file:
        return file.read()


PORTS = [os.environ.get("MARTLET_URL", ""), os.environ.get("MARTLET_GRPC", "")]
if MODE == "make":
    make("authority")
    make("other")
    for name in ("server", "next", "client"):
        make(name, "authority")
    make("stranger", "other")
elif MODE == "renew":
    assert over_http() and over_grpc()
    clear = triton.InferenceServerClient(PORTS[1])
    refused(lambda: clear.is_server_live(client_timeout=5))
    refused(lambda: urllib.request.urlopen(PORTS[0].replace("https", "http") + "/v2/health/live", timeout=10))
    assert all(shown(port) == read("server.pem") for port in PORTS)
    shutil.copy(path("next.key"), path("server.key"))
    shutil.copy(path("next.pem"), path("server.pem"))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not all(shown(port) == read("next.pem") for port in PORTS):
        assert time.monotonic() < deadline, "the renewed certificate is not shown"
        time.sleep(0.2)
    assert over_http() and over_grpc()
    with open(path("server.pem"), "w") as file:
        file.write("no certificate\n")
    time.sleep(7)
    assert all(shown(port) == read("next.pem") for port in PORTS), "a broken file took the certificate away"
    assert over_http() and over_grpc()
else:
    assert over_http("client") and over_grpc("client")
    for ask in (over_http, over_grpc):
        refused(ask)
        refused(ask, "stranger")
    assert over_http("client") and over_grpc("client")
print("checks passed")
