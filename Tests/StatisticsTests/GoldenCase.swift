import Foundation
import Testing

/// One answer of a reference library, written by Golden/generate_cases.py or generate_nannyml.py.
struct GoldenCase: Decodable {
    /// A number or a list of numbers; null stands for what is not finite.
    enum Answer: Decodable {
        case number(Double?)
        case list([Double?])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .number(nil)
            } else if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else {
                self = .list(try container.decode([Double?].self))
            }
        }
    }

    var function: String
    var name: String?
    var parameters: [Double]?
    var a: Recipe?
    var b: Recipe?
    var samples: [Recipe]?
    var stream: StreamRecipe?
    var x: [Double]?
    var y: [Double]?
    var rows: [[Int]]?
    var answers: [String: Answer]

    enum CodingKeys: String, CodingKey {
        case a, b, samples, stream, x, y, rows, name
        case function = "f"
        case parameters = "p"
        case answers = "o"
    }

    var description: String {
        "\(function) \(name ?? "") \(p) \(a.map { "\($0.shape) \($0.seed)" } ?? "") \(x?.prefix(6).description ?? "")"
    }

    var p: [Double] { parameters ?? [] }
    var counts: ([Int], [Int]) { ((x ?? []).map { Int($0) }, (y ?? []).map { Int($0) }) }

    /// nil where the library's answer is not finite.
    func number(_ key: String) throws -> Double? {
        guard case .number(let number) = try #require(answers[key], "no answer \(key)") else { return nil }
        return number
    }

    func list(_ key: String) throws -> [Double?] {
        guard case .list(let list) = try #require(answers[key], "no answer \(key)") else { return [] }
        return list
    }

    /// All cases of a function; none is a defect of the files.
    static func all(_ function: String, file: String = #filePath) throws -> [GoldenCase] {
        let folder = URL(filePath: file).deletingLastPathComponent().appending(path: "Golden")
        let cases = try ["cases.json", "nannyml.json"].flatMap { name in
            try String(contentsOf: folder.appending(path: name), encoding: .utf8).split(separator: "\n")
                .filter { $0.hasPrefix("{\"f\":\"\(function)\",") }
                .map { line in
                    let json = line.hasSuffix(",") ? line.dropLast() : line
                    return try JSONDecoder().decode(GoldenCase.self, from: Data(json.utf8))
                }
        }
        try #require(!cases.isEmpty, "no cases of \(function)")
        return cases
    }

    /// A statistic agrees to 1e-9 of its size.
    func expectStatistic(
        _ value: Double?, _ key: String, relative: Double = 1e-9, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try expect(value, key, relative: relative, absolute: 1e-15, sourceLocation)
    }

    /// A p-value agrees to 1e-7 of its size, as far as Double can hold it.
    func expectPValue(
        _ value: Double?, _ key: String, relative: Double = 1e-7, absolute: Double = 1e-300,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try expect(value, key, relative: relative, absolute: absolute, sourceLocation)
    }

    func expect(
        _ value: Double?, _ key: String, relative: Double, absolute: Double,
        _ sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        guard let expected = try number(key) else {
            #expect(
                value.map { !$0.isFinite } ?? true, "\(description): \(key) is \(value ?? .nan), not finite there",
                sourceLocation: sourceLocation)
            return
        }
        let value = try #require(
            value, "\(description): \(key) is nil, not \(expected)", sourceLocation: sourceLocation)
        #expect(
            abs(value - expected) <= relative * abs(expected) + absolute,
            "\(description): \(key) is \(value), not \(expected)", sourceLocation: sourceLocation)
    }
}
