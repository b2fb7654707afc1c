internal import Crypto
public import Domain
internal import Foundation

/// The wrapped data keys in registry.db. A data key is AES-256-GCM-encrypted under a master key, with its id as associated data;
/// rotation wraps it anew and leaves all that it encrypted as it is.
public struct DataKeyStore: Sendable {
    /// Rows rewrapped in one transaction, so that a rotation holds up nobody.
    static let batchRows = 100

    let database: Database
    let clock: any WallClock
    /// nil where no encryption is configured.
    public let keyFile: String?

    public init(database: Database, clock: any WallClock, keyFile: String?) {
        self.database = database
        self.clock = clock
        self.keyFile = keyFile
    }

    /// All data keys, unwrapped; the first one is made here.
    ///
    /// - Parameter makes: whether this process may write registry.db.
    /// - Returns: nil where nothing is configured and nothing was ever encrypted.
    /// - Throws: `failedPrecondition` if the key file is missing, lacks a master key or holds the wrong one.
    public func open(makes: Bool) async throws -> DataKeyRing? {
        let rows = try await wrapped()
        guard let keyFile else {
            guard rows.isEmpty else {
                throw MartletError.precondition(
                    "Data of this server are encrypted (\(rows.count) data keys): start it with --encryption-key-file.")
            }
            return nil
        }
        let master = try MasterKeyring(path: keyFile)
        let keys = try rows.map { try Self.unwrap($0, master, keyFile) }
        if let index = rows.firstIndex(where: \.isCurrent) { return DataKeyRing(current: keys[index], others: keys) }
        guard makes else {
            throw MartletError.precondition("There is no data key yet: start the control plane first; it makes one.")
        }
        let key = DataKey.make()
        try await add(key, master.current, by: .system, action: "encryption.begin")
        return DataKeyRing(current: key, others: [])
    }

    /// Reads the key file again, wraps every data key that another master key wraps with the file's first one, and encrypts with
    /// a new data key from now on. Broken off, it is taken up by the next call.
    ///
    /// - Returns: how many were rewrapped.
    /// - Throws: `failedPrecondition` where nothing is configured or the key file lacks a master key.
    public func rotate(_ ring: DataKeyRing, by actor: Principal) async throws -> Int {
        guard let keyFile else { throw Self.notConfigured }
        let master = try MasterKeyring(path: keyFile)
        var rewrapped = 0
        while true {
            let old = try await wrapped().filter { $0.masterID != master.current.id }.prefix(Self.batchRows)
            if old.isEmpty { break }
            let renewed = try old.map { row in
                (row, try Self.wrap(try Self.unwrap(row, master, keyFile), master.current))
            }
            try await database.write { sql in
                for (row, text) in renewed {
                    try sql.execute(
                        "UPDATE data_keys SET master_key_id = $2, wrapped = $3 WHERE key_id = $1 AND master_key_id = $4",
                        [.text(row.id), .text(master.current.id), .text(text), .text(row.masterID)])
                }
            }
            rewrapped += renewed.count
        }
        let key = DataKey.make()
        try await add(key, master.current, by: actor, action: "encryption.rotate")
        ring.use(key)
        return rewrapped
    }

    /// What `martlet encryption status` says.
    public func status() async throws -> EncryptionStatus {
        let rows = try await wrapped()
        guard let keyFile else {
            return EncryptionStatus(isOn: false, masterKeys: [], currentMasterKey: nil, dataKeys: [])
        }
        let master = try MasterKeyring(path: keyFile)
        return EncryptionStatus(
            isOn: true, masterKeys: master.keys.map(\.id), currentMasterKey: master.current.id,
            dataKeys: rows.map {
                EncryptionStatus.DataKey(
                    id: $0.id, masterKey: $0.masterID, createdAt: $0.createdAt, isCurrent: $0.isCurrent)
            })
    }

    public static let notConfigured = MartletError.precondition(
        "Encryption at rest is not configured: start the server with --encryption-key-file.")

    // MARK: rows

    private struct Wrapped: Sendable {
        var id: String
        var masterID: String
        var wrapped: String
        var createdAt: Timestamp
        var isCurrent: Bool
    }

    private func wrapped() async throws -> [Wrapped] {
        try await database.read { sql in
            try sql.rows(
                "SELECT key_id, master_key_id, wrapped, created_at, is_current FROM data_keys ORDER BY created_at, key_id"
            ).map {
                Wrapped(
                    id: try $0.text("key_id"), masterID: try $0.text("master_key_id"), wrapped: try $0.text("wrapped"),
                    createdAt: Timestamp(milliseconds: try $0.integer("created_at")),
                    isCurrent: try $0.int("is_current") == 1)
            }
        }
    }

    private func add(_ key: DataKey, _ master: MasterKeyring.Key, by actor: Principal, action: String) async throws {
        let text = try Self.wrap(key, master)
        let now = clock.now()
        try await database.write { sql in
            try sql.execute("UPDATE data_keys SET is_current = 0 WHERE is_current = 1")
            try sql.execute(
                """
                INSERT INTO data_keys (key_id, master_key_id, wrapped, created_at, is_current)
                VALUES ($1, $2, $3, $4, 1)
                """,
                [.text(key.id.text), .text(master.id), .text(text), .integer(now.milliseconds)])
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: action, subject: "server",
                    after: ["data_key": .string(key.id.text), "master_key": .string(master.id)]),
                at: now)
        }
    }

    private static func wrap(_ key: DataKey, _ master: MasterKeyring.Key) throws -> String {
        let raw = key.key.withUnsafeBytes { Data($0) }
        let box = try AES.GCM.seal(raw, using: master.key, authenticating: associated(key.id))
        guard let combined = box.combined else {
            throw MartletError(.internal, "A data key could not be wrapped.")
        }
        return combined.base64EncodedString()
    }

    private static func unwrap(_ row: Wrapped, _ master: MasterKeyring, _ file: String) throws -> DataKey {
        guard let key = master.key(row.masterID) else {
            throw MartletError.precondition(
                "The data key \(row.id) is wrapped by the master key \(row.masterID), which is not in \(file). Add that key as a further line."
            )
        }
        guard let bytes = Hex.bytes(row.id), let raw = Data(base64Encoded: row.wrapped),
            let box = try? AES.GCM.SealedBox(combined: raw),
            let plain = try? AES.GCM.open(box, using: key.key, authenticating: associated(DataKey.ID(bytes: bytes)))
        else {
            throw MartletError.precondition(
                "The data key \(row.id) does not open with the master key \(row.masterID): its row in the database was changed."
            )
        }
        return DataKey(id: DataKey.ID(bytes: bytes), key: SymmetricKey(data: plain))
    }

    private static func associated(_ id: DataKey.ID) -> Data { Data("martlet data key \(id.text)".utf8) }
}
