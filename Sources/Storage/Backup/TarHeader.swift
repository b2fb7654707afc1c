internal import Domain

/// The 512 bytes before each file of a POSIX ustar archive.
struct TarHeader: Sendable, Hashable {
    static let blockBytes = 512
    /// Longest name that the header can split into its prefix (155) and name (100).
    static let nameBytesMax = 255

    var name: String
    var bytes: Int64

    /// - Throws: `internal` if the name does not fit.
    func encoded() throws -> [UInt8] {
        var block = [UInt8](repeating: 0, count: Self.blockBytes)
        func put(_ text: some Sequence<UInt8>, at offset: Int) {
            for (index, byte) in text.enumerated() { block[offset + index] = byte }
        }
        let (prefix, base) = try split()
        put(base.utf8, at: 0)
        put("0000600\u{0}".utf8, at: 100)
        put("0000000\u{0}".utf8, at: 108)
        put("0000000\u{0}".utf8, at: 116)
        put(Self.size(bytes), at: 124)
        put("00000000000\u{0}".utf8, at: 136)
        put("        ".utf8, at: 148)
        put("0".utf8, at: 156)
        put("ustar\u{0}00".utf8, at: 257)
        put(prefix.utf8, at: 345)
        let sum = block.reduce(0) { $0 + Int($1) }
        put((Self.octal(Int64(sum), digits: 6) + "\u{0} ").utf8, at: 148)
        return block
    }

    /// - Returns: nil for the zero block that ends an archive.
    /// - Throws: `invalidArgument` if the block is no header of a plain file.
    init?(_ block: [UInt8]) throws {
        guard block.contains(where: { $0 != 0 }) else { return nil }
        func text(_ range: Range<Int>) -> String { String(decoding: block[range].prefix { $0 != 0 }, as: UTF8.self) }
        var summed = block
        for index in 148..<156 { summed[index] = 0x20 }
        let sum = summed.reduce(0) { $0 + Int($1) }
        let written = Int(text(148..<156).trimmingPrefix { $0 == " " }.prefix { $0 != " " }, radix: 8)
        guard block.count == Self.blockBytes, written == sum, text(257..<262) == "ustar", block[156] == 0x30 else {
            throw MartletError.invalid("The file is no backup of Martlet: a header of its archive is damaged.")
        }
        let prefix = text(345..<500)
        name = (prefix.isEmpty ? "" : prefix + "/") + text(0..<100)
        bytes = try Self.readSize(Array(block[124..<136]))
    }

    init(name: String, bytes: Int64) {
        self.name = name
        self.bytes = bytes
    }

    /// Zero bytes after the contents, up to a whole block.
    static func padding(after bytes: Int64) -> Int {
        Int((Int64(blockBytes) - bytes % Int64(blockBytes)) % Int64(blockBytes))
    }

    private func split() throws -> (prefix: String, name: String) {
        if name.utf8.count <= 100 { return ("", name) }
        let parts = name.split(separator: "/")
        for count in parts.indices.dropFirst().reversed() {
            let prefix = parts[..<count].joined(separator: "/")
            let base = parts[count...].joined(separator: "/")
            if prefix.utf8.count <= 155, base.utf8.count <= 100 { return (prefix, base) }
        }
        throw MartletError(.internal, "The file name \(name) is too long for a backup.")
    }

    /// Eleven octal digits reach 8 GiB; above, GNU's base 256 with the top bit set.
    private static func size(_ bytes: Int64) -> [UInt8] {
        if bytes < 1 << 33 { return Array((octal(bytes, digits: 11) + "\u{0}").utf8) }
        var field = [UInt8](repeating: 0, count: 12)
        field[0] = 0x80
        for index in 0..<8 { field[11 - index] = UInt8(truncatingIfNeeded: bytes >> (8 * Int64(index))) }
        return field
    }

    private static func readSize(_ field: [UInt8]) throws -> Int64 {
        if field[0] == 0x80 { return field[4...].reduce(Int64(0)) { $0 << 8 | Int64($1) } }
        let text = String(decoding: field.prefix { $0 != 0 && $0 != 0x20 }, as: UTF8.self)
        guard let size = Int64(text, radix: 8), size >= 0 else {
            throw MartletError.invalid("The file is no backup of Martlet: a size in its archive is damaged.")
        }
        return size
    }

    private static func octal(_ value: Int64, digits: Int) -> String {
        let text = String(value, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
