internal import Crypto
internal import Domain
internal import Foundation

/// Encrypts single values of a table: the one seam through which stores write and read sensitive columns.
///
/// A sealed value is a mark, then id of the data key (16), nonce (12), ciphertext and tag (16), as base64 in text columns and as bytes
/// in others; AES-256-GCM. Its place (table, row and column) is associated data, so that a value moved elsewhere does not open.
/// Each value has a random nonce: one data key is good for 2³² values (NIST SP 800-38D, 8.3); rotate before that.
/// Values without the mark are from before encryption was on and are handed out as they are.
public struct ColumnCipher: Sendable {
    /// Without keys a value that begins so is refused, since it would be taken for a sealed one when it is read.
    static let mark = "\u{1}sealed1:"
    private static let overheadBytes = 16 + 12 + 16

    let keys: DataKeyRing?

    /// - Parameter keys: nil leaves values as they are.
    public init(keys: DataKeyRing?) {
        self.keys = keys
    }

    /// Leaves values as they are.
    public static let off = ColumnCipher(keys: nil)

    /// - Throws: `invalidArgument` for a value that only looks sealed.
    func seal(_ text: String, in place: ColumnPlace) throws -> String {
        guard let keys else {
            guard !Self.isSealed(text) else { throw Self.looksSealed(place) }
            return text
        }
        return Self.mark + Data(try Self.seal(Data(text.utf8), place, keys.current)).base64EncodedString()
    }

    func seal(_ text: String?, in place: ColumnPlace) throws -> String? {
        try text.map { try seal($0, in: place) }
    }

    func seal(_ bytes: [UInt8], in place: ColumnPlace) throws -> [UInt8] {
        guard let keys else {
            guard !Self.isSealed(bytes) else { throw Self.looksSealed(place) }
            return bytes
        }
        return Array(Self.mark.utf8) + (try Self.seal(Data(bytes), place, keys.current))
    }

    /// - Throws: `internal` naming the column if the value was changed or moved, `failedPrecondition` if its key is not there.
    func open(_ text: String, in place: ColumnPlace) throws -> String {
        guard Self.isSealed(text) else { return text }
        guard
            let sealed = Data(base64Encoded: String(decoding: text.utf8.dropFirst(Self.mark.utf8.count), as: UTF8.self))
        else {
            throw Self.damaged(place)
        }
        return String(decoding: try open(sealed, place), as: UTF8.self)
    }

    func open(_ text: String?, in place: ColumnPlace) throws -> String? {
        try text.map { try open($0, in: place) }
    }

    func open(_ bytes: [UInt8], in place: ColumnPlace) throws -> [UInt8] {
        guard Self.isSealed(bytes) else { return bytes }
        return [UInt8](try open(Data(bytes.dropFirst(Self.mark.utf8.count)), place))
    }

    static func isSealed(_ bytes: [UInt8]) -> Bool { bytes.starts(with: mark.utf8) }
    static func isSealed(_ text: String) -> Bool { text.utf8.starts(with: mark.utf8) }

    private static func looksSealed(_ place: ColumnPlace) -> MartletError {
        .invalid("A value of \(place.column) begins as encrypted values do.", field: place.column)
    }

    private static func seal(_ plain: Data, _ place: ColumnPlace, _ key: DataKey) throws -> [UInt8] {
        let box = try AES.GCM.seal(plain, using: key.key, authenticating: place.associatedData)
        return key.id.bytes + Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    }

    private func open(_ sealed: Data, _ place: ColumnPlace) throws -> Data {
        guard let keys else {
            throw MartletError.precondition(
                "Values of \(place.column) are encrypted, and the server has no key: start it with --encryption-key-file."
            )
        }
        let bytes = [UInt8](sealed)
        guard bytes.count >= Self.overheadBytes else { throw Self.damaged(place) }
        let key = try keys.key(DataKey.ID(bytes: Array(bytes[..<16])))
        do {
            return try AES.GCM.open(
                try AES.GCM.SealedBox(combined: Data(bytes[16...])), using: key.key,
                authenticating: place.associatedData)
        } catch {
            throw Self.damaged(place)
        }
    }

    private static func damaged(_ place: ColumnPlace) -> MartletError {
        MartletError(.internal, "A value of \(place.column) is damaged: what is stored there does not authenticate.")
    }
}

/// Where a value lies. The column is named in errors; the row never is, since it may name a person.
struct ColumnPlace: Sendable {
    /// `table.column`
    var column: String
    /// The row's key.
    var row: String

    var associatedData: Data { Data("\(column)\u{1f}\(row)".utf8) }
}
