"""Serves one MLflow model by its python_function flavour. Runs as a guest of Martlet, in a folder that holds model/ and files.json.

Descriptor 0 is a pipe that ends with the server, and this process with it. Descriptor 3 is a socket: this process says what the model is,
then answers one request after the other. A message is the length of its head (4 bytes) and of its body (8 bytes), little-endian, the head
as JSON, and the body: the tensors' elements in row-major order, little-endian; for BYTES the places where each begins, as 8 byte integers, then they.
"""

import os
import sys

LIFELINE, SOCKET = 0, 3
OUTPUTS_MAX = 4096
GOLDEN_CHARACTERS_MAX = 1 << 20
REASON_CHARACTERS_MAX = 400
# How this process ends where it has run into its limit of memory.
OUT_OF_MEMORY = 77

# Column types of a signature as (datatype, element type); those without an element type are text or bytes.
COLUMNS = {
    "double": ("FP64", "<f8"), "float": ("FP32", "<f4"), "integer": ("INT32", "<i4"), "long": ("INT64", "<i8"), "boolean": ("BOOL", "?"),
    "string": ("BYTES", None), "binary": ("BYTES", None), "datetime": ("BYTES", None),
}
ELEMENTS = {
    "FP16": "<f2", "FP32": "<f4", "FP64": "<f8", "BOOL": "?", "INT8": "<i1", "INT16": "<i2", "INT32": "<i4", "INT64": "<i8",
    "UINT8": "<u1", "UINT16": "<u2", "UINT32": "<u4", "UINT64": "<u8",
}
DATATYPES = {element.lstrip("<"): datatype for datatype, element in ELEMENTS.items()} | {"b1": "BOOL"}


class Unservable(Exception):
    """A sentence that tells a person why this model cannot be served."""


class Unfit(Exception):
    """A sentence that tells what is wrong with an answer of the model."""


def sentence(error):
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:REASON_CHARACTERS_MAX]


def end_with_server():
    """The kernel ends this process when the server's end of the lifeline closes, whatever the model is at.

    A model could undo this: what is around its namespaces ends with the server too.
    """
    import fcntl
    import select
    import signal

    fcntl.fcntl(LIFELINE, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(LIFELINE, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(LIFELINE, fcntl.F_SETFL, fcntl.fcntl(LIFELINE, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([LIFELINE], [], [], 0)[0]:
        sys.exit("The server has gone.")


def check_files(files):
    """Refuses files that are not the registered ones."""
    import hashlib

    for file in files:
        digest = hashlib.sha256()
        with open(os.path.join("model", file["path"]), "rb") as data:
            while chunk := data.read(1 << 20):
                digest.update(chunk)
        if digest.hexdigest() != file["digest"]:
            raise Unservable(f"Its file {file['path']} has the digest {digest.hexdigest()}, not {file['digest']} that was registered.")


class Served:
    """A model with the tensors that it takes and gives."""

    def __init__(self, model):
        import numpy
        import pandas

        self.numpy, self.pandas, self.model = numpy, pandas, model
        schema = model.metadata.get_input_schema()
        if schema is None:
            raise Unservable("It was logged without a signature: give log_model an input_example or a signature.")
        self.is_columns = not schema.is_tensor_spec()
        self.fields = [self.field(spec) for spec in schema.inputs]
        self.names = [name or "input" for name, _, _, _ in self.fields]
        if len(set(self.names)) < len(self.names):
            raise Unservable("Its signature names two inputs alike, or several not at all.")
        self.inputs = [
            {"name": name, "datatype": datatype, "shape": shape} for name, (_, _, datatype, shape) in zip(self.names, self.fields)
        ]
        self.outputs = None

    def field(self, spec):
        """An input of the signature: its name or None, its type, and datatype and shape of its tensor."""
        if self.is_columns:
            kind = getattr(spec.type, "name", str(spec.type))
            if kind not in COLUMNS:
                raise Unservable(f"Its signature has the column type {str(spec.type)[:100]}, for which there is no tensor.")
            return spec.name, kind, COLUMNS[kind][0], [-1, 1]
        datatype = "BYTES" if spec.type.kind in "OUS" else DATATYPES.get(spec.type.str.lstrip("<|"))
        if datatype is None:
            raise Unservable(f"Its signature has the tensor type {spec.type}, for which there is no datatype.")
        return spec.name, spec.type.kind, datatype, [int(size) for size in spec.shape]

    def predict(self, arrays):
        """The model's own answer to arrays in the order of its inputs."""
        if not self.is_columns:
            named = [name for name, _, _, _ in self.fields]
            texts = [self.texts(a, k) if a.dtype == object else a for a, (_, k, _, _) in zip(arrays, self.fields)]
            return self.model.predict(texts[0] if named == [None] else dict(zip(named, texts)))
        columns = {}
        for place, (array, (name, kind, _, _)) in enumerate(zip(arrays, self.fields)):
            values = self.texts(array, kind) if array.dtype == object else array
            values = self.pandas.Series(values.reshape(-1), dtype=values.dtype)
            columns[place if name is None else name] = self.pandas.to_datetime(values) if kind == "datetime" else values
        return self.model.predict(self.pandas.DataFrame(columns))

    def texts(self, array, kind):
        """What came as bytes, as the text that it is but for binary columns."""
        if kind == "binary":
            return array
        out = self.numpy.empty(array.shape, dtype=object)
        out.ravel()[:] = [value.decode() for value in array.ravel()]
        return out

    def named(self, answer):
        """An answer as (name, array) in order, every array of a type that has a datatype."""
        if isinstance(answer, list) and answer and all(isinstance(row, dict) for row in answer):
            answer = self.pandas.DataFrame(answer)
        if isinstance(answer, self.pandas.DataFrame):
            parts = [(str(name), self.array(answer[name]).reshape(-1, 1)) for name in answer.columns]
        elif isinstance(answer, dict):
            parts = [(str(name), self.array(value)) for name, value in answer.items()]
        else:
            parts = [("output", self.array(answer))]
        if not 0 < len(parts) <= OUTPUTS_MAX or len({name for name, _ in parts}) < len(parts):
            raise Unfit(f"The model's answer has {len(parts)} parts, or two of one name.")
        return parts

    def array(self, value):
        numpy = self.numpy
        if hasattr(value, "detach"):
            value = value.detach().cpu().numpy()
        elif hasattr(value, "toarray"):
            value = value.toarray()
        elif isinstance(value, self.pandas.Series) and self.pandas.api.types.is_extension_array_dtype(value.dtype):
            if self.pandas.api.types.is_numeric_dtype(value.dtype) and value.isna().any():
                value = value.to_numpy(dtype=float, na_value=numpy.nan)
        array = numpy.atleast_1d(numpy.asarray(value))
        if array.dtype.kind in "OUSMm":
            out = numpy.empty(array.shape, dtype=object)
            out.ravel()[:] = [self.as_bytes(element) for element in array.ravel()]
            return out
        if array.dtype.kind == "f" and array.dtype.itemsize > 8:
            array = array.astype("<f8")
        if array.dtype.newbyteorder("<").str.lstrip("<|") not in DATATYPES:
            raise Unfit(f"The model's answer has the type {array.dtype}, for which there is no datatype.")
        return array

    @staticmethod
    def as_bytes(element):
        import json

        if isinstance(element, bytes):
            return element
        if isinstance(element, (dict, list, tuple)):
            return json.dumps(element, default=str).encode()
        return b"" if element is None or element != element else str(element).encode()

    def declare(self, rows):
        """Finds the shapes of the outputs by answering the same row once and twice."""
        once = self.named(self.predict(rows))
        shapes = [list(array.shape) for _, array in once]
        if all(spec["shape"] and spec["shape"][0] == -1 for spec in self.inputs):
            twice = self.named(self.predict([self.numpy.concatenate([array, array]) for array in rows]))
            if [name for name, _ in twice] != [name for name, _ in once] or any(a.ndim != b.ndim for (_, a), (_, b) in zip(once, twice)):
                raise Unservable("Its outputs have other names or dimensions for two rows than for one.")
            shapes = [[a if a == b else -1 for a, b in zip(one.shape, two.shape)] for (_, one), (_, two) in zip(once, twice)]
        self.outputs = [
            {"name": name, "datatype": datatype(array), "shape": shape} for (name, array), shape in zip(once, shapes)
        ]
        return self.fitted(once)

    def answer(self, arrays):
        return self.fitted(self.named(self.predict(arrays)))

    def fitted(self, parts):
        """The answer as it was declared, for which clients, bounds and monitors rely on it."""
        if [name for name, _ in parts] != [spec["name"] for spec in self.outputs]:
            raise Unfit(f"The model gives the outputs {[name for name, _ in parts][:20]}, not {[s['name'] for s in self.outputs][:20]}.")
        arrays = []
        for (name, array), spec in zip(parts, self.outputs):
            wanted = self.numpy.dtype(ELEMENTS.get(spec["datatype"], object))
            fits = array.ndim == len(spec["shape"]) and all(b in (-1, a) for a, b in zip(array.shape, spec["shape"]))
            if not fits or (array.dtype == object) != (wanted == object) or not self.numpy.can_cast(array.dtype, wanted, "same_kind"):
                raise Unfit(f"The output {name} is {array.dtype} {list(array.shape)}, not {spec['datatype']} {spec['shape']} as it was first.")
            arrays.append(array.astype(wanted, copy=False))
        return arrays

    def example(self, folder):
        """One row of the model's input example, else of ones; and whether it is the model's own."""
        numpy, pandas = self.numpy, self.pandas
        example = self.model.metadata.load_input_example(folder)
        if example is not None and self.is_columns:
            frame = pandas.DataFrame(example)
            if len(frame) > 0 and len(frame.columns) == len(self.fields):
                return [self.from_column(frame.iloc[:1, i], f) for i, f in enumerate(self.fields)], True
        elif example is not None:
            parts = example if isinstance(example, dict) else {None: example}
            if set(parts) == {name for name, _, _, _ in self.fields}:
                return [self.from_array(numpy.asarray(parts[name]), spec) for (name, *_), spec in zip(self.fields, self.inputs)], True
        shapes = [[1 if size == -1 else size for size in spec["shape"]] for spec in self.inputs]
        return [
            numpy.full(shape, b"1", dtype=object) if spec["datatype"] == "BYTES" else numpy.ones(shape, ELEMENTS[spec["datatype"]])
            for shape, spec in zip(shapes, self.inputs)
        ], False

    def from_column(self, column, field):
        _, kind, datatype, _ = field
        if datatype != "BYTES":
            return column.to_numpy(dtype=ELEMENTS[datatype]).reshape(1, 1)
        return self.array(column.astype(object)).reshape(1, 1)

    def from_array(self, array, spec):
        array = array[:1] if spec["shape"] and spec["shape"][0] == -1 else array
        return self.array(array) if spec["datatype"] == "BYTES" else array.astype(ELEMENTS[spec["datatype"]])


def datatype(array):
    return "BYTES" if array.dtype == object else DATATYPES[array.dtype.newbyteorder("<").str.lstrip("<|")]


def golden(specs, arrays, key):
    """Tensors as JSON of the Open Inference Protocol; None where they hold what JSON cannot carry."""
    import json

    tensors = []
    for spec, array in zip(specs, arrays):
        values = array.ravel().tolist()
        if array.dtype == object:
            try:
                values = [value.decode() for value in values]
            except UnicodeDecodeError:
                return None
        elif array.dtype.kind == "f":
            if array.dtype.itemsize == 2 or any(value in (float("inf"), float("-inf")) for value in values):
                return None
            values = [None if value != value else value for value in values]
        tensors.append({"name": spec["name"], "shape": list(array.shape), "datatype": spec["datatype"], "data": values})
    text = json.dumps({key: tensors})
    return text if len(text) <= GOLDEN_CHARACTERS_MAX else None


class Channel:
    """Messages over the socket."""

    def __init__(self):
        import socket

        self.socket = socket.socket(fileno=SOCKET)

    def take(self, count):
        data = bytearray(count)
        view, filled = memoryview(data), 0
        while filled < count:
            got = self.socket.recv_into(view[filled:])
            if got == 0:
                sys.exit(0)
            filled += got
        return data

    def receive(self):
        """The arrays of a request."""
        import json

        import numpy

        lengths = self.take(12)
        head = json.loads(self.take(int.from_bytes(lengths[:4], "little")))
        body = self.take(int.from_bytes(lengths[4:], "little"))
        arrays, start = [], 0
        for tensor in head["tensors"]:
            part = memoryview(body)[start : start + tensor["bytes"]]
            start += tensor["bytes"]
            if tensor["datatype"] == "BYTES":
                places = numpy.frombuffer(part, "<i8", count=int(numpy.prod(tensor["shape"], dtype=int)) + 1)
                data = bytes(part[places.nbytes :])
                array = numpy.empty(tensor["shape"], dtype=object)
                array.ravel()[:] = [data[a:b] for a, b in zip(places, places[1:])]
            else:
                array = numpy.frombuffer(part, ELEMENTS[tensor["datatype"]]).reshape(tensor["shape"])
            arrays.append(array)
        return arrays

    def send(self, head, parts=()):
        import json

        text = json.dumps(head).encode()
        lengths = len(text).to_bytes(4, "little") + sum(len(part) for part in parts).to_bytes(8, "little")
        self.socket.sendall(lengths + text)
        for part in parts:
            self.socket.sendall(part)

    def send_tensors(self, specs, arrays):
        import numpy

        parts, tensors = [], []
        for spec, array in zip(specs, arrays):
            if array.dtype == object:
                values = array.ravel().tolist()
                places = numpy.cumsum([0] + [len(value) for value in values], dtype="<i8")
                part = places.tobytes() + b"".join(values)
            else:
                part = array.tobytes()
            parts.append(part)
            tensors.append({"name": spec["name"], "datatype": spec["datatype"], "shape": list(array.shape), "bytes": len(part)})
        self.send({"tensors": tensors}, parts)

    def fail(self, kind, message):
        self.send({"failure": {"kind": kind, "message": message}})


def load():
    """The model, ready to answer, and what is said of it."""
    import json
    import platform

    with open("files.json") as file:
        check_files(json.load(file)["files"])
    try:
        import mlflow
        import mlflow.pyfunc

        model = mlflow.pyfunc.load_model("model")
    except Exception as error:  # a model's own code raises what it likes; a person must hear of it
        raise Unservable(f"It cannot be loaded: {sentence(error)}") from error
    served = Served(model)
    rows, is_own = served.example("model")
    try:
        answers = served.declare(rows)
    except Unservable:
        raise
    except Exception as error:  # as above
        hint = "" if is_own else " It was tried with ones: log it with an input_example."
        raise Unservable(f"It cannot answer its first row: {sentence(error)}{hint}") from error
    request, response = golden(served.inputs, rows, "inputs"), golden(served.outputs, answers, "outputs")
    hello = {
        "runtime": f"Python {platform.python_version()}, mlflow {mlflow.__version__}, numpy {served.numpy.__version__}",
        "inputs": served.inputs,
        "outputs": served.outputs,
        "golden_request": request if response else None,
        "golden_response": response if request else None,
    }
    return served, hello


def is_refusal(error):
    """Whether it is the values that the model does not take, rather than the model that fails."""
    return isinstance(error, ValueError) or getattr(error, "error_code", None) in ("INVALID_PARAMETER_VALUE", "BAD_REQUEST")


def serve(channel, served):
    while True:
        arrays = channel.receive()
        try:
            answers = served.answer(arrays)
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        except Unfit as error:
            channel.fail("failed", str(error))
        except Exception as error:  # a model's own code raises what it likes; the next request is answered all the same
            channel.fail("refused" if is_refusal(error) else "failed", sentence(error))
        else:
            channel.send_tensors(served.outputs, answers)


def main():
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    end_with_server()
    channel = Channel()
    try:
        served, hello = load()
    except Unservable as reason:
        channel.fail("unservable", str(reason))
        sys.exit(3)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    # Nobody reads what a model prints while it serves, and a full pipe would hold it up.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    channel.send({"hello": hello})
    serve(channel, served)


if __name__ == "__main__":
    main()
