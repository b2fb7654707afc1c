internal import Domain

/// The raw tensors after a request's JSON, taken from the front in the order of the inputs.
struct RawTail {
    /// nil where the request does not say that there are any.
    let bytes: UnsafeRawBufferPointer?
    private var place = 0

    init(_ bytes: UnsafeRawBufferPointer?) {
        self.bytes = bytes
    }

    /// - Throws: `invalidArgument`, naming the input, where there are not so many bytes.
    mutating func take(_ count: Int, input: String) throws(MartletError) -> UnsafeRawBufferPointer {
        guard let bytes else {
            throw MartletError.invalid(
                "The input \"\(input)\" has a \"binary_data_size\", and the request has no header Inference-Header-Content-Length.",
                field: input)
        }
        guard count <= bytes.count - place else {
            throw MartletError.invalid(
                "The input \"\(input)\": its \"binary_data_size\" is \(count), and \(bytes.count - place) bytes are left of the body.",
                field: input)
        }
        defer { place += count }
        return UnsafeRawBufferPointer(rebasing: bytes[place..<place + count])
    }

    /// - Throws: `invalidArgument` where bytes are left that belong to no input.
    func expectEnd(last input: String?) throws(MartletError) {
        guard let bytes, place < bytes.count else { return }
        let after = input.map { " after those of the last input, \"\($0)\"" } ?? ""
        throw MartletError.invalid(
            "The body has \(bytes.count - place) bytes\(after) that belong to no input.", field: input)
    }
}
