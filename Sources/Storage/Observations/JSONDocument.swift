internal import Foundation

/// Values kept whole as JSON text, where no statement looks inside them. NaN and infinities are words, as everywhere in Martlet: a
/// figure that cannot be computed must not stop the others from being kept.
enum JSONDocument {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// - Throws: `StorageError` of kind `.decoding`.
    static func value<Value: Decodable>(_ type: Value.Type, _ text: String) throws(StorageError) -> Value {
        do {
            let decoder = JSONDecoder()
            decoder.nonConformingFloatDecodingStrategy = .convertFromString(
                positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
            return try decoder.decode(type, from: Data(text.utf8))
        } catch {
            throw StorageError(.decoding, "A stored \(type) cannot be read: \(error)")
        }
    }
}
