"""gRPC by TLS. usage: grpc_tls.py CERTIFICATE"""

import os
import sys

import grpc
import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException

address = os.environ["MARTLET_GRPC"]
client = triton.InferenceServerClient(address, ssl=True, root_certificates=sys.argv[1])
assert client.is_server_live()
assert client.get_server_metadata().name == "martlet"
client.close()
for other in (triton.InferenceServerClient(address), triton.InferenceServerClient(address, ssl=True)):
    try:
        other.is_server_live(client_timeout=5)
    except InferenceServerException as error:
        assert error.status() in ("StatusCode.UNAVAILABLE", "StatusCode.DEADLINE_EXCEEDED"), error
    else:
        raise SystemExit("FAILED: answered in the clear, or to a client that does not know the certificate")
print("checks passed")
