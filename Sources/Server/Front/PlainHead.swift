internal import Foundation

/// The head of a request that is strictly plain HTTP/1.1. Whatever is odd about a request is for the HTTP server to judge, so that
/// there is one judge of it: chunks, `Expect`, folded lines, repeated lengths, other versions.
final class PlainHead: Sendable {
    enum Reading {
        /// More bytes must come.
        case incomplete
        case odd
        case plain(PlainHead)
    }
    enum Method: Sendable { case get, post, other }

    /// Of one request's head; a longer one is odd.
    static let bytesMax = 16 << 10
    static let fieldsMax = 64

    let method: Method
    /// As sent, percent-encoded, up to the question mark.
    let path: String
    let query: String?
    let host: String
    /// Bytes of the head, its empty line included, and of the body.
    let headBytes: Int
    let bodyBytes: Int
    let authorization: String?
    let contentType: String?
    /// `Inference-Header-Content-Length`: raw tensors follow after so many bytes.
    let inferenceHeaderLength: String?
    let acceptEncoding: String?
    /// Whether it has a field that makes a difference to some route, besides those above.
    let hasFieldsOfRoutes: Bool

    fileprivate init(
        method: Method, path: String, query: String?, host: String, headBytes: Int, bodyBytes: Int,
        authorization: String?, contentType: String?, inferenceHeaderLength: String?, acceptEncoding: String?,
        hasFieldsOfRoutes: Bool
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.host = host
        self.headBytes = headBytes
        self.bodyBytes = bodyBytes
        self.authorization = authorization
        self.contentType = contentType
        self.inferenceHeaderLength = inferenceHeaderLength
        self.acceptEncoding = acceptEncoding
        self.hasFieldsOfRoutes = hasFieldsOfRoutes
    }

    /// Reads a head from the beginning of `bytes`.
    static func read(_ bytes: UnsafeRawBufferPointer) -> Reading {
        var reader = PlainHeadReader(bytes: bytes)
        return reader.read()
    }
}

/// RFC 9112 without its leniencies.
private struct PlainHeadReader {
    private enum Failure: Error { case incomplete, odd }
    /// Routes look at these: a request that has one takes the way through the HTTP server.
    private static let fieldsOfRoutes = [
        "origin", "cookie", "content-encoding", "martlet-search-grammar", "range", "x-http-method-override",
        "forwarded",
    ]
    /// These say how the message ends or that the connection is about to change.
    private static let oddFields = [
        "transfer-encoding", "expect", "upgrade", "te", "trailer", "http2-settings", "proxy-connection", "keep-alive",
    ]

    let bytes: UnsafeRawBufferPointer
    private var place = 0

    init(bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    mutating func read() -> PlainHead.Reading {
        do {
            return .plain(try head())
        } catch {
            return error == .odd || bytes.count > PlainHead.bytesMax ? .odd : .incomplete
        }
    }

    private mutating func head() throws(Failure) -> PlainHead {
        let (method, path, query) = try requestLine()
        var (host, authorization, contentType): (String?, String?, String?)
        var (inferenceHeaderLength, acceptEncoding): (String?, String?)
        var bodyBytes: Int?
        var hasFieldsOfRoutes = false
        var count = 0
        while let line = try line() {
            count += 1
            guard count <= PlainHead.fieldsMax else { throw .odd }
            let (name, value) = try field(line)
            if matches(name, "host") {
                guard host == nil else { throw .odd }
                host = text(value)
            } else if matches(name, "content-length") {
                guard bodyBytes == nil else { throw .odd }
                bodyBytes = try length(value)
            } else if matches(name, "authorization") {
                guard authorization == nil else { throw .odd }
                authorization = text(value)
            } else if matches(name, "content-type") {
                guard contentType == nil else { throw .odd }
                contentType = text(value)
            } else if matches(name, "inference-header-content-length") {
                guard inferenceHeaderLength == nil else { throw .odd }
                inferenceHeaderLength = text(value)
            } else if matches(name, "accept-encoding") {
                // A list may come in several fields.
                acceptEncoding = acceptEncoding.map { "\($0),\(text(value))" } ?? text(value)
            } else if matches(name, "connection") {
                guard matches(value, "keep-alive") else { throw .odd }
            } else if Self.oddFields.contains(where: { matches(name, $0) }) {
                throw .odd
            } else if Self.fieldsOfRoutes.contains(where: { matches(name, $0) }) {
                hasFieldsOfRoutes = true
            }
        }
        guard place <= PlainHead.bytesMax, let host, !host.isEmpty else { throw .odd }
        return PlainHead(
            method: method, path: path, query: query, host: host, headBytes: place, bodyBytes: bodyBytes ?? 0,
            authorization: authorization, contentType: contentType, inferenceHeaderLength: inferenceHeaderLength,
            acceptEncoding: acceptEncoding, hasFieldsOfRoutes: hasFieldsOfRoutes)
    }

    private mutating func requestLine() throws(Failure) -> (PlainHead.Method, String, String?) {
        guard let line = try line() else { throw .odd }
        guard let first = index(of: UInt8(ascii: " "), in: line) else { throw .odd }
        let rest = (first + 1)..<line.upperBound
        guard let second = index(of: UInt8(ascii: " "), in: rest) else { throw .odd }
        guard matchesExactly((second + 1)..<line.upperBound, "HTTP/1.1") else { throw .odd }
        let verb = line.lowerBound..<first
        let method: PlainHead.Method
        if matchesExactly(verb, "POST") {
            method = .post
        } else if matchesExactly(verb, "GET") {
            method = .get
        } else if ["PUT", "PATCH", "DELETE"].contains(where: { matchesExactly(verb, $0) }) {
            method = .other
        } else {
            throw .odd
        }
        let target = (first + 1)..<second
        guard !target.isEmpty, bytes[target.lowerBound] == UInt8(ascii: "/") else { throw .odd }
        for index in target where !(0x21...0x7E).contains(bytes[index]) || bytes[index] == UInt8(ascii: "#") {
            throw .odd
        }
        guard let mark = index(of: UInt8(ascii: "?"), in: target) else { return (method, text(target), nil) }
        return (method, text(target.lowerBound..<mark), text((mark + 1)..<target.upperBound))
    }

    /// The next line without its end; nil for the empty one that ends the head.
    private mutating func line() throws(Failure) -> Range<Int>? {
        let start = place
        guard let end = index(of: UInt8(ascii: "\r"), in: start..<bytes.count), end + 1 < bytes.count else {
            // A bare line feed is no end of a line here.
            if index(of: UInt8(ascii: "\n"), in: start..<bytes.count) != nil { throw .odd }
            throw .incomplete
        }
        guard bytes[end + 1] == UInt8(ascii: "\n") else { throw .odd }
        place = end + 2
        if end == start { return nil }
        for index in start..<end {
            let byte = bytes[index]
            guard (0x20...0x7E).contains(byte) || byte == UInt8(ascii: "\t") else { throw .odd }
        }
        return start..<end
    }

    private func field(_ line: Range<Int>) throws(Failure) -> (name: Range<Int>, value: Range<Int>) {
        guard let colon = index(of: UInt8(ascii: ":"), in: line), colon > line.lowerBound else { throw .odd }
        let name = line.lowerBound..<colon
        for index in name where !Self.isToken(bytes[index]) { throw .odd }
        var (start, end) = (colon + 1, line.upperBound)
        while start < end, isBlank(start) { start += 1 }
        while end > start, isBlank(end - 1) { end -= 1 }
        return (name, start..<end)
    }

    private func length(_ value: Range<Int>) throws(Failure) -> Int {
        guard (1...15).contains(value.count) else { throw .odd }
        var length = 0
        for index in value {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) else { throw .odd }
            length = length * 10 + Int(bytes[index] - UInt8(ascii: "0"))
        }
        return length
    }

    private func isBlank(_ index: Int) -> Bool {
        bytes[index] == UInt8(ascii: " ") || bytes[index] == UInt8(ascii: "\t")
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private func index(of byte: UInt8, in range: Range<Int>) -> Int? {
        guard !range.isEmpty, let base = bytes.baseAddress,
            let found = memchr(base + range.lowerBound, Int32(byte), range.count)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// Whatever the case; `word` is in lower case.
    private func matches(_ range: Range<Int>, _ word: String) -> Bool {
        guard range.count == word.utf8.count else { return false }
        var index = range.lowerBound
        for letter in word.utf8 {
            let byte = bytes[index]
            let lower = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
            guard lower == letter else { return false }
            index += 1
        }
        return true
    }

    private func matchesExactly(_ range: Range<Int>, _ word: String) -> Bool {
        bytes[range].elementsEqual(word.utf8)
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }
}
