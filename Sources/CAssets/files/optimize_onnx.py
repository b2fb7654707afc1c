"""Makes a smaller or faster ONNX model of another. Runs as a guest of Martlet, in an empty folder.

usage: optimize_onnx.py MODEL TASK

TASK is JSON, as OnnxOptimizer writes it. Writes optimized.onnx and report.json. report.json holds either "error", a sentence, or
what was done and measured: sizes, latency, and how far the answers lie from those of the model before.
"""

import json
import logging
import math
import os
import statistics
import sys
import time

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, numpy_helper

import prune_trees
from reference_rows import Reference, golden_feeds

# The latency is the median of so many runs of the same rows, fewer where they would take longer than this.
LATENCY_RUNS = 200
LATENCY_RUNS_MIN = 5
LATENCY_SECONDS = 10
LATENCY_ROWS = 32
WARM_UP_RUNS = 5
# Fewer rows give no ranges to calibrate by and say nothing of a tree's effect.
GUIDING_ROWS_MIN = 20
# A weight that is stored with its place takes twelve bytes, not four.
SPARSE_SHARE_MIN = 0.67
DENSE_OPERATORS = {"MatMul", "Gemm", "Conv", "ConvTranspose"}
INTEGER_OPERATORS = {"MatMulInteger", "ConvInteger", "QuantizeLinear", "DequantizeLinear", "QAttention", "DynamicQuantizeLSTM"}


class Unservable(Exception):
    """A sentence that tells a person why there is no such model."""


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def load(path):
    try:
        return onnx.load(path)
    except Exception as error:  # protobuf's kinds of errors are its own affair
        raise Unservable(f"What is served of it cannot be read as ONNX, which alone can be optimised ({type(error).__name__}).") from error


def densify(model):
    """Weights of a model that was pruned before, as the tools know them."""
    for sparse in model.graph.sparse_initializer:
        shape = tuple(sparse.dims)
        values, places = numpy_helper.to_array(sparse.values), numpy_helper.to_array(sparse.indices)
        if places.ndim == 2:
            places = numpy.ravel_multi_index(tuple(places.T), shape)
        dense = numpy.zeros(math.prod(shape), dtype=values.dtype)
        dense[places] = values
        model.graph.initializer.append(numpy_helper.from_array(dense.reshape(shape), sparse.values.name))
    model.graph.ClearField("sparse_initializer")


def dense_weights(model):
    """The float matrices and filters that dense and convolutional layers multiply by."""
    used = {name for node in model.graph.node if node.op_type in DENSE_OPERATORS for name in node.input}
    return [w for w in model.graph.initializer if w.name in used and w.data_type == TensorProto.FLOAT and len(w.dims) > 1]


# the three ways


def to_int8(model, reference):
    from onnxruntime.quantization import QuantType, quantize_dynamic, quantize_static

    if not dense_weights(model):
        raise Unservable("int8 changes dense and convolutional layers, and it has none. Trees are made fewer by --prune.")
    has_filters = any(node.op_type in ("Conv", "ConvTranspose") for node in model.graph.node)
    guiding = reference.guiding if reference else []
    if has_filters and len(guiding) >= GUIDING_ROWS_MIN:
        # As ONNX Runtime advises for convolutions, for which ranges of each request are slow.
        quantize_static(model, "optimized.onnx", Calibration(reference, guiding), per_channel=True)
        done = f"int8, ranges calibrated on {len(guiding)} reference rows"
    else:
        # Unsigned weights: products of signed ones overflow on processors without VNNI, and answers would depend on the machine.
        quantize_dynamic(model, "optimized.onnx", weight_type=QuantType.QUInt8)
        done = "int8, ranges taken from each request"
    if not any(node.op_type in INTEGER_OPERATORS for node in onnx.load("optimized.onnx").graph.node):
        raise Unservable("onnxruntime.quantization found no layer in it that int8 applies to.")
    return done


class Calibration:
    """Hands the rows to onnxruntime.quantization, which asks for them one batch after the other."""

    def __init__(self, reference, rows):
        self.batches = iter([feeds for feeds, _ in reference.batches(rows)])

    def get_next(self):
        return next(self.batches, None)


def to_fp16(model):
    from onnxruntime.transformers.float16 import convert_float_to_float16

    if not any(weight.data_type == TensorProto.FLOAT for weight in model.graph.initializer):
        raise Unservable("fp16 changes weights in 32 bits, and it has none that are tensors. Trees are made fewer by --prune.")
    made = convert_float_to_float16(model, keep_io_types=True)
    for weight in made.graph.initializer:
        # The tool writes them as numbers of variable length, which are larger.
        if weight.data_type == TensorProto.FLOAT16:
            weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight), weight.name))
    onnx.save(made, "optimized.onnx")
    return "fp16, inputs and outputs as they were"


def prune(model, share, reference):
    found = prune_trees.ensembles(model)
    if found:
        done = prune_trees.prune(found, share, lambda name: tensor_rows(model, name, reference), Unservable)
    else:
        done = prune_weights(model, share)
    onnx.save(model, "optimized.onnx")
    return done


def tensor_rows(model, name, reference):
    """The values of one tensor inside the model for the guiding rows."""
    if reference is None or len(reference.guiding) < GUIDING_ROWS_MIN:
        return None
    opened = onnx.ModelProto()
    opened.CopyFrom(model)
    if name not in {value.name for value in opened.graph.input}:
        opened.graph.output.append(onnx.ValueInfoProto(name=name))
        run = session(opened.SerializeToString())
        parts = [run.run([name], feeds)[0] for feeds, _ in reference.batches(reference.guiding)]
    else:
        parts = [feeds[name] for feeds, _ in reference.batches(reference.guiding)]
    return numpy.concatenate(parts).astype(numpy.float32)


def prune_weights(model, share):
    weights = dense_weights(model)
    if not weights:
        raise Unservable("It has neither an ensemble of several trees nor dense or convolutional layers: there is nothing to prune.")
    zeros = total = 0
    for weight in weights:
        values = numpy_helper.to_array(weight).copy()
        count = int(share * values.size + 1e-9)
        flat = values.reshape(-1)
        flat[numpy.argsort(numpy.abs(flat), kind="stable")[:count]] = 0
        zeros, total = zeros + int((flat == 0).sum()), total + flat.size
        if (flat == 0).mean() >= SPARSE_SHARE_MIN:
            store_sparse(model, weight, flat)
        else:
            weight.CopyFrom(numpy_helper.from_array(values, weight.name))
    if zeros == 0:
        raise Unservable(f"{share:g} of its {total} weights is not one whole weight.")
    form = "stored sparse" if model.graph.sparse_initializer else f"too few to be stored sparse, which pays from {SPARSE_SHARE_MIN} on"
    return f"the smallest weights of each layer set to 0, {zeros} of {total}, {form}"


def store_sparse(model, weight, flat):
    places = numpy.flatnonzero(flat)
    sparse = onnx.SparseTensorProto()
    sparse.values.CopyFrom(numpy_helper.from_array(flat[places], weight.name))
    sparse.indices.CopyFrom(numpy_helper.from_array(places.astype(numpy.int64), f"{weight.name}_indices"))
    sparse.dims.extend(weight.dims)
    model.graph.sparse_initializer.append(sparse)
    model.graph.initializer.remove(weight)


# what came of it


def interface(run):
    """Names, types and numbers of dimensions, which clients rely on."""
    return [[(value.name, value.type, len(value.shape or [])) for value in side] for side in (run.get_inputs(), run.get_outputs())]


def latency(before, after, feeds):
    """Median milliseconds of each, their runs in turn so that both see the same machine."""
    rows = min((len(values) for values in feeds.values()), default=1)
    times = ([], [])
    for run in (before, after):
        for _ in range(WARM_UP_RUNS):
            run.run(None, feeds)
    end = time.monotonic() + LATENCY_SECONDS
    while len(times[0]) < LATENCY_RUNS and (time.monotonic() < end or len(times[0]) < LATENCY_RUNS_MIN):
        for run, taken in zip((before, after), times, strict=True):
            start = time.perf_counter_ns()
            run.run(None, feeds)
            taken.append((time.perf_counter_ns() - start) / 1e6)
    first, second = (statistics.median(taken) for taken in times)
    return {"rows": rows, "runs": len(times[0]), "milliseconds_before": first, "milliseconds_after": second}


def answers(run, batches, names):
    """The named outputs on all rows, one array each."""
    parts = [run.run(names, feeds) for feeds, _ in batches]
    return [numpy.concatenate([matrix(part[place]) for part in parts]) for place in range(len(names))]


def matrix(value):
    """An output as [rows, values]; a ZipMap's maps by ascending class, as Martlet serves them."""
    if isinstance(value, list):
        value = numpy.array([[row[key] for key in sorted(row)] for row in value])
    return value.reshape(len(value), -1) if value.ndim else value.reshape(1, 1)


def text(label):
    """A class as text, as the data plane prints it."""
    if isinstance(label, str):
        try:
            number = float(label)
        except ValueError:
            return label
        return str(int(number)) if number.is_integer() else label
    label = label.item() if hasattr(label, "item") else label
    if isinstance(label, bytes):
        return label.decode(errors="replace")
    return str(int(label)) if isinstance(label, bool) or (isinstance(label, float) and label.is_integer()) else str(label)


class Answers:
    """What one model answers: a label and scores, or numbers."""

    def __init__(self, run, batches, task):
        names = [task["prediction_output"]] + ([task["score_output"]] if task["score_output"] else [])
        found = answers(run, batches, names)
        prediction, scores = found[0], found[-1]
        self.rows = len(prediction)
        self.scores = scores.astype(float) if scores.dtype.kind == "f" else None
        self.labels = None
        if task["score_output"] == task["prediction_output"]:
            places = scores.argmax(axis=1)
            self.labels = [task["classes"][i] if i < len(task["classes"]) else str(i) for i in places]
        elif prediction.dtype.kind != "f":
            self.labels = [text(label) for label in prediction[:, 0]]
        if self.scores is not None:
            self.scores[~numpy.isfinite(self.scores)] = numpy.nan


def differences(before, after):
    found = {"label_mismatch_share": None, "score_difference_max": None, "score_difference_mean": None}
    if before.labels is not None:
        found["label_mismatch_share"] = sum(a != b for a, b in zip(before.labels, after.labels, strict=True)) / len(before.labels)
    if before.scores is not None:
        if (numpy.isnan(after.scores) & ~numpy.isnan(before.scores)).any():
            raise Unservable("Some of its answers would not be finite numbers any more: its values leave the range of the smaller type.")
        gaps = numpy.abs(after.scores - before.scores)
        gaps = gaps[~numpy.isnan(gaps)]
        if len(gaps):
            found |= {"score_difference_max": float(gaps.max()), "score_difference_mean": float(gaps.mean())}
    return found


def metrics(before, after, truth, task):
    """Accuracy and AUC, or RMSE, of both, where the labels are known."""
    if before.labels is not None:
        wanted = [text(label) for label in truth]
        pairs = [("accuracy", *(sum(a == b for a, b in zip(x.labels, wanted, strict=True)) / len(wanted) for x in (before, after)))]
        classes = [text(label) for label in task["classes"]] or sorted(set(wanted))
        if len(classes) == 2 and len(set(wanted)) == 2 and before.scores is not None:
            positive = numpy.array([label == classes[1] for label in wanted])
            pairs.append(("auc", *(auc(x.scores[:, -1], positive) for x in (before, after))))
    else:
        try:
            wanted = numpy.array([float(label) for label in truth])
        except ValueError:
            return []
        pairs = [("rmse", *(float(numpy.sqrt(numpy.mean((x.scores[:, 0] - wanted) ** 2))) for x in (before, after)))]
    return [{"name": n, "before": b, "after": a} for n, b, a in pairs if math.isfinite(b) and math.isfinite(a)]


def auc(scores, positive):
    """The area under the ROC curve by ranks, ties shared (Mann and Whitney)."""
    values, inverse, counts = numpy.unique(scores, return_inverse=True, return_counts=True)
    ranks = (numpy.cumsum(counts) - (counts - 1) / 2)[inverse]
    ones = int(positive.sum())
    return float((ranks[positive].sum() - ones * (ones + 1) / 2) / (ones * (len(scores) - ones)))


def measure(path, task, reference):
    before, after = session(path), session("optimized.onnx")
    if interface(before) != interface(after):
        raise Unservable("The tool gave it other inputs or outputs, so that clients would have to change.")
    golden = golden_feeds(task["golden_request"])
    batches = list(reference.batches(reference.measuring)) if reference else []
    rows = [row for _, batch in batches for row in batch]
    one, other = (Answers(run, batches or [(golden, None)], task) for run in (before, after))
    truth = reference.labels(rows) if rows else None
    example = reference.feeds(rows[:LATENCY_ROWS]) if rows and not reference.batch_size else golden
    source = {"rows": len(rows), "source": "reference rows"} if rows else {"rows": one.rows, "source": "golden request"}
    return {
        "latency": latency(before, after, example),
        "answers": source | differences(one, other),
        "metrics": metrics(one, other, truth, task) if truth else [],
    }


def run(path, task):
    model = load(path)
    densify(model)
    reference = Reference.read("reference.csv", task) if task["has_reference"] else None
    if task["method"] == "int8":
        done = to_int8(model, reference)
    elif task["method"] == "fp16":
        done = to_fp16(model)
    else:
        done = prune(model, task["share"], reference)
    folder = os.path.dirname(path) or "."
    size = os.path.getsize(path) + sum(os.path.getsize(os.path.join(folder, n)) for n in os.listdir(folder) if n.endswith(".data"))
    report = {
        "detail": done,
        "bytes_before": size,
        "bytes_after": os.path.getsize("optimized.onnx"),
        "tool": f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}",
        "requirements": [f"onnx=={onnx.__version__}", f"onnxruntime=={onnxruntime.__version__}"],
    }
    if task["method"] != "prune" and report["bytes_after"] >= size:
        raise Unservable(f"In {task['method']} it would not be smaller ({report['bytes_after']} bytes, {size} before).")
    return report | measure(path, task, reference)


def main():
    logging.disable(logging.WARNING)
    try:
        with open(sys.argv[2]) as file:
            report, status = run(sys.argv[1], json.load(file)), 0
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
