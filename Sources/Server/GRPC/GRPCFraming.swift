internal import NIOCore
internal import NIOHPACK
internal import Wire

/// Messages and header fields as gRPC has them on HTTP/2.
enum GRPCFraming {
    static let responseHead: HPACKHeaders = [":status": "200", "content-type": "application/grpc"]
    static let endsWell: HPACKHeaders = ["grpc-status": "0"]

    /// A message that is not compressed.
    static func frame(_ message: [UInt8], allocator: ByteBufferAllocator) -> ByteBuffer {
        var buffer = allocator.buffer(capacity: GRPCStream.prefixBytes + message.count)
        buffer.writeInteger(UInt8(0))
        // Bounded by the memory of an answer, which is far below 4 GiB.
        buffer.writeInteger(UInt32(message.count))
        buffer.writeBytes(message)
        return buffer
    }

    /// The fields that end a call after its messages.
    static func trailers(_ status: GRPCStatus) -> HPACKHeaders {
        guard status.code != .ok else { return endsWell }
        var fields: HPACKHeaders = ["grpc-status": String(status.code.rawValue)]
        // Every sentence is another: it would only push what recurs out of the table.
        fields.add(name: "grpc-message", value: status.encodedMessage, indexing: .nonIndexable)
        if let retry = status.retryMilliseconds {
            fields.add(name: "grpc-retry-pushback-ms", value: String(retry), indexing: .nonIndexable)
        }
        return fields
    }

    /// The fields that end a call which has no message.
    static func head(_ status: GRPCStatus, httpStatus: Int = 200) -> HPACKHeaders {
        var fields: HPACKHeaders = [":status": String(httpStatus), "content-type": "application/grpc"]
        fields.add(contentsOf: trailers(status))
        if status.code == .unimplemented { fields.add(name: "grpc-accept-encoding", value: "identity") }
        return fields
    }
}
