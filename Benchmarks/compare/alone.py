"""ONNX Runtime by itself, on one thread, one run after another: what the model costs without a server. usage: alone.py MODEL VALUES.npy SECONDS"""

import json
import sys
import time

import numpy
import onnxruntime

path, values, seconds = sys.argv[1], numpy.load(sys.argv[2]), float(sys.argv[3])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
source = {session.get_inputs()[0].name: values}
for _ in range(3):
    session.run(None, source)
times, used, start = [], time.process_time(), time.perf_counter()
while (begun := time.perf_counter()) - start < seconds or len(times) < 10:
    session.run(None, source)
    times.append(time.perf_counter() - begun)
used, took = time.process_time() - used, time.perf_counter() - start
with open("/proc/self/smaps_rollup") as file:
    memory = sum(int(line.split()[1]) for line in file if line.startswith("Pss:")) / 1024
times.sort()
print(json.dumps({
    "rate": len(times) / took, "cpu_us": used * 1e6 / len(times), "requests": len(times), "memory": memory,
    "p50_us": times[len(times) // 2] * 1e6, "p99_us": times[len(times) * 99 // 100] * 1e6,
}))
