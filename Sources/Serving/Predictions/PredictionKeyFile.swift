internal import Domain
internal import Foundation

/// The key of prediction ids, kept in a file that only the server may read.
public enum PredictionKeyFile {
    static let keyBytes = 32

    /// Reads the key, or makes a random one at the first start: `<folder>/prediction.key`, 32 bytes as hexadecimal, mode 0600.
    ///
    /// - Throws: `failedPrecondition` if the file holds no key; `internal` if it cannot be read or written.
    public static func readOrMake(folder: String) throws -> [UInt8] {
        let path = folder + "/prediction.key"
        if let text = try? String(contentsOfFile: path, encoding: .utf8) {
            guard let key = key(text) else {
                throw MartletError.precondition("The file \(path) holds no prediction key of \(keyBytes) bytes.")
            }
            return key
        }
        var generator = SystemRandomNumberGenerator()
        let key = (0..<keyBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let text = key.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "\n"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        // Exclusive: a second server that starts at the same moment must not replace the key of the first.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else {
            throw MartletError(.internal, "The file \(path) cannot be made (error \(errno)).")
        }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw MartletError(.internal, "The file \(path) cannot be written (error \(errno)).")
        }
        return key
    }

    private static func key(_ text: String) -> [UInt8]? {
        let digits = text.utf8.prefix { $0 != 0x0A }.map { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == 2 * keyBytes, !digits.contains(nil) else { return nil }
        let values = digits.compactMap { $0 }
        return stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
    }
}
