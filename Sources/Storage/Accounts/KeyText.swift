internal import Crypto
internal import Domain

internal import struct Foundation.Data

/// The text form of an API key: `mk_<id>_<secret>`, hexadecimal, so that secret scanners can find a leaked one.
struct KeyText: Sendable {
    static let prefix = "mk_"
    static let idBytes = 8
    /// 256 bits: beyond guessing, so a fast hash is enough to store it by.
    static let secretBytes = 32

    var id: String
    var secret: String

    var text: String { "\(Self.prefix)\(id)_\(secret)" }

    /// A new key from the system's cryptographic generator.
    static func random() -> KeyText {
        KeyText(id: Hex.random(bytes: idBytes), secret: Hex.random(bytes: secretBytes))
    }

    init(id: String, secret: String) {
        self.id = id
        self.secret = secret
    }

    /// - Returns: nil if the text does not have the form.
    init?(_ text: String) {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "mk", parts[1].utf8.count == Self.idBytes * 2,
            parts[2].utf8.count == Self.secretBytes * 2
        else { return nil }
        let isHex = (parts[1] + parts[2]).utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        guard isHex else { return nil }
        id = String(parts[1])
        secret = String(parts[2])
    }

    /// SHA-256 of the secret, lower-case hexadecimal.
    var secretHash: String { Hex.text(SHA256.hash(data: Data(secret.utf8))) }

    /// Compares in a time that depends on the length alone.
    func matches(hash stored: String) -> Bool {
        let own = Array(secretHash.utf8), other = Array(stored.utf8)
        guard own.count == other.count else { return false }
        var difference: UInt8 = 0
        for index in own.indices { difference |= own[index] ^ other[index] }
        return difference == 0
    }
}

/// Bytes as lower-case hexadecimal text.
enum Hex {
    /// Random bytes from the system's cryptographic generator, as text.
    static func random(bytes count: Int) -> String {
        text((0..<count).map { _ in UInt8.random(in: .min ... .max) })
    }

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// - Returns: nil for anything but pairs of hexadecimal digits.
    static func bytes(_ text: String) -> [UInt8]? {
        let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[start], let low = digits[start + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }
}
