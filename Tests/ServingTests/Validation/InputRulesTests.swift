import Domain
import Inference
import Testing

@testable import Serving

@Suite("Validation of inputs")
struct InputRulesTests {
    private func rules(
        _ datatype: Datatype, _ rules: [FeatureRule], width: Int = 2
    ) throws -> InputRules {
        let metadata = ModelMetadata(
            inputs: [TensorSpec(name: "x", datatype: datatype, shape: [-1, width])], outputs: [], custom: [:])
        let columns = (0..<width).map { column in
            FeatureColumn(name: "f\(column)", input: "x", index: column, kind: .numeric)
        }
        return try #require(InputRules(rules, columns: columns, metadata: metadata))
    }

    private func rule(
        _ name: String, _ action: InputValidation.Action, missing: InputValidation.Action = .accept,
        _ minimum: Double? = nil, _ maximum: Double? = nil, categories: [String]? = nil
    ) -> FeatureRule {
        FeatureRule(
            name: name, action: action, missing: missing, minimum: minimum, maximum: maximum, categories: categories)
    }

    @Test("values within their bounds are told nothing of, the bounds themselves too")
    func clean() throws {
        let rules = try rules(.fp64, [rule("f1", .reject, missing: .reject, -1, 1)])
        let tensor = try Tensor(.fp64, shape: [3, 2], elements: [99, -1, .nan, 1, .infinity, 0.5])
        #expect(try rules.check([tensor]) == nil)
    }

    @Test("a bound of the training data is the value that a narrower datatype sends")
    func rounding() throws {
        let rules = try rules(.fp32, [rule("f0", .reject, 0.1, 0.7)])
        #expect(try rules.check([Tensor(.fp32, shape: [2, 2], elements: [Float(0.1), 0, Float(0.7), 0])]) == nil)
        let above = try Tensor(.fp32, shape: [1, 2], elements: [Float(0.7).nextUp, 0])
        #expect(throws: MartletError.self) { try rules.check([above]) }
    }

    @Test("what is flagged is counted by feature and reason, with its first row, and computed as it is")
    func flags() throws {
        let rules = try rules(
            .fp64, [rule("f0", .flag, missing: .flag, 0, 1), rule("f1", .accept, missing: .flag, 0, 1)])
        let tensor = try Tensor(.fp64, shape: [4, 2], elements: [0, 5, -1, .nan, 2, 5, -3, 5])
        let verdict = try #require(try rules.check([tensor]))
        #expect(verdict.clipped == nil)
        #expect(
            verdict.flags == [
                InputFlag(feature: "f0", reason: .belowMinimum, outcome: .flagged, rows: 2, firstRow: 1),
                InputFlag(feature: "f0", reason: .aboveMaximum, outcome: .flagged, rows: 1, firstRow: 2),
                InputFlag(feature: "f1", reason: .missing, outcome: .flagged, rows: 1, firstRow: 1),
            ])
    }

    @Test("what is clipped takes the nearest bound of its datatype; missing values stay")
    func clipping() throws {
        let doubles = try rules(.fp64, [rule("f0", .clip, missing: .flag, -1.5, 1.5)])
        let given = try Tensor(.fp64, shape: [3, 2], elements: [9.0, 9, -9, 9, .nan, 9])
        let verdict = try #require(try doubles.check([given]))
        let clipped = try #require(verdict.clipped?.first?.elements(as: Double.self))
        #expect(clipped[0...3] == [1.5, 9, -1.5, 9] && clipped[4].isNaN)
        #expect(verdict.flags.map(\.outcome) == [.clipped, .clipped, .flagged])

        let bytes = try rules(.int8, [rule("f0", .clip, -1.5, 1e9), rule("f1", .clip, 0.5, 3.5)])
        let numbers = try Tensor(.int8, shape: [2, 2], elements: [Int8(-9), 0, 127, 9])
        let narrow = try #require(try bytes.check([numbers])?.clipped?.first)
        #expect(narrow.elements(as: Int8.self) == [-1, 1, 127, 3])
    }

    @Test("every datatype of numbers keeps and breaks its bounds alike", arguments: Datatype.allCases)
    func datatypes(datatype: Datatype) throws {
        guard let size = datatype.elementBytes, datatype != .bool else { return }
        let rules = try rules(datatype, [rule("f0", .clip, 0, 1)], width: 1)
        func tensor(_ number: Int) throws -> Tensor {
            let bytes: [UInt8] =
                switch datatype {
                case .fp16: withUnsafeBytes(of: Tensor.halfBits(Float(number))) { Array($0) }
                case .bf16: withUnsafeBytes(of: Tensor.brainHalfBits(Float(number))) { Array($0) }
                case .fp32: withUnsafeBytes(of: Float(number)) { Array($0) }
                case .fp64: withUnsafeBytes(of: Double(number)) { Array($0) }
                default: Array(withUnsafeBytes(of: number.littleEndian) { Array($0) }.prefix(size))
                }
            return try Tensor(datatype: datatype, shape: [1, 1], bytes: bytes)
        }
        #expect(try rules.check([tensor(1)]) == nil)
        let verdict = try #require(try rules.check([tensor(2)]))
        #expect(verdict.flags.map(\.reason) == [.aboveMaximum])
        #expect(verdict.clipped?.first == (try tensor(1)))
    }

    @Test("what is rejected says the feature, the value, its row and the bound")
    func rejection() throws {
        let rules = try rules(.fp64, [rule("f0", .flag, 0, 1), rule("f1", .reject, nil, 3)])
        let tensor = try Tensor(.fp64, shape: [2, 2], elements: [9, 0, 0, 3.5])
        let error = #expect(throws: MartletError.self) { try rules.check([tensor]) }
        #expect(error?.code == .unprocessable && error?.field == "f1")
        #expect(error?.message.contains("\"f1\" is 3.5 in row 1, above its maximum 3") == true)
        #expect(error?.rejectedFlags.map(\.outcome) == [.flagged, .rejected])
    }

    @Test("categories are known by their text, and 1.0 is 1; an empty text is missing")
    func texts() throws {
        let rules = try rules(
            .bytes, [rule("f0", .clip, missing: .flag, categories: ["north", "1", "ö"]), rule("f1", .accept)])
        let known = try Tensor(shape: [4, 2], strings: ["north", "?", "1", "?", "1.0", "?", "ö", "?"])
        #expect(try rules.check([known]) == nil)
        let unknown = try Tensor(shape: [3, 2], strings: ["south", "?", "", "?", "2", "?"])
        let verdict = try #require(try rules.check([unknown]))
        // A category cannot be clipped.
        #expect(
            verdict.flags == [
                InputFlag(feature: "f0", reason: .unknownCategory, outcome: .flagged, rows: 2, firstRow: 0),
                InputFlag(feature: "f0", reason: .missing, outcome: .flagged, rows: 1, firstRow: 1),
            ])
        #expect(verdict.clipped == nil)
    }

    @Test("categories that are sent as numbers are compared as numbers")
    func codes() throws {
        let rules = try rules(.int64, [rule("f0", .flag, categories: ["3", "-7", "0"])])
        #expect(try rules.check([Tensor(.int64, shape: [3, 2], elements: [Int64(3), 9, -7, 9, 0, 9])]) == nil)
        let verdict = try rules.check([Tensor(.int64, shape: [1, 2], elements: [Int64(4), 9])])
        #expect(verdict?.flags.map(\.reason) == [.unknownCategory])
    }

    @Test("a table of categories finds what is in it and nothing else")
    func table() {
        let texts = (0..<1000).map { "category \($0)" } + ["", "a\u{0}"]
        let table = CategoryTable(texts)
        #expect(texts.allSatisfy { table.contains($0) })
        #expect((1000..<3000).allSatisfy { !table.contains("category \($0)") })
        #expect(!CategoryTable([]).contains("x"))
    }

    @Test("rules for features that the version has not are none")
    func foreign() {
        let metadata = ModelMetadata(
            inputs: [TensorSpec(name: "x", datatype: .fp64, shape: [-1, 2])], outputs: [], custom: [:])
        #expect(InputRules([rule("other", .reject, 0, 1)], columns: [], metadata: metadata) == nil)
    }
}
