internal import Crypto
internal import Foundation

/// AWS Signature Version 4, as S3 checks it: paths are encoded once and the payload's hash is a header.
///
/// Source: Amazon S3 API reference, "Authenticating Requests (AWS Signature Version 4)", whose published examples are the tests.
struct SignatureV4: Sendable {
    /// One request, as far as the signature covers it.
    struct Request: Sendable {
        var method: String
        /// Not encoded.
        var path: String
        /// Not encoded.
        var query: [(name: String, value: String)] = []
        /// Lower-case names; `host` must be among them.
        var headers: [(name: String, value: String)]
    }

    /// The payload hash of a request without a body.
    static let emptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    /// What stands for the hash of a body that the signer does not know, as in presigned URLs.
    static let unsignedPayload = "UNSIGNED-PAYLOAD"

    var credentials: AWSCredentials
    var region: String
    var service = "s3"

    /// All headers to send: those of the request, `x-amz-date`, `x-amz-content-sha256` (for S3), the session token, `authorization`.
    func signedHeaders(_ request: Request, payloadHash: String, at time: Date) -> [(name: String, value: String)] {
        var request = request
        request.headers.append(("x-amz-date", Self.timestamp(time)))
        if service == "s3" { request.headers.append(("x-amz-content-sha256", payloadHash)) }
        if let token = credentials.sessionToken { request.headers.append(("x-amz-security-token", token)) }
        let (names, canonical) = Self.canonical(request, payloadHash: payloadHash)
        let signature = signature(of: canonical, at: time)
        let authorization =
            "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope(time)),SignedHeaders=\(names),Signature=\(signature)"
        return request.headers + [("authorization", authorization)]
    }

    /// The query of a URL that gives whoever has it this one request until it expires.
    ///
    /// - Parameter seconds: 1…604,800.
    func presignedQuery(_ request: Request, expiresIn seconds: Int, at time: Date) -> String {
        var request = request
        let names = Self.canonical(request, payloadHash: Self.unsignedPayload).names
        request.query += [
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", "\(credentials.accessKeyID)/\(scope(time))"),
            ("X-Amz-Date", Self.timestamp(time)), ("X-Amz-Expires", String(seconds)),
            ("X-Amz-SignedHeaders", names),
        ]
        if let token = credentials.sessionToken { request.query.append(("X-Amz-Security-Token", token)) }
        let (_, canonical) = Self.canonical(request, payloadHash: Self.unsignedPayload)
        return Self.queryText(request.query) + "&X-Amz-Signature=\(signature(of: canonical, at: time))"
    }

    // MARK: parts

    private func scope(_ time: Date) -> String { "\(Self.timestamp(time).prefix(8))/\(region)/\(service)/aws4_request" }

    private func signature(of canonical: String, at time: Date) -> String {
        let text = [
            "AWS4-HMAC-SHA256", Self.timestamp(time), scope(time),
            SHA256.hash(data: Data(canonical.utf8)).hexadecimal,
        ].joined(separator: "\n")
        var key = SymmetricKey(data: Data("AWS4\(credentials.secretAccessKey)".utf8))
        for part in [String(Self.timestamp(time).prefix(8)), region, service, "aws4_request"] {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Data(part.utf8), using: key))
        }
        return Hex.text(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key))
    }

    /// The names of the signed headers, and the canonical request.
    static func canonical(_ request: Request, payloadHash: String) -> (names: String, text: String) {
        let headers = request.headers.sorted { $0.name < $1.name }
        let names = headers.map(\.name).joined(separator: ";")
        let lines = headers.map { "\($0.name):\($0.value.trimmingCharacters(in: .whitespaces))\n" }.joined()
        let text = [
            request.method, encode(request.path, keepsSlash: true), queryText(request.query), lines, names, payloadHash,
        ].joined(separator: "\n")
        return (names, text)
    }

    /// A query in canonical order: sorted by encoded name, then value.
    static func queryText(_ query: [(name: String, value: String)]) -> String {
        query.map { (encode($0.name, keepsSlash: false), encode($0.value, keepsSlash: false)) }
            .sorted { $0 < $1 }.map { "\($0)=\($1)" }.joined(separator: "&")
    }

    /// Percent-encoding as AWS has it: everything but letters, digits and `-._~`.
    static func encode(_ text: String, keepsSlash: Bool) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.unicodeScalars.append(UnicodeScalar(byte))
            case UInt8(ascii: "/") where keepsSlash: encoded += "/"
            default: encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }

    /// `20130524T000000Z`
    static func timestamp(_ time: Date) -> String {
        var seconds = time_t(time.timeIntervalSince1970)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func digits(_ number: Int32, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        return digits(parts.tm_year + 1_900, 4) + digits(parts.tm_mon + 1, 2) + digits(parts.tm_mday, 2) + "T"
            + digits(parts.tm_hour, 2) + digits(parts.tm_min, 2) + digits(parts.tm_sec, 2) + "Z"
    }
}
