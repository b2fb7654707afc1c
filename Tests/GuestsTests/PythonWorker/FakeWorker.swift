import Domain
import Foundation
import Inference
import Logging

@testable import Guests

/// A model folder, and a worker's program that speaks the protocol and does what the first number of its input says.
final class FakeWorker: Sendable {
    /// What the input asks the program for; every other number is doubled.
    enum Order: Double {
        /// Which process answers.
        case name = 0
        case die = -1
        case sleepLong = -2
        case eat = -3
        case refuse = -4
        case fail = -5
        case lie = -6
        case boast = -7
        case exit = -8
        case sleepBriefly = -9
        case multiply = -10
        /// Answers, and leaves others behind that take memory.
        case multiplyLater = -11
    }

    static let python = "/usr/bin/python3"
    static let memoryBytesMax = 300 << 20
    private static let script = """
        import json, os, random, signal, socket, struct, subprocess, sys, time
        os.chdir(os.path.dirname(os.path.abspath(__file__)))
        link = socket.socket(fileno=3)

        def take(count):
            data = b""
            while len(data) < count:
                part = link.recv(count - len(data))
                if not part: sys.exit(0)
                data += part
            return data

        def send(head, body=b""):
            text = json.dumps(head).encode()
            link.sendall(struct.pack("<IQ", len(text), len(body)) + text + body)

        def tensor(bytes, name="y"):
            return {"tensors": [{"name": name, "datatype": "FP64", "shape": [bytes // 8], "bytes": bytes}]}

        print("first words", flush=True)
        if os.path.exists("model/broken"):
            send({"failure": {"kind": "unservable", "message": "It is broken."}})
            sys.exit(3)
        if os.path.exists("model/silent"): time.sleep(60)
        if os.path.exists("model/crash"): sys.exit("no such module")
        x = {"name": "x", "datatype": "FP64", "shape": [-1]}
        send({"hello": {"runtime": "fake", "inputs": [x], "outputs": [dict(x, name="y")]}})
        own = random.random()
        while True:
            head, body = struct.unpack("<IQ", take(12))
            take(head)
            numbers = struct.unpack(f"<{body // 8}d", take(body))
            order = numbers[0]
            if order == -1: os.kill(os.getpid(), signal.SIGKILL)
            if order == -2: time.sleep(60)
            if order == -3:
                try: bytearray(1 << 30)
                except MemoryError: os._exit(77)
            if order == -4: send({"failure": {"kind": "refused", "message": "ValueError: not this"}}); continue
            if order == -5: send({"failure": {"kind": "failed", "message": "TypeError: oh"}}); continue
            if order == -6: send(tensor(8, "z"), bytes(8)); continue
            if order == -7: link.sendall(struct.pack("<IQ", 4, 1 << 60)); continue
            if order == -8: sys.exit(5)
            if order == -9: time.sleep(0.3)
            if order == -10:
                for _ in range(4): subprocess.Popen([sys.executable, "-c", "import time; b = b'x' * (120 << 20); time.sleep(60)"])
                time.sleep(60)
            if order == -11:
                for _ in range(4): subprocess.Popen([sys.executable, "-c", "import time; b = b'x' * (120 << 20); time.sleep(60)"])
            answer = [own] if order == 0 else [2 * n for n in numbers]
            send(tensor(8 * len(answer)), struct.pack(f"<{len(answer)}d", *answer))
        """

    let folder: URL
    let documentPath: String

    /// - Parameter files: names of further files, which the program acts on.
    init(_ files: [String] = []) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "martlet-worker-test-\(UUID().uuidString)")
        let model = folder.appending(path: "model")
        try FileManager.default.createDirectory(at: model, withIntermediateDirectories: true)
        for name in ["MLmodel"] + files { try Data("flavors: {}".utf8).write(to: model.appending(path: name)) }
        let x = TensorSpec(name: "x", datatype: .fp64, shape: [-1])
        let document = PyfuncDocument(
            files: (["MLmodel"] + files).map { VersionFile(path: $0, digest: "", bytes: 11) }, inputs: [x],
            outputs: [TensorSpec(name: "y", datatype: .fp64, shape: [-1])], runtime: "of registration")
        documentPath = folder.appending(path: "model.json").path
        try Data(try document.encoded()).write(to: URL(filePath: documentPath))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func runtime(workersMax: Int = 4, startSeconds: Double = 30) async -> PythonRuntime {
        var configuration = GuestConfiguration()
        configuration.runsOthersCode = true
        configuration.python = Self.python
        configuration.workerMemoryBytesMax = Self.memoryBytesMax
        let launcher = WorkerLauncher(
            confinement: await Confinement.probe(), configuration: configuration, userIDs: GuestUserIDs(),
            startSeconds: startSeconds, script: Array(Self.script.utf8))
        return PythonRuntime(
            .success(launcher), workersMax: workersMax, runSecondsMax: 60, logger: Logger(label: "test"))
    }
}

extension ExecutableModel {
    /// The answer to numbers.
    func ask(_ numbers: [Double], stop: RunStop = .never) throws(MartletError) -> [Double] {
        let input = try Tensor(.fp64, shape: [numbers.count], elements: numbers)
        return try run([input], outputs: [0], stop: stop)[0].elements(as: Double.self)
    }

    func ask(_ order: FakeWorker.Order, stop: RunStop = .never) throws(MartletError) -> Double {
        try ask([order.rawValue], stop: stop)[0]
    }
}
