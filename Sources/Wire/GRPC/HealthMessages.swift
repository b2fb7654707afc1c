public import Domain

/// The messages of `grpc.health.v1.Health`.
public enum HealthMessages {
    /// The numbers are sent.
    public enum Status: UInt64, Sendable {
        case serving = 1
        case notServing = 2
        /// A service that is not there. Only a watch is told so.
        case serviceUnknown = 3
    }

    /// The service that a `HealthCheckRequest` asks about; empty is the server.
    ///
    /// - Throws: `invalidArgument`.
    public static func decode(_ bytes: UnsafeRawBufferPointer) throws(MartletError) -> String {
        var reader = ProtobufReader(bytes)
        var service = ""
        while let field = try reader.next() {
            if field.number == 1 { service = try reader.string(field) } else { try reader.skip(field) }
        }
        return service
    }

    public static func encode(_ status: Status) -> [UInt8] {
        var writer = ProtobufWriter(reserving: 2)
        writer.integer(1, status.rawValue)
        return writer.bytes
    }
}
