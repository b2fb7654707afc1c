"""Turns the scikit-learn flavour of a logged MLflow model into ONNX. Runs as a guest of Martlet, in an empty folder.

usage: convert_sklearn.py MODEL_FOLDER [REFERENCE_CSV]

Writes model.onnx and report.json into the working folder. report.json holds either "error", a sentence, or what came of
it: columns, classes, outputs, opset, parity on real rows, and one real row as an Open Inference Protocol request.
"""

import json
import math
import os
import sys
import warnings

warnings.filterwarnings("ignore")

# Rows that are compared; enough to see a wrong conversion, few enough to take no time.
PARITY_ROWS_MAX = 500
# Arithmetic in 32 bits moves a row across a tree's threshold now and then: so many rows, as a share, may differ.
PARITY_SHARE_MAX = 0.01
# Two scores (or, relatively, two numbers) this close are the same.
PARITY_TOLERANCE = 1e-3

NUMERIC = {"double", "float", "integer", "long", "boolean"}


class Unservable(Exception):
    """A sentence that tells a person why this model cannot be served."""


def signature_columns(folder, model):
    """The model's columns as (name, type) in order, and whether a client sends them as one matrix."""
    import yaml

    with open(os.path.join(folder, "MLmodel")) as file:
        described = yaml.safe_load(file)
    inputs = json.loads((described.get("signature") or {}).get("inputs") or "null")
    if inputs and inputs[0].get("type") == "tensor":
        spec = inputs[0]["tensor-spec"]
        if len(inputs) > 1 or len(spec["shape"]) != 2:
            raise Unservable("Its signature is a tensor of another form than [rows, features].")
        kind = "double" if not spec["dtype"].startswith(("str", "object", "U", "<U")) else "string"
        count = spec["shape"][1] if spec["shape"][1] > 0 else model.n_features_in_
        names = [str(name) for name in getattr(model, "feature_names_in_", [])] or [f"x{i}" for i in range(count)]
        return [(name, kind) for name in names]
    if inputs:
        unnamed = [column for column in inputs if "name" not in column]
        if unnamed or any(column["type"] not in NUMERIC | {"string"} for column in inputs):
            kinds = ", ".join(sorted({str(column["type"]) for column in inputs}))
            raise Unservable(f"Its signature has column types that cannot be served: {kinds}.")
        return [(column["name"], column["type"]) for column in inputs]
    if hasattr(model, "feature_names_in_"):
        return [(str(name), "double") for name in model.feature_names_in_]
    if hasattr(model, "n_features_in_"):
        return [(f"x{i}", "double") for i in range(model.n_features_in_)]
    raise Unservable("It was logged without a signature: give log_model an input_example or a signature.")


def layouts(columns):
    """The ways to lay the columns out as inputs, the simplest first: a list of (name, type) for skl2onnx."""
    from skl2onnx.common.data_types import BooleanTensorType, FloatTensorType, Int64TensorType, StringTensorType

    if all(kind in NUMERIC for _, kind in columns):
        yield "matrix", [("input", FloatTensorType([None, len(columns)]))]
    for integers in (FloatTensorType, Int64TensorType):
        types = {"string": StringTensorType, "double": FloatTensorType, "float": FloatTensorType}
        types |= {"integer": integers, "long": integers, "boolean": integers if integers is FloatTensorType else BooleanTensorType}
        yield "columns", [(name, types[kind]([None, 1])) for name, kind in columns]


def convert(model, columns):
    """The ONNX model and its layout, by the first layout that works."""
    import skl2onnx
    from sklearn.base import is_classifier

    options = {"zipmap": False} if is_classifier(model) else None
    reasons = []
    for layout, types in layouts(columns):
        try:
            return skl2onnx.convert_sklearn(model, initial_types=types, options=options), layout, types
        except Exception as error:  # skl2onnx raises many kinds; the first one names the true reason
            reasons.append(f"{type(error).__name__}: {' '.join(str(error).split())[:400]}")
    raise Unservable(f"skl2onnx cannot convert {type(model).__name__}: {reasons[0]}")


def real_rows(folder, reference, columns):
    """Real rows as a data frame, or None: of the reference CSV, else of the version's input example."""
    import pandas

    names = [name for name, _ in columns]
    if reference:
        frame = pandas.read_csv(reference, nrows=20_000, keep_default_na=True, dtype={n: "str" for n, k in columns if k == "string"})
        if set(names) <= set(frame.columns):
            if len(frame) > PARITY_ROWS_MAX:
                frame = frame.sample(PARITY_ROWS_MAX, random_state=0)
            return frame[names].reset_index(drop=True), "reference.csv"
    import mlflow.models

    example = mlflow.models.Model.load(folder).load_input_example(folder)
    if example is None:
        return None, ""
    frame = pandas.DataFrame(example)
    if len(frame.columns) == len(names):
        frame.columns = names
        return frame.head(PARITY_ROWS_MAX), "input example"
    return None, ""


def feeds(frame, layout, types):
    """The inputs of ONNX Runtime for these rows."""
    import numpy
    from skl2onnx.common.data_types import BooleanTensorType, Int64TensorType, StringTensorType

    if layout == "matrix":
        return {"input": frame.to_numpy(dtype=numpy.float32, na_value=numpy.nan)}
    out = {}
    for name, kind in types:
        column = frame[name]
        if isinstance(kind, StringTensorType):
            values = column.fillna("").astype(str).to_numpy(dtype=object)
        else:
            wanted = numpy.int64 if isinstance(kind, Int64TensorType) else numpy.bool_ if isinstance(kind, BooleanTensorType) else numpy.float32
            values = column.to_numpy(dtype=wanted)
        out[name] = values.reshape(-1, 1)
    return out


def text(label):
    """A class as text, as the data plane prints it."""
    if hasattr(label, "item"):
        label = label.item()
    if isinstance(label, bool):
        return str(int(label))
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return str(label)


def compare(model, frame, original_input, inputs, session, classifier, source):
    """How far the converted model's answers lie from the original's on these rows."""
    import numpy
    import onnxruntime
    import skl2onnx

    answers = session.run(None, inputs)
    expected = model.predict(original_input)
    largest, differing, mismatches = 0.0, 0, 0
    if classifier:
        got = [text(label) for label in answers[0].ravel()]
        mismatches = sum(a != text(b) for a, b in zip(got, expected, strict=True))
        if len(answers) > 1 and hasattr(model, "predict_proba"):
            gaps = numpy.abs(answers[1].astype(float) - model.predict_proba(original_input)).max(axis=1)
            largest, differing = float(gaps.max()), int((gaps > PARITY_TOLERANCE).sum())
    else:
        wanted = numpy.asarray(expected, dtype=float).reshape(len(frame), -1)
        gaps = numpy.abs(answers[0].reshape(wanted.shape).astype(float) - wanted).max(axis=1)
        scale = numpy.maximum(numpy.abs(wanted).max(axis=1), 1.0)
        largest, differing = float(gaps.max()), int((gaps / scale > PARITY_TOLERANCE).sum())
    allowed = math.ceil(PARITY_SHARE_MAX * len(frame)) if len(frame) >= 20 else 0
    return {
        "rows": len(frame),
        "source": source,
        "max_absolute_difference": largest,
        "label_mismatches": mismatches,
        "rows_differing": differing,
        "acceptable": bool(mismatches <= allowed and differing <= allowed and math.isfinite(largest)),
        "tool": f"skl2onnx {skl2onnx.__version__}, onnxruntime {onnxruntime.__version__}",
    }


def request(inputs):
    """The first row as an Open Inference Protocol request; None if it holds what JSON cannot carry."""
    import numpy

    names = {"float32": "FP32", "int64": "INT64", "bool": "BOOL", "object": "BYTES"}
    tensors = []
    for name, values in inputs.items():
        row = values[:1]
        if row.dtype == numpy.float32 and not numpy.isfinite(row).all():
            return None
        tensors.append({"name": name, "shape": list(row.shape), "datatype": names[str(row.dtype)], "data": row.ravel().tolist()})
    return json.dumps({"inputs": tensors})


def run(folder, reference):
    import mlflow.sklearn
    import onnxruntime
    from sklearn.base import is_classifier

    try:
        model = mlflow.sklearn.load_model(folder)
    except Exception as error:
        raise Unservable(f"It cannot be loaded: {type(error).__name__}: {' '.join(str(error).split())[:400]}") from error
    columns = signature_columns(folder, model)
    converted, layout, types = convert(model, columns)
    data = converted.SerializeToString()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    outputs = [output.name for output in session.get_outputs()]
    classifier = is_classifier(model)
    report = {
        "columns": [
            {
                "name": name,
                "input": "input" if layout == "matrix" else name,
                "index": place if layout == "matrix" else 0,
                "kind": "categorical" if kind == "string" else "numeric",
            }
            for place, (name, kind) in enumerate(columns)
        ],
        "classes": [text(label) for label in model.classes_] if classifier and hasattr(model, "classes_") else [],
        "prediction_output": outputs[0],
        "score_output": outputs[1] if classifier and len(outputs) > 1 else None,
        "opset": max(entry.version for entry in converted.opset_import if entry.domain in ("", "ai.onnx")),
        "parity": None,
        "example_request": None,
    }
    # Real rows are a service, not a need: without any there is no parity, which readiness shows.
    frame, source = real_rows(folder, reference, columns)
    if frame is not None and len(frame) > 0:
        inputs = feeds(frame, layout, types)
        named = hasattr(model, "feature_names_in_") or any(kind == "string" for _, kind in columns)
        original = frame if named else frame.to_numpy()
        report["parity"] = compare(model, frame, original, inputs, session, classifier, source)
        report["example_request"] = request(inputs)
    with open("model.onnx", "wb") as file:
        file.write(data)
    return report


def main():
    try:
        report, status = run(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None), 0
    except Unservable as reason:
        report, status = {"error": str(reason)}, 3
    except Exception as error:  # whatever else: the server must hear of it in a sentence, the log has the trace
        import traceback

        traceback.print_exc()
        report, status = {"error": f"{type(error).__name__}: {' '.join(str(error).split())[:400]}"}, 4
    with open("report.json", "w") as file:
        json.dump(report, file)
    return status


if __name__ == "__main__":
    sys.exit(main())
