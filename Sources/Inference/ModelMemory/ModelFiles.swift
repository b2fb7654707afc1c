internal import Domain
internal import Foundation

/// What tells the files of a model from others in the same place: the model's own, and the weights that an ONNX model may keep beside it.
struct ModelFiles: Sendable, Hashable {
    let path: String
    private let marks: [Mark]

    private struct Mark: Sendable, Hashable {
        let name: String
        let device: UInt64
        let inode: UInt64
        let bytes: Int64
        /// Seconds and nanoseconds of the last change, of its content or of anything else about it.
        let changed: [Int]
    }

    /// - Throws: `failedPrecondition` if one cannot be looked at.
    init(path: String) throws(MartletError) {
        self.path = path
        var marks = [try Self.mark(path)]
        if path.hasSuffix(".onnx"), let slash = path.lastIndex(of: "/") {
            let folder = String(path[..<slash])
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            for name in names.sorted() where name.hasSuffix(".data") {
                marks.append(try Self.mark("\(folder)/\(name)"))
            }
        }
        self.marks = marks
    }

    var bytes: Int64 { marks.reduce(0) { $0 + $1.bytes } }

    private static func mark(_ path: String) throws(MartletError) -> Mark {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw .precondition("The model file \(path) cannot be opened: error \(errno).")
        }
        return Mark(
            name: path, device: UInt64(status.st_dev), inode: UInt64(status.st_ino), bytes: Int64(status.st_size),
            changed: [status.st_mtim, status.st_ctim].flatMap { [$0.tv_sec, $0.tv_nsec] })
    }
}
