import Foundation

/// Where the things lie that these tests drive.
enum BuildProducts {
    /// The root of the repository, seen from this file.
    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The built binary: `MARTLET_BIN`, or the one that was built together with these tests.
    static let martlet: URL = {
        if let path = ProcessInfo.processInfo.environment["MARTLET_BIN"] { return URL(filePath: path) }
        return URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "martlet")
    }()

    /// ONNX Runtime's library: `ONNXRUNTIME_LIB`, or the one that script/bootstrap put there; nil if there is none.
    static let onnxRuntime: String? = {
        if let path = ProcessInfo.processInfo.environment["ONNXRUNTIME_LIB"] { return path }
        let path = repository.appending(path: ".runtime/libonnxruntime.so").path
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()

    /// OpenVINO's C library: `OPENVINO_LIB`, or the one that script/bootstrap put there; nil if there is none.
    static let openVino: String? = {
        if let path = ProcessInfo.processInfo.environment["OPENVINO_LIB"] { return path }
        let lib = repository.appending(path: ".venv-openvino/lib").path
        for python in (try? FileManager.default.contentsOfDirectory(atPath: lib)) ?? [] {
            let folder = "\(lib)/\(python)/site-packages/openvino/libs"
            let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            if let name = files.first(where: { $0.hasPrefix("libopenvino_c.so") }) { return folder + "/" + name }
        }
        return nil
    }()

    /// The interpreter of the pinned environment; nil if there is none.
    static let python: String? = {
        let environment = ProcessInfo.processInfo.environment
        let path = environment["MARTLET_PYTHON"] ?? repository.appending(path: ".venv/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    /// The interpreter of the environment with a client of MLflow 2; nil if there is none.
    static let olderMLflow: String? = {
        let path = repository.appending(path: ".venv-mlflow2/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    /// The interpreter of the environment with KServe's client; nil if there is none.
    static let kserve: String? = {
        let path = repository.appending(path: ".venv-kserve/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()
}
