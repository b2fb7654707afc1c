internal import Domain
internal import Foundation

/// What a model is loaded by that a Python worker serves: names and digests of its files, which lie in the folder `model` beside it, and
/// what it takes and gives.
struct PyfuncDocument: Codable {
    /// Far more than the files of any model need.
    static let bytesMax = 16 << 20

    var files: [VersionFile]
    var inputs: [TensorSpec]
    var outputs: [TensorSpec]
    /// What started it first.
    var runtime: String

    /// - Throws: `failedPrecondition` if it cannot be read.
    static func read(_ path: String) throws(MartletError) -> PyfuncDocument {
        do {
            guard let file = FileHandle(forReadingAtPath: path) else { throw CocoaError(.fileReadNoSuchFile) }
            return try JSONDecoder().decode(Self.self, from: file.read(upToCount: bytesMax) ?? Data())
        } catch {
            throw MartletError(.failedPrecondition, "The model's document \(path) cannot be read.", cause: error)
        }
    }

    /// - Throws: `internal`.
    func encoded() throws(MartletError) -> [UInt8] {
        let encoder = JSONEncoder()
        // The same files have the same digest.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return Array(try encoder.encode(self)) } catch {
            throw MartletError(.internal, "A model's document cannot be written.", cause: error)
        }
    }
}
