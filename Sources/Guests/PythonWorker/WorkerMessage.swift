internal import Domain
internal import FoundationEssentials

/// The head of a message between the server and a worker: JSON. The body holds the tensors, one after the other.
struct WorkerMessage: Codable {
    struct Entry: Codable {
        var name: String
        var datatype: Datatype
        var shape: [Int]
        /// Of the body.
        var bytes: Int
    }

    /// What a worker says first: what the model is.
    struct Hello: Codable {
        var runtime: String
        var inputs: [TensorSpec]
        var outputs: [TensorSpec]
        var goldenRequest: String?
        var goldenResponse: String?

        enum CodingKeys: String, CodingKey {
            case runtime, inputs, outputs
            case goldenRequest = "golden_request"
            case goldenResponse = "golden_response"
        }
    }

    /// Why there are no tensors.
    struct Failure: Codable {
        enum Kind: String, Codable {
            /// The model does not take these values.
            case refused
            /// The model raised something else, or gave what was not declared.
            case failed
            /// The model cannot be served at all.
            case unservable
        }
        var kind: Kind
        var message: String
    }

    var hello: Hello?
    var failure: Failure?
    var tensors: [Entry]?

    /// - Throws: `garbled` if it is not JSON of this form.
    static func decode(_ head: [UInt8]) throws(WorkerLoss) -> WorkerMessage {
        do { return try JSONDecoder().decode(Self.self, from: Data(head)) } catch {
            throw .garbled("a head that is not as agreed (\(error))")
        }
    }

    /// A request's head and body.
    static func request(_ specs: [TensorSpec], _ tensors: [Tensor]) throws(WorkerLoss) -> (
        head: [UInt8], body: [[UInt8]]
    ) {
        var entries: [Entry] = []
        var body: [[UInt8]] = []
        for (spec, tensor) in zip(specs, tensors) {
            var bytes = tensor.bytes.count
            if tensor.datatype == .bytes {
                let places = tensor.offsets.map { Int64($0).littleEndian }.withUnsafeBytes { Array($0) }
                body.append(places)
                bytes += places.count
            }
            body.append(tensor.bytes)
            entries.append(Entry(name: spec.name, datatype: tensor.datatype, shape: tensor.shape, bytes: bytes))
        }
        do { return (Array(try JSONEncoder().encode(WorkerMessage(tensors: entries))), body) } catch {
            throw .garbled("a request that cannot be written (\(error))")
        }
    }

    /// The tensors of an answer.
    ///
    /// - Throws: `garbled` if they are not those of `specs`.
    func answer(_ specs: [TensorSpec], _ body: [UInt8]) throws(WorkerLoss) -> [Tensor] {
        guard let entries = tensors, entries.count == specs.count else { throw .garbled("another number of tensors") }
        var answer: [Tensor] = []
        var start = 0
        for (entry, spec) in zip(entries, specs) {
            guard entry.name == spec.name, entry.datatype == spec.datatype, entry.bytes >= 0,
                entry.bytes <= body.count - start
            else { throw .garbled("another tensor than \(spec.name), or one past the end") }
            let part = body[start..<start + entry.bytes]
            do { answer.append(try Self.tensor(entry, part)) } catch {
                throw .garbled(error.message)
            }
            start += entry.bytes
        }
        guard start == body.count else { throw .garbled("bytes after the last tensor") }
        return answer
    }

    private static func tensor(_ entry: Entry, _ bytes: ArraySlice<UInt8>) throws(MartletError) -> Tensor {
        guard entry.datatype == .bytes else {
            return try Tensor(datatype: entry.datatype, shape: entry.shape, bytes: Array(bytes))
        }
        guard let count = Tensor.elementCount(of: entry.shape), count < bytes.count / 8 else {
            throw MartletError.invalid("a tensor without the places of its elements")
        }
        let places = bytes.withUnsafeBytes { buffer in
            (0...count).map { Int(Int64(littleEndian: buffer.loadUnaligned(fromByteOffset: $0 * 8, as: Int64.self))) }
        }
        return try Tensor(shape: entry.shape, bytes: Array(bytes.dropFirst(8 * (count + 1))), offsets: places)
    }
}
