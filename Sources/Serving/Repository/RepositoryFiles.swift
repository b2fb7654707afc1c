internal import Foundation

/// What tells one state of a file from another without reading it.
struct FileStamp: Sendable, Hashable {
    let bytes: Int64
    let modifiedSeconds: Int
    let modifiedNanoseconds: Int
    let inode: UInt64
    let device: UInt64

    init(_ status: stat) {
        #if canImport(Darwin)
            let modified = status.st_mtimespec
        #else
            let modified = status.st_mtim
        #endif
        bytes = Int64(status.st_size)
        modifiedSeconds = modified.tv_sec
        modifiedNanoseconds = modified.tv_nsec
        inode = UInt64(status.st_ino)
        device = UInt64(status.st_dev)
    }
}

/// The files of one version of a model.
struct VersionFiles: Sendable, Hashable {
    let version: Int
    /// Of the model's file.
    let path: String
    /// By name: the model's file and what lies beside it, where large models keep their weights.
    let stamps: [String: FileStamp]
}

/// A model's folder, before it is known which of its versions are to be served.
struct ModelFolder: Sendable, Hashable {
    let model: String
    /// Resolved: no part of it is a link.
    let path: String
    /// Of `config.pbtxt`; nil where there is none.
    let configuration: FileStamp?
    /// The folder of each version.
    let versions: [Int: String]
}
