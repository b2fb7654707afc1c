"""The models that are compared, and one request of each in every transport, with the answer that ONNX Runtime gives."""

import json
import os
import struct
from dataclasses import dataclass, field

import numpy
import onnxruntime
from onnx import TensorProto, helper, load, numpy_helper, save

JSON, BINARY, GRPC = "JSON", "binary", "gRPC"
TYPES = {"FP32": numpy.float32, "INT64": numpy.int64}
NAMES = {"tensor(float)": "FP32", "tensor(int64)": "INT64"}


@dataclass
class Model:
    name: str
    path: str
    onnx: object
    session: onnxruntime.InferenceSession = field(init=False)
    cases: list = field(default_factory=list)

    def __post_init__(self):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(self.path, options, providers=["CPUExecutionProvider"])

    def tensors(self):
        """Name, datatype and shape of inputs and of outputs; -1 is the batch."""
        def listed(specs):
            return [(one.name, NAMES[one.type], [size if isinstance(size, int) else -1 for size in one.shape]) for one in specs]

        return listed(self.session.get_inputs()), listed(self.session.get_outputs())


class Case:
    """One model with one number of rows: `bodies[transport]` is the file that is sent, `heads[transport]` its headers, `answers[transport]` what Martlet said."""

    def __init__(self, model, rows, values, folder):
        from tritonclient.grpc import service_pb2

        self.model, self.rows, self.name = model, rows, f"{model.name} b{rows}"
        self.values = numpy.round(values, 4).astype(numpy.float32)
        self.values_path = os.path.join(folder, f"{model.name}-{rows}.npy")
        numpy.save(self.values_path, self.values)
        source = model.session.get_inputs()[0].name
        outputs = [one.name for one in model.session.get_outputs()]
        self.expected = dict(zip(outputs, model.session.run(None, {source: self.values})))
        spec = {"name": source, "shape": list(self.values.shape), "datatype": "FP32"}
        raw = self.values.tobytes()
        # As short as they were rounded: what float32 prints as Python's float would have 17 digits.
        plain = {"inputs": [spec | {"data": [round(float(one), 4) for one in self.values.ravel()]}]}
        head = {
            "inputs": [spec | {"parameters": {"binary_data_size": len(raw)}}],
            "parameters": {"binary_data_output": True},
            "outputs": [{"name": name, "parameters": {"binary_data": True}} for name in outputs],
        }
        head = json.dumps(head, separators=(",", ":")).encode()
        message = service_pb2.ModelInferRequest(model_name=model.name, inputs=[spec], raw_input_contents=[raw]).SerializeToString()
        contents = {
            JSON: json.dumps(plain, separators=(",", ":")).encode(), BINARY: head + raw,
            GRPC: struct.pack(">BI", 0, len(message)) + message,
        }
        self.heads = {
            JSON: {"Content-Type": "application/json"},
            BINARY: {"Content-Type": "application/octet-stream", "Inference-Header-Content-Length": str(len(head))},
        }
        self.answers, self.bodies, self.sizes = {}, {}, {transport: len(content) for transport, content in contents.items()}
        for transport, content in contents.items():
            self.bodies[transport] = os.path.join(folder, f"{model.name}-{rows}.{transport}")
            with open(self.bodies[transport], "wb") as file:
                file.write(content)

    def judge(self, found):
        """Nothing where every output is ONNX Runtime's own to 1e-5, else what is wrong."""
        for name, wanted in self.expected.items():
            value = found.get(name)
            # Some servers add a dimension to labels.
            if value is None or value.size != wanted.size:
                return f"output {name} is missing or of another size"
            if not numpy.allclose(value.ravel(), wanted.ravel(), rtol=1e-5, atol=1e-5):
                return f"output {name} is off by {numpy.abs(value.ravel() - wanted.ravel()).max():.2g}"
        return None


def read_http(head, body):
    """Outputs of a v2 answer, plain or with binary tensors."""
    length = head.get("Inference-Header-Content-Length")
    text, rest = (body[: int(length)], body[int(length) :]) if length else (body, b"")
    found = {}
    for one in json.loads(text)["outputs"]:
        kind, size = TYPES[one["datatype"]], (one.get("parameters") or {}).get("binary_data_size")
        if size is None:
            found[one["name"]] = numpy.array(one["data"], kind)
        else:
            found[one["name"]], rest = numpy.frombuffer(rest[:size], kind), rest[size:]
    return found


def read_grpc(answer):
    found = {}
    for number, one in enumerate(answer.outputs):
        if answer.raw_output_contents:
            found[one.name] = numpy.frombuffer(answer.raw_output_contents[number], TYPES[one.datatype])
        else:
            held = one.contents.fp32_contents if one.datatype == "FP32" else one.contents.int64_contents
            found[one.name] = numpy.array(held, TYPES[one.datatype])
    return found


class Graph:
    """Writes a network with random weights, the same every time."""

    def __init__(self, seed):
        self.random, self.nodes, self.weights = numpy.random.default_rng(seed), [], []

    def weight(self, shape, scale):
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array((self.random.standard_normal(shape) * scale).astype(numpy.float32), name))
        return name

    def add(self, kind, *inputs, output=None, **attributes):
        name = output or f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def linear(self, x, width, height, scale=1.0):
        return self.add("Gemm", x, self.weight((width, height), scale * (2 / width) ** 0.5), self.weight((height,), 0.01))

    def convolution(self, x, width, height, size, stride):
        weights = self.weight((height, width, size, size), (2 / (width * size * size)) ** 0.5), self.weight((height,), 0.01)
        return self.add("Conv", x, *weights, kernel_shape=[size, size], strides=[stride, stride], pads=[size // 2] * 4)

    def write(self, path, shape, classes):
        ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *rest]) for name, rest in (("x", shape), ("probabilities", [classes]))]
        graph = helper.make_graph(self.nodes, "graph", ends[:1], ends[1:], self.weights)
        save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def write_dense(path):
    graph, x = Graph(1), "x"
    for width, height in ((784, 512), (512, 512)):
        x = graph.add("Relu", graph.linear(x, width, height))
    graph.add("Softmax", graph.linear(x, 512, 10), axis=1, output="probabilities")
    graph.write(path, [784], 10)


def write_cnn(path):
    """The layers of ResNet-18, the normalisation folded into the convolutions as exporters do."""
    graph = Graph(2)
    x = graph.add("Relu", graph.convolution("x", 3, 64, 7, 2))
    x = graph.add("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    width = 64
    for height in (64, 128, 256, 512):
        for block in range(2):
            stride = 2 if block == 0 and height > 64 else 1
            y = graph.add("Relu", graph.convolution(x, width, height, 3, stride))
            y = graph.convolution(y, height, height, 3, 1)
            if width != height:
                x = graph.convolution(x, width, height, 1, stride)
            x, width = graph.add("Relu", graph.add("Add", x, y)), height
    x = graph.add("Flatten", graph.add("GlobalAveragePool", x), axis=1)
    graph.add("Softmax", graph.linear(x, 512, 1000, 0.05), axis=1, output="probabilities")
    graph.write(path, [3, 224, 224], 1000)


def make(name, folder):
    """The model with its cases."""
    random = numpy.random.default_rng(3)
    path = os.path.join(folder, f"{name}.onnx")
    if name == "forest":
        from bench import train
        from sklearn.datasets import load_breast_cancer

        train(folder)
        batches, values = (1, 64), load_breast_cancer(return_X_y=True)[0]
    elif name == "dense":
        write_dense(path)
        batches, values = (1, 64), random.random((64, 784))
    else:
        write_cnn(path)
        batches, values = (1,), random.standard_normal((1, 3, 224, 224))
    model = Model(name, path, load(path))
    model.cases = [Case(model, rows, values[:rows], folder) for rows in batches]
    return model
