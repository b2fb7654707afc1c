internal import Domain

/// Chooses the variant of a request: cheap, and the same for the same key.
enum TrafficSplit {
    /// - Parameter key: hashed into one of 10,000 places. The candidate has the lowest places, so a caller whose key once
    ///   reached it stays there while its weight grows.
    static func choose(_ endpoint: Endpoint, key: UInt64) -> Variant? {
        let place = Int(mixed(key &+ UInt64(bitPattern: endpoint.id) &* 0x9E37_79B9_7F4A_7C15) % 10_000)
        var upTo = 0
        for variant in endpoint.variants where variant.role == .candidate {
            upTo += variant.weightBasisPoints
            if place < upTo { return variant }
        }
        return endpoint.champion ?? endpoint.variants.first { $0.role == .candidate && $0.weightBasisPoints > 0 }
    }

    /// FNV-1a of a business key.
    static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// The finalizer of SplitMix64 (Steele, Lea, Flood 2014): every bit depends on every other.
    static func mixed(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
