/// A mergeable estimate of how many different values a stream holds, in fixed memory.
///
/// Flajolet, Fusy, Gandouet and Meunier, "HyperLogLog" (2007), with 2,048 registers: a standard error of 1.04 / √2048 = 2.3 %;
/// below 2.5 registers' worth of values by linear counting (Whang et al. 1990), which is nearer there. Hashes have 64 bits, so that
/// no correction for large counts is needed. O(1) a value.
public struct HyperLogLog: Sendable, Hashable {
    static let bits = 11
    static let registerCount = 1 << bits
    /// 0.7213 / (1 + 1.079 / m), the bias of the harmonic mean.
    private static let alpha = 0.7213 / (1 + 1.079 / Double(registerCount))

    /// Each the greatest rank seen: 0…54.
    private var registers: [UInt8]

    public init() {
        registers = [UInt8](repeating: 0, count: Self.registerCount)
    }

    /// Adds the value that these bytes are.
    public mutating func insert(_ bytes: some Sequence<UInt8>) {
        let hash = Self.hash(bytes)
        let index = Int(hash >> UInt64(64 - Self.bits))
        // The set bit bounds the rank where all remaining bits are zero.
        let rest = hash << UInt64(Self.bits) | (1 << UInt64(Self.bits - 1))
        registers[index] = max(registers[index], UInt8(rest.leadingZeroBitCount + 1))
    }

    public mutating func merge(_ other: HyperLogLog) {
        for index in registers.indices { registers[index] = max(registers[index], other.registers[index]) }
    }

    /// How many different values went in, about.
    public var estimate: Int {
        let m = Double(Self.registerCount)
        var sum = 0.0
        var zeros = 0
        for register in registers {
            sum += 1 / Double(UInt64(1) << UInt64(register))
            if register == 0 { zeros += 1 }
        }
        let raw = Self.alpha * m * m / sum
        guard raw <= 2.5 * m, zeros > 0 else { return Int(raw.rounded()) }
        return Int((m * Elementary.log(m / Double(zeros))).rounded())
    }

    /// The 64-bit hash by which values are told apart: FNV-1a, finished as in SplitMix64, so that every bit counts. Not for secrets.
    public static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        return hash ^ (hash >> 31)
    }
}

extension HyperLogLog: Codable {
    /// A register is written as one character, `0` and up.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        registers = try container.decode(String.self).utf8.map { $0 &- 0x30 }
        guard registers.count == Self.registerCount, registers.allSatisfy({ $0 <= 64 }) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "Not \(Self.registerCount) registers of a HyperLogLog.")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(String(decoding: registers.map { $0 + 0x30 }, as: UTF8.self))
    }
}
