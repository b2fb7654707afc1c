internal import Domain
internal import Foundation
internal import NIOCore

/// What keeps a server from starting, said so that the reader knows what to change.
enum StartFailure {
    /// - Throws: `invalidArgument` naming setting and file where reading it fails.
    static func naming<Value>(_ setting: String, _ path: String, _ what: String, _ read: () throws -> Value) throws
        -> Value
    {
        do { return try read() } catch {
            let isReadable = FileManager.default.isReadableFile(atPath: path)
            throw MartletError(
                .invalidArgument,
                "The file \(path) of --\(setting) \(isReadable ? "does not hold \(what)" : "cannot be read").",
                field: setting, cause: error)
        }
    }

    /// - Returns: what a failed bind means; any other error as it is.
    static func listening(_ error: any Error, host: String, port: Int, setting: String) -> any Error {
        if error is SocketAddressError.UnknownHost {
            return MartletError(
                .invalidArgument, "The host \(host) has no address.", field: "host", cause: error)
        }
        guard let failure = error as? IOError else { return error }
        switch failure.errnoCode {
        case EADDRINUSE:
            return MartletError(
                .unavailable,
                "Port \(port) of \(host) is in use. Stop what listens there, or give another --\(setting) (0 takes a free one).",
                field: setting, cause: error)
        case EACCES:
            return MartletError(
                .permissionDenied,
                "Port \(port) needs more rights than this user has: give a --\(setting) from 1024 on.",
                field: setting, cause: error)
        case EADDRNOTAVAIL:
            return MartletError(
                .invalidArgument, "\(host) is no address of this machine.", field: "host", cause: error)
        default: return error
        }
    }
}
