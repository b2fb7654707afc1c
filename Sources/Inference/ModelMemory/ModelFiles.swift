internal import Domain
internal import Foundation

/// What tells the files of a model from others in the same place: the model's own, and what lies beside it.
public struct ModelFiles: Sendable, Hashable {
    /// Names of the files beside an ONNX model in a folder of its own, ascending: any of them may hold its weights. In a store by content,
    /// where names have no ending, there are none.
    public static func others(beside path: String) -> [String] {
        guard path.hasSuffix(".onnx"), let slash = path.lastIndex(of: "/") else { return [] }
        let folder = String(path[..<slash])
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().filter { name in
            var status = stat()
            let file = "\(folder)/\(name)"
            return file != path && !name.hasPrefix(".") && stat(file, &status) == 0
                && status.st_mode & S_IFMT == S_IFREG
        }
    }

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
        let folder = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
        for name in Self.others(beside: path) { marks.append(try Self.mark("\(folder)/\(name)")) }
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
