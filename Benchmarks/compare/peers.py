"""The servers that are compared: how each is installed and started. All serve the same model file under the same name and paths."""

import glob
import grp
import hashlib
import json
import os
import pwd
import shutil
import socket
import subprocess
import sys

import bench
import grpc_calls
from models import BINARY, GRPC, JSON

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


class Absent(Exception):
    """Why a server is not measured."""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def cores():
    return len(bench.SERVER_CORES.split(","))


class Peer:
    name = environment = ""
    requirements = ()
    transports = (JSON, BINARY, GRPC)
    largest = float("inf")  # bytes of a request
    server, key = None, ""

    def folder(self):
        return os.path.join(ROOT, f".venv-compare-{self.environment}")

    def python(self):
        return os.path.join(self.folder(), "bin", "python")

    def install(self, allowed):
        """Makes the peer's Python environment as its list has it, if that is not done yet."""
        stamp, wanted, lists = os.path.join(self.folder(), ".martlet-requirements"), hashlib.sha256(), []
        for name in self.requirements:
            lists += ["-r", os.path.join(ROOT, "script", f"requirements-{name}.txt")]
            with open(lists[-1], "rb") as file:
                wanted.update(file.read())
        if os.path.exists(stamp) and open(stamp).read() == wanted.hexdigest():
            return
        if not allowed:
            raise Absent(f"{os.path.basename(self.folder())} is not there or outdated, and --no-install was given")
        print(f"making the Python environment {os.path.basename(self.folder())}", flush=True)
        for words in (
            # The interpreter that .venv was made with.
            [sys._base_executable, "-m", "venv", "--clear", self.folder()],
            [self.python(), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-deps", "--quiet", *lists],
        ):
            ended = subprocess.run(words, capture_output=True, text=True)
            if ended.returncode != 0:
                raise Absent("it cannot be installed: " + (ended.stderr.strip() or ended.stdout.strip() or "no message").splitlines()[-1])
        with open(stamp, "w") as file:
            file.write(wanted.hexdigest())

    def start(self, model, folder, log):
        self.port, self.grpc_port = free_port(), free_port()
        words, environment = self.command(model, folder)
        self.server = bench.Server(words, f"http://127.0.0.1:{self.port}", environment, log)
        self.grpc = f"127.0.0.1:{self.grpc_port}"
        bench.wait_ready(self.server.url, self.server.process)


class Martlet(Peer):
    """As in production: keys, policy, approval, monitors, 1 % of the predictions recorded."""

    name = "martlet"

    def __init__(self, binary):
        self.binary = binary

    def install(self, allowed):
        pass

    def start(self, model, folder, log):
        self.server = bench.start_martlet(self.binary, folder, log)
        bench.wait_ready(self.server.url, self.server.process)
        self.grpc = grpc_calls.grpc_address(folder)
        task = "binary-classification" if model.name == "forest" else "multiclass-classification"
        self.key = bench.govern(self.server, folder, model.onnx, model.name, task)


class FastAPI(Peer):
    environment, requirements = "fastapi", ("bench",)
    transports = (JSON,)

    def __init__(self, kind):
        self.kind, self.name = kind, f"fastapi-{kind}"

    def command(self, model, folder):
        words = [self.python(), "-m", "uvicorn", "serve_fastapi:app", "--app-dir", HERE, "--port", str(self.port), "--workers", str(cores())]
        words += ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
        return words, {"COMPARE_MODEL": model.path, "FASTAPI_JSON": self.kind}


class MLServer(Peer):
    name = environment = "mlserver"
    requirements = ("compare-mlserver",)
    # It has no binary tensors over HTTP.
    transports = (JSON, GRPC)

    def command(self, model, folder):
        # The way to its workers costs more than a small model.
        workers = cores() if cores() > 1 and model.name == "cnn" else 0
        settings = {
            "host": "127.0.0.1", "http_port": self.port, "grpc_port": self.grpc_port, "metrics_endpoint": None, "debug": False,
            "parallel_workers": workers, "grpc_max_message_length": 1 << 26, "environments_dir": folder, "metrics_dir": folder,
        }
        served = {"name": model.name, "implementation": "serve_mlserver.Runtime", "parameters": {"uri": model.path}}
        for name, content in (("settings.json", settings), ("model-settings.json", served)):
            with open(os.path.join(folder, name), "w") as file:
                json.dump(content, file)
        return [os.path.join(self.folder(), "bin", "mlserver"), "start", folder], {"PYTHONPATH": HERE}


class KServe(Peer):
    name = environment = "kserve"
    requirements = ("kserve", "compare-kserve")

    def command(self, model, folder):
        words = [self.python(), os.path.join(HERE, "serve_kserve.py"), f"--http_port={self.port}", f"--grpc_port={self.grpc_port}"]
        words += [f"--workers={cores()}", f"--model_name={model.name}", f"--model-path={model.path}", "--grpc_max_receive_message_length=67108864"]
        return words, {}


class Triton(Peer):
    """Triton with its ONNX Runtime backend, or with its Python backend."""

    environment, requirements = "triton", ("compare-triton",)

    def __init__(self, backend, installation=None):
        self.backend, self.name, self.installation = backend, "triton" if backend == "onnxruntime" else f"triton-{backend}", installation

    def install(self, allowed):
        if not self.installation or self.backend == "python":
            super().install(allowed)
        if not self.installation:
            found = glob.glob(os.path.join(self.folder(), "lib/python3*/site-packages/pytriton/tritonserver"))
            if not found:
                raise Absent("the nvidia-pytriton wheel holds no tritonserver")
            self.installation = found[0]
        backends = sorted(os.listdir(os.path.join(self.installation, "backends")))
        if self.backend not in backends:
            raise Absent(f"no {self.backend} backend in {os.path.relpath(self.installation, ROOT)}, which has {', '.join(backends)} alone; --triton names another installation")

    def command(self, model, folder):
        inputs, outputs = model.tensors()
        version, backends = os.path.join(folder, "models", model.name, "1"), os.path.join(folder, "backends")
        os.makedirs(version)
        os.symlink(model.path, os.path.join(version, "model.onnx"))
        shutil.copytree(os.path.join(self.installation, "backends", self.backend), os.path.join(backends, self.backend))
        environment = {}
        if self.backend == "python":
            shutil.copy(os.path.join(HERE, "serve_triton.py"), os.path.join(version, "model.py"))
            # The wheel keeps one stub for each Python; an installation has its own in its place.
            stub = os.path.join(self.installation, "python_backend_stubs", f"{sys.version_info[0]}.{sys.version_info[1]}", "triton_python_backend_stub")
            if os.path.exists(stub):
                shutil.copy(stub, os.path.join(backends, "python"))
            packages = glob.glob(os.path.join(self.folder(), "lib/python3*/site-packages"))[0]
            environment = {"PYTHONPATH": packages, "LD_LIBRARY_PATH": os.path.join(packages, "nvidia_pytriton.libs")}

        def listed(specs):
            return ", ".join(f'{{name: "{name}" data_type: TYPE_{kind} dims: {shape}}}' for name, kind, shape in specs)

        with open(os.path.join(os.path.dirname(version), "config.pbtxt"), "w") as file:
            file.write(f'name: "{model.name}"\nbackend: "{self.backend}"\nmax_batch_size: 0\ninput: [{listed(inputs)}]\noutput: [{listed(outputs)}]\n')
            file.write(f"instance_group: [{{count: {cores()} kind: KIND_CPU}}]\n")
            if self.backend == "onnxruntime":
                for name in ("intra_op_thread_count", "inter_op_thread_count"):
                    file.write(f'parameters {{key: "{name}" value: {{string_value: "1"}}}}\n')
        words = [os.path.join(self.installation, "bin", "tritonserver"), "--model-repository", os.path.join(folder, "models"), "--backend-directory", backends]
        words += ["--http-port", str(self.port), "--grpc-port", str(self.grpc_port), "--http-address", "127.0.0.1", "--grpc-address", "127.0.0.1"]
        return [*words, "--allow-metrics", "false", "--disable-auto-complete-config"], environment


class Nginx(Peer):
    """Answers what Martlet has answered, from a file, and looks at nothing: about the most that the kernel and HTTP let through."""

    name = "nginx"
    transports = (JSON, BINARY)
    # It answers before it has read a body, which wrk does not bear where the body comes in pieces.
    largest = 16384

    def install(self, allowed):
        if not shutil.which("nginx"):
            raise Absent("nginx is not installed: apt-get install nginx-light")

    def command(self, model, folder):
        user, answers, lengths = pwd.getpwuid(os.getuid()), "", ""
        for case in model.cases:
            for transport, (head, content) in case.answers.items():
                name = f"{case.rows}-{transport}"
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(content)
                answers += f"{case.sizes[transport]} {name}; "
                if transport == BINARY:
                    lengths += f"{case.sizes[transport]} {head['Inference-Header-Content-Length']}; "
        temporary = " ".join(f"{kind}_temp_path {folder};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        with open(os.path.join(folder, "nginx.conf"), "w") as file:
            file.write(f"""
user {user.pw_name} {grp.getgrgid(user.pw_gid).gr_name};
daemon off;
pid {folder}/pid;
worker_processes {cores()};
events {{ worker_connections 1024; }}
http {{
    map $content_length $answer {{ {answers} }}
    map $content_length $length {{ {lengths} }}
    access_log off;
    client_max_body_size 0;
    client_header_buffer_size 32k;
    keepalive_requests 1000000000;
    open_file_cache max=16;
    {temporary}
    root {folder};
    server {{
        listen 127.0.0.1:{self.port};
        add_header Inference-Header-Content-Length $length;
        location = /v2/health/ready {{ return 200; }}
        # A file is not for POST, says nginx; a refusal may be answered with one.
        location /v2/models/ {{ error_page 405 =200 /$answer; return 405; }}
    }}
}}
""")
        return ["nginx", "-p", folder, "-c", os.path.join(folder, "nginx.conf"), "-e", os.path.join(folder, "error.log")], {}
