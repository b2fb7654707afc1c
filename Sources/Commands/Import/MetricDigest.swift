internal import Crypto
internal import Domain
internal import Foundation

/// The whole history of one metric as a digest over its points in a fixed order.
struct MetricDigest: Equatable, Sendable {
    var points: Int64
    var digest: String

    static func of(_ run: String, _ key: String, at server: MLflowServer) async throws -> MetricDigest {
        var lines: [(step: Int64, time: Int64, bits: String)] = []
        try await server.history(of: run, key) { points in
            for point in points {
                lines.append(
                    (point["step"]?.intValue ?? 0, point["timestamp"]?.intValue ?? 0, bits(point["value"])))
            }
        }
        lines.sort { $0 < $1 }
        var hash = SHA256()
        for line in lines { hash.update(data: Data("\(line.step) \(line.time) \(line.bits)\n".utf8)) }
        let digest = hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return MetricDigest(points: Int64(lines.count), digest: digest)
    }

    /// The exact number; `NaN` and infinities come as text.
    static func bits(_ value: JSONValue?) -> String {
        if let number = value?.doubleValue { return String((number + 0).bitPattern, radix: 16) }
        return value?.stringValue ?? ""
    }
}
