internal import Crypto

/// A key that data are encrypted with. It is stored only wrapped by a master key.
public struct DataKey: Sendable {
    public struct ID: Sendable, Hashable {
        /// Sixteen.
        let bytes: [UInt8]

        var text: String { Hex.text(bytes) }
    }

    let id: ID
    let key: SymmetricKey

    static func make() -> DataKey {
        var generator = SystemRandomNumberGenerator()
        return DataKey(
            id: ID(bytes: (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }),
            key: SymmetricKey(size: .bits256))
    }
}
