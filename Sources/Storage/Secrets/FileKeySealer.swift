internal import Crypto
public import Domain

internal import struct Foundation.Data

/// Seals secrets with AES-256-GCM under a key that lies in a file beside the database, so that a copy of the database alone gives
/// none away.
public struct FileKeySealer: SecretSealing {
    private static let prefix = "aes256gcm:"

    private let key: SymmetricKey

    /// - Parameter path: of the key; made with the first start.
    /// - Throws: what reading or making the file throws; `failedPrecondition` for a file of another length.
    public init(path: String) throws {
        let bytes = try SecretFile(path: path).readOrCreate {
            SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        }
        guard bytes.count == 32 else {
            throw MartletError.precondition("\(path) is not a key of 32 bytes.")
        }
        key = SymmetricKey(data: bytes)
    }

    public func seal(_ secret: String) throws -> String {
        guard let sealed = try AES.GCM.seal(Data(secret.utf8), using: key).combined else {
            throw MartletError(.internal, "A secret could not be sealed.")
        }
        return Self.prefix + sealed.base64EncodedString()
    }

    public func open(_ sealed: String) throws -> String {
        guard sealed.hasPrefix(Self.prefix), let data = Data(base64Encoded: String(sealed.dropFirst(Self.prefix.count)))
        else { throw MartletError.precondition("A sealed secret is damaged.") }
        do {
            let opened = try AES.GCM.open(AES.GCM.SealedBox(combined: data), using: key)
            return String(decoding: opened, as: UTF8.self)
        } catch {
            throw MartletError(
                .failedPrecondition, "A secret was sealed with another key, or is damaged.", cause: error)
        }
    }
}
