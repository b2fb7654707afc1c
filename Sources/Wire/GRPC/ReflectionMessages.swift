public import Domain

/// The messages of `ServerReflection`, which are the same in `grpc.reflection.v1` and `v1alpha`.
public enum ReflectionMessages {
    private enum Question {
        case file(named: String)
        case fileOf(symbol: String)
        case fileOfExtension
        case extensions(of: String)
        case services
    }

    /// The answer to one request of a stream.
    ///
    /// - Throws: `invalidArgument` if the request is no message of the protocol, or asks nothing.
    public static func answer(
        _ request: UnsafeRawBufferPointer, from index: DescriptorIndex
    ) throws(MartletError) -> [UInt8] {
        let (host, question) = try decode(request)
        var writer = ProtobufWriter(reserving: 256)
        writer.string(1, host)
        writer.repeatedBytes(2, request)
        switch question {
        case .services:
            writer.message(6) { list in
                for service in index.services { list.message(1) { $0.string(1, service) } }
            }
        case .file(let name): write(index.files[name], "file \(name)", &writer)
        case .fileOf(let symbol):
            write(index.fileOfSymbol[symbol].flatMap { index.files[$0] }, "symbol \(symbol)", &writer)
        case .fileOfExtension: write(nil, "such extension", &writer)
        case .extensions(let type):
            guard index.messages.contains(type) else {
                write(nil, "type \(type)", &writer)
                break
            }
            writer.message(5) { $0.string(1, type) }
        }
        return writer.bytes
    }

    /// No file imports another, so that each is complete by itself.
    private static func write(_ file: [UInt8]?, _ what: String, _ writer: inout ProtobufWriter) {
        if let file {
            writer.message(4) { $0.repeatedBytes(1, file) }
        } else {
            writer.message(7) { error in
                error.integer(1, UInt64(GRPCStatus.Code.notFound.rawValue))
                error.string(2, "There is no \(what.prefix(512)).")
            }
        }
    }

    private static func decode(_ bytes: UnsafeRawBufferPointer) throws(MartletError) -> (String, Question) {
        var reader = ProtobufReader(bytes)
        var (host, question): (String, Question?) = ("", nil)
        while let field = try reader.next() {
            switch field.number {
            case 1: host = try reader.string(field)
            case 3: question = .file(named: try reader.string(field))
            case 4: question = .fileOf(symbol: try reader.string(field))
            case 5:
                try reader.skip(field)
                question = .fileOfExtension
            case 6: question = .extensions(of: try reader.string(field))
            case 7:
                try reader.skip(field)
                question = .services
            default: try reader.skip(field)
            }
        }
        guard let question else { throw MartletError.invalid("The request asks for nothing.") }
        return (host, question)
    }
}
