public import Domain

/// What clients before MLflow 3 tell of a model that they logged: `model_json` of `runs/log-model`.
public enum MLflowModelRecord {
    private static let fields = ["artifact_path", "flavors", "run_id", "utc_time_created"]

    /// - Returns: the document as compact JSON.
    /// - Throws: `invalidArgument` if it is no JSON or lacks a field.
    public static func checked(_ text: String) throws(MartletError) -> String {
        guard let value = try? JSONParser.parse(Array(text.utf8)), let members = value.objectValue else {
            throw .invalid(
                "Malformed model info. \n \(text.prefix(200)) \n is not a valid JSON.", field: "model_json")
        }
        let missing = fields.filter { members[$0] == nil }
        guard missing.isEmpty else {
            throw .invalid("Model json is missing mandatory fields: \(missing)", field: "model_json")
        }
        return String(decoding: JSONPrinter.print(value), as: UTF8.self)
    }
}
