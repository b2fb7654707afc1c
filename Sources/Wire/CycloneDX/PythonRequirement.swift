internal import Yams

/// One Python library that a model needs, as its files name it.
public struct PythonRequirement: Sendable, Hashable {
    public var name: String
    /// nil where it is not pinned.
    public var version: String?

    public init(name: String, version: String?) {
        self.name = name
        self.version = version
    }

    /// The lines of a `requirements.txt` that name a library. Options, URLs and comments are passed over.
    public static func parse(requirements text: String) -> [PythonRequirement] {
        text.split(whereSeparator: \.isNewline).compactMap { parse(line: String($0)) }
    }

    /// The `pip` part of a `conda.yaml`, and the conda packages beside it; empty if it cannot be read.
    public static func parse(conda text: String) -> [PythonRequirement] {
        guard let dependencies = (try? Yams.compose(yaml: text))?["dependencies"]?.sequence else { return [] }
        return dependencies.flatMap { entry -> [PythonRequirement] in
            if let pip = entry["pip"]?.sequence { return pip.compactMap { $0.string.flatMap { parse(line: $0) } } }
            guard let line = entry.string else { return [] }
            // conda writes one equals sign, and a build behind a second one.
            let parts = line.split(separator: "=", omittingEmptySubsequences: true).map(String.init)
            guard let name = parts.first, isName(name) else { return parse(line: line).map { [$0] } ?? [] }
            return [PythonRequirement(name: name, version: parts.count > 1 ? parts[1] : nil)]
        }
    }

    /// PEP 508, as far as name and an exact version go.
    static func parse(line: String) -> PythonRequirement? {
        let bare = line.prefix { $0 != "#" && $0 != ";" }.filter { $0 != " " && $0 != "\t" }
        let name = String(bare.prefix { !"=<>!~[@".contains($0) })
        guard isName(name) else { return nil }
        var rest = bare.dropFirst(name.count)
        if rest.hasPrefix("[") { rest = rest.drop { $0 != "]" }.dropFirst() }
        guard rest.hasPrefix("==") else { return PythonRequirement(name: name, version: nil) }
        let version = rest.drop { $0 == "=" }.prefix { $0 != "," }
        return PythonRequirement(name: name, version: version.contains("*") ? nil : String(version))
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.first, first.isLetter || first.isNumber else { return false }
        return name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
    }

    /// `pkg:pypi/scikit-learn@1.9.1` (purl: lower case, `-` for `_`).
    var purl: String {
        let plain = name.lowercased().replacing("_", with: "-")
        return "pkg:pypi/\(plain)" + (version.map { "@\($0)" } ?? "")
    }
}
