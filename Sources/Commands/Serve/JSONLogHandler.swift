internal import Domain
internal import Foundation
internal import Logging

/// Writes each log event as one line of JSON to standard error: `time`, `level`, `message`, and the metadata.
struct JSONLogHandler: LogHandler {
    let label: String
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel: Logger.Level = .info

    init(label: String) {
        self.label = label
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var members: [String: JSONValue] = [:]
        let all = metadata.merging(metadataProvider?.get() ?? [:]) { $1 }.merging(event.metadata ?? [:]) { $1 }
        for (name, value) in all { members[name] = .string("\(value)") }
        members["time"] = .string(Date().formatted(.iso8601.time(includingFractionalSeconds: true)))
        members["level"] = .string(event.level.rawValue)
        members["logger"] = .string(label)
        members["message"] = .string("\(event.message)")
        // One write a line, so that lines of several threads do not mix.
        FileHandle.standardError.write(Data((JSONValue.object(members).canonicalText + "\n").utf8))
    }
}
