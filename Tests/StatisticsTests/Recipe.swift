import Statistics

/// How a sample is drawn: the other half of Golden/streams.py, equal to the last bit.
struct Recipe: Decodable {
    var shape: String
    var seed: UInt64
    var n: Int
    var scale: Double?
    var shift: Double?
    var nan: Int?

    var values: [Double] {
        var values = Self.draw(shape, seed, n).map { $0 * (scale ?? 1) + (shift ?? 0) }
        if let nan {
            for index in stride(from: 0, to: n, by: nan) { values[index] = .nan }
        }
        return values
    }

    static func uniforms(_ seed: UInt64, _ count: Int) -> [Double] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { _ in Double(random.next() >> 11) * 0x1p-53 }
    }

    static func draw(_ shape: String, _ seed: UInt64, _ n: Int) -> [Double] {
        if shape == "normal" {
            let u = uniforms(seed, 12 * n)
            return (0..<n).map { (row: Int) -> Double in
                var total = u[12 * row]
                for index in 1..<12 { total += u[12 * row + index] }
                return total - 6
            }
        }
        let u = uniforms(seed, 2 * n)
        return (0..<n).map { row in
            let first = u[2 * row]
            let second = u[2 * row + 1]
            switch shape {
            case "uniform": return first
            case "skewed": return first * first * first
            case "heavy": return (first - 0.5) / (0.01 + second)
            case "discrete": return (first * 6).rounded(.down)
            case "zeros": return first < 0.3 ? 0 : second
            default: return 0
            }
        }
    }
}

/// Pieces of a stream one after another.
struct StreamRecipe: Decodable {
    var kind: String
    var seed: UInt64
    var pieces: [[Double]]

    var values: [Double] {
        pieces.enumerated().flatMap { index, piece in
            let pieceSeed = seed + UInt64(1000 * index)
            let n = Int(piece[0])
            return kind == "bits"
                ? Recipe.uniforms(pieceSeed, n).map { $0 < piece[1] ? 1 : 0 }
                : Recipe.draw(kind, pieceSeed, n).map { $0 + piece[1] }
        }
    }
}
