public import Domain
internal import Yams

/// `martlet.yaml` ⇄ `Policy`. JSON is YAML, so what `encode` gives can be parsed again.
public enum PolicyDocument {
    /// A contract that people read: more is a mistake or an attack.
    public static let bytesMax = 256 << 10
    /// Sections and lists within one another; the format itself needs four.
    static let depthMax = 32
    /// More anchors or aliases than this are refused before the text is read at all.
    static let aliasesMax = 4

    /// All that is wrong with a document, in the order of its lines; never empty.
    public struct Refusal: Error, Sendable {
        public var problems: [PolicyProblem]
    }

    /// Reads the whole document and tells every problem at once.
    public static func parse(_ text: String) -> Result<Policy, Refusal> {
        func refused(_ message: String) -> Result<Policy, Refusal> {
            .failure(Refusal(problems: [PolicyProblem(line: 1, column: 1, field: "", message: message)]))
        }
        guard text.utf8.count <= bytesMax else {
            return refused("The document has \(text.utf8.count) bytes; \(bytesMax) are allowed.")
        }
        if let problem = PolicyShape.problem(text) { return .failure(Refusal(problems: [problem])) }
        do {
            let parser = try Yams.Parser(yaml: text, resolver: .basic, encoding: .utf8)
            // Nodes hold their anchors weakly: they live only as long as the parser.
            return try withExtendedLifetime(parser) {
                guard let root = try parser.singleRoot() else { return refused("The document is empty.") }
                return read(root)
            }
        } catch {
            return .failure(Refusal(problems: [PolicyProblem(error)]))
        }
    }

    private static func read(_ root: Node) -> Result<Policy, Refusal> {
        var reader = PolicyReader()
        let values = reader.section(root, PolicyKeys.root, path: "")
        PolicyRules.check(values, &reader)
        guard reader.problems.isEmpty, let policy = Policy(values: values) else {
            return .failure(Refusal(problems: reader.problems.sorted()))
        }
        return .success(policy)
    }

    /// The policy as JSON with the document's keys and units.
    public static func encode(_ policy: Policy) -> JSONValue { policy.document }
}

extension PolicyProblem {
    /// What the YAML parser said.
    init(_ error: any Error) {
        func at(_ mark: Mark, _ message: String) -> PolicyProblem {
            PolicyProblem(line: mark.line, column: mark.column, field: "", message: message)
        }
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            self = at(mark, "This is not YAML: \(problem).")
        case .duplicatedKeysInMapping(let duplicates, let context):
            self = at(context.mark, "The key \(duplicates.joined(separator: ", ")) stands here twice.")
        default:
            self = PolicyProblem(line: 1, column: 1, field: "", message: "This is not YAML in UTF-8.")
        }
    }
}
