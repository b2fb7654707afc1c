public import Domain

/// The bill of materials of a model version: CycloneDX 1.6 (ECMA-424) in JSON, with a model card.
public struct ModelBOM: Sendable {
    public var record: VersionRecord
    public var run: RunRecord?
    public var policy: Policy?
    public var requirements: [PythonRequirement]
    /// SHA-256 over the files' digests, as the version's signature has it.
    public var rootDigest: String
    /// RFC 3339, UTC.
    public var madeAt: String

    public init(
        record: VersionRecord, run: RunRecord?, policy: Policy?, requirements: [PythonRequirement], rootDigest: String,
        madeAt: String
    ) {
        self.record = record
        self.run = run
        self.policy = policy
        self.requirements = requirements
        self.rootDigest = rootDigest
        self.madeAt = madeAt
    }

    public var document: JSONValue {
        let libraries = requirements.sorted { ($0.name, $0.version ?? "") < ($1.name, $1.version ?? "") }
        var seen: Set<String> = []
        let unique = libraries.filter { seen.insert($0.purl).inserted }
        let data = (run?.datasets ?? []).enumerated().map { Self.dataset($1, index: $0) }
        return [
            "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX",
            "specVersion": "1.6", "serialNumber": .string("urn:uuid:\(serial)"), "version": 1,
            "metadata": [
                "timestamp": .string(madeAt),
                "tools": [
                    "components": [
                        ["type": "application", "name": "martlet", "version": .string(MartletVersion.text)]
                    ]
                ],
                "component": model,
            ],
            "components": .array(data + unique.map(Self.library)),
            "dependencies": .array(
                [
                    [
                        "ref": .string(reference),
                        "dependsOn": .array(data.compactMap { $0["bom-ref"] } + unique.map { .string($0.purl) }),
                    ]
                ]),
        ]
    }

    private var reference: String { "models:/\(record.id.model)/\(record.id.version)" }

    /// The same version has the same number, whoever asks: a UUID of the form of version 8 (RFC 9562), out of the digest.
    private var serial: String {
        var digits = Array(rootDigest.prefix(32))
        guard digits.count == 32 else { return "00000000-0000-8000-8000-000000000000" }
        digits[12] = "8"
        digits[16] = "8"
        let text = String(digits)
        let cuts = [0, 8, 12, 16, 20, 32]
        return zip(cuts, cuts.dropFirst()).map { String(Array(text)[$0..<$1]) }.joined(separator: "-")
    }

    // MARK: the model

    private var model: JSONValue {
        var properties: [JSONValue] = [Self.property("martlet:source", record.source)]
        if let run = record.runID { properties.append(Self.property("martlet:run", run)) }
        if let commit = run?.codeCommit { properties.append(Self.property("martlet:code-commit", commit)) }
        for (key, value) in (run?.params ?? [:]).sorted(by: { $0.key < $1.key }) {
            properties.append(Self.property("martlet:param:\(key)", value))
        }
        var members: [String: JSONValue] = [
            "type": "machine-learning-model", "bom-ref": .string(reference), "name": .string(record.id.model),
            "version": .string(String(record.id.version)), "modelCard": card, "properties": .array(properties),
            "hashes": [Self.sha256(rootDigest)],
            "components": .array(
                record.files.map { file in
                    [
                        "type": "file", "bom-ref": .string("\(reference)#\(file.path)"), "name": .string(file.path),
                        "hashes": [Self.sha256(file.digest)],
                    ]
                }),
            "authors": [["name": .string(record.createdByName)]],
        ]
        if let description = record.description, !description.isEmpty { members["description"] = .string(description) }
        if let team = policy?.team { members["group"] = .string(team) }
        return .object(members)
    }

    private var card: JSONValue {
        var parameters: [String: JSONValue] = [
            "datasets": .array((run?.datasets ?? []).indices.map { ["ref": .string(Self.reference(dataset: $0))] })
        ]
        if let policy {
            parameters["approach"] = ["type": "supervised"]
            parameters["task"] = .string(policy.task.rawValue)
        }
        let metrics = (run?.metrics ?? []).map { metric -> JSONValue in
            var members: [String: JSONValue] = [
                "type": .string(metric.key), "value": .string(Self.number(metric.value)),
            ]
            if let dataset = metric.datasetName { members["slice"] = .string(dataset) }
            return .object(members)
        }
        var considerations: [String: JSONValue] = [:]
        if let policy {
            considerations["useCases"] = [.string(policy.purpose)]
            if !policy.knownLimitations.isEmpty {
                considerations["technicalLimitations"] = .array(policy.knownLimitations.map { .string($0) })
            }
        }
        var card: [String: JSONValue] = ["modelParameters": .object(parameters)]
        if !metrics.isEmpty { card["quantitativeAnalysis"] = ["performanceMetrics": .array(metrics)] }
        if !considerations.isEmpty { card["considerations"] = .object(considerations) }
        return .object(card)
    }

    // MARK: what it was made of

    private static func reference(dataset index: Int) -> String { "dataset-\(index + 1)" }

    private static func dataset(_ dataset: RunRecord.Dataset, index: Int) -> JSONValue {
        var members: [String: JSONValue] = [
            "type": "data", "bom-ref": .string(reference(dataset: index)), "name": .string(dataset.name),
            // MLflow's digests are short; as a hash only a whole SHA-256 may stand.
            "version": .string(dataset.digest),
            "data": [["type": "dataset", "name": .string(dataset.name)]],
        ]
        var properties = [
            property("mlflow:digest", dataset.digest), property("mlflow:source-type", dataset.sourceType),
            property("mlflow:source", dataset.source),
        ]
        if let context = dataset.context { properties.append(property("mlflow:context", context)) }
        members["properties"] = .array(properties)
        if dataset.digest.utf8.count == 64, dataset.digest.allSatisfy(\.isHexDigit) {
            members["hashes"] = [sha256(dataset.digest)]
        }
        return .object(members)
    }

    private static func library(_ requirement: PythonRequirement) -> JSONValue {
        var members: [String: JSONValue] = [
            "type": "library", "bom-ref": .string(requirement.purl), "name": .string(requirement.name),
            "purl": .string(requirement.purl),
        ]
        if let version = requirement.version { members["version"] = .string(version) }
        return .object(members)
    }

    private static func sha256(_ digest: String) -> JSONValue { ["alg": "SHA-256", "content": .string(digest)] }

    private static func property(_ name: String, _ value: String) -> JSONValue {
        ["name": .string(name), "value": .string(value)]
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}
