internal import ArgumentParser
internal import Domain
internal import Foundation

/// `martlet feedback send`.
struct FeedbackSend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send a label, business figures or an override for one row, or a JSON file of many.",
        discussion:
            "The file holds one entry or a list of entries as POST /api/v1/feedback takes them; - is standard input.")

    /// Entries of one request.
    static let chunk = 1_000
    static let fileBytesMax = 256 << 20

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "The prediction's id, as its answer gave it.")
    var predictionID: String?

    @Option(help: "Or the caller's own key, as sent with the request; needs --endpoint.")
    var businessKey: String?

    @Option(help: "The endpoint that a business key belongs to.")
    var endpoint: String?

    @Option(help: "The row of the request; 0 is the first.")
    var row: Int = 0

    @Option(help: "The true class or number.")
    var label: String?

    @Option(help: "What a person decided in the model's place.")
    var override: String?

    @Option(help: "A business figure as NAME=NUMBER; may be repeated.")
    var kpi: [String] = []

    @Option(help: "A JSON file of entries; - is standard input.")
    var file: String?

    func validate() throws {
        guard (file != nil) != (predictionID != nil || businessKey != nil) else {
            throw ValidationError("Give either --file, or --prediction-id or --business-key.")
        }
        for text in kpi where Self.figure(text) == nil { throw ValidationError("--kpi \(text) is not NAME=NUMBER.") }
    }

    func run() async throws {
        let entries = try entries()
        let total = try await client.withClient { client in
            var total: [String: Int64] = [:]
            for start in stride(from: 0, to: entries.count, by: Self.chunk) {
                let part = Array(entries[start..<min(start + Self.chunk, entries.count)])
                let receipt = try await client.post(["feedback"], .array(part))
                for (name, value) in receipt.objectValue ?? [:] { total[name, default: 0] += value.intValue ?? 0 }
            }
            return total
        }
        let value = JSONValue.object(total.mapValues { .int($0) })
        try output.show(
            value,
            text: "\(total["accepted"] ?? 0) accepted, \(total["corrected"] ?? 0) corrected, "
                + "\(total["unchanged"] ?? 0) unchanged.")
    }

    private func entries() throws -> [JSONValue] {
        if let file { return try Self.read(file) }
        var entry: [String: JSONValue] = ["row": .int(Int64(row))]
        entry["prediction_id"] = predictionID.map { .string($0) }
        entry["business_key"] = businessKey.map { .string($0) }
        entry["endpoint"] = endpoint.map { .string($0) }
        entry["label"] = label.map { .string($0) }
        entry["override"] = override.map { .string($0) }
        let figures = kpi.compactMap(Self.figure)
        if !figures.isEmpty {
            entry["kpis"] = .object(
                Dictionary(figures.map { ($0.name, .double($0.value)) }, uniquingKeysWith: { _, last in last }))
        }
        return [.object(entry)]
    }

    private static func read(_ file: String) throws -> [JSONValue] {
        let handle = file == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: file)
        guard let data = try handle?.read(upToCount: fileBytesMax + 1) else {
            throw MartletError.invalid("\(file) cannot be read, or is empty.")
        }
        guard data.count <= fileBytesMax, let value = try? JSONDecoder().decode(JSONValue.self, from: data) else {
            throw MartletError.invalid("\(file) is not JSON, or larger than \(fileBytesMax) bytes.")
        }
        return value.arrayValue ?? value["items"]?.arrayValue ?? [value]
    }

    private static func figure(_ text: String) -> (name: String, value: Double)? {
        let parts = text.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let value = Double(parts[1]), value.isFinite else { return nil }
        return (String(parts[0]), value)
    }
}
