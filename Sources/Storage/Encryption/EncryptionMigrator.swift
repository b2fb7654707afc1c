internal import Crypto
internal import Domain
internal import NIOCore

/// Encrypts what was stored before encryption was on: recorded predictions, feedback, secrets of webhooks, blobs. Step by step beside the running
/// server; broken off, it is taken up by the next call, since what is encrypted already is passed over.
public struct EncryptionMigrator: Sendable {
    /// What one step did.
    public struct Step: Sendable, Codable, Hashable {
        /// Values of columns.
        public var values = 0
        public var blobs = 0
        public var bytes: Int64 = 0
        /// Blobs left as they are because they are damaged, with why.
        public var damaged: [String] = []
        /// Where to go on; nil at the end.
        public var next: String?
    }

    /// Rows of one transaction.
    static let rowsMax = 200
    private static let stages = ["predictions", "feedback", "history", "webhooks", "blobs"]

    let artifacts: ArtifactStore
    let observations: Database
    let cipher: ColumnCipher

    public init(artifacts: ArtifactStore, observations: Database, cipher: ColumnCipher) {
        self.artifacts = artifacts
        self.observations = observations
        self.cipher = cipher
    }

    /// Goes on behind `token`, for some seconds.
    ///
    /// - Parameter token: what the last step gave; nil begins.
    /// - Throws: `failedPrecondition` where encryption is not configured, `invalidArgument` for a token that no step gave.
    public func step(after token: String?, seconds: Double) async throws -> Step {
        guard cipher.keys != nil else { throw DataKeyStore.notConfigured }
        let start = ContinuousClock.now
        var step = Step()
        var (stage, last) = try Self.parse(token)
        repeat {
            let reached: String?
            switch stage {
            case "predictions": reached = try await predictions(after: last, &step)
            case "feedback": reached = try await feedback(after: last, &step)
            case "history": reached = try await history(after: last, &step)
            case "webhooks": reached = try await webhooks(after: last, &step)
            default: reached = try await blobs(after: last, &step)
            }
            if let reached {
                last = reached
            } else {
                guard let index = Self.stages.firstIndex(of: stage), index + 1 < Self.stages.count else { return step }
                (stage, last) = (Self.stages[index + 1], "")
            }
        } while ContinuousClock.now - start < .seconds(seconds)
        step.next = "\(stage):\(last)"
        return step
    }

    private static func parse(_ token: String?) throws -> (stage: String, last: String) {
        guard let token else { return (stages[0], "") }
        let parts = token.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, stages.contains(parts[0]) else {
            throw MartletError.invalid("after is what an earlier step gave as next.", field: "after")
        }
        return (parts[0], parts[1])
    }

    // MARK: columns

    private func predictions(after id: String, _ step: inout Step) async throws -> String? {
        let cipher = cipher
        let (values, last) = try await observations.write { sql in
            let rows = try sql.rows(
                "SELECT id, input, output FROM prediction_log WHERE id > $1 ORDER BY id LIMIT $2",
                [.text(id), .integer(Self.rowsMax)])
            var values = 0
            for row in rows {
                let id = PredictionID(rawValue: try row.text("id"))
                let (input, output) = (try row.blob("input"), try row.blob("output"))
                guard !ColumnCipher.isSealed(input) || !ColumnCipher.isSealed(output) else { continue }
                // What is open is sealed; what is sealed opens and is sealed anew.
                try sql.execute(
                    "UPDATE prediction_log SET input = $2, output = $3 WHERE id = $1",
                    [
                        .text(id.rawValue),
                        .blob(
                            try cipher.seal(try cipher.open(input, in: .logged("input", id)), in: .logged("input", id))),
                        .blob(
                            try cipher.seal(
                                try cipher.open(output, in: .logged("output", id)), in: .logged("output", id))),
                    ])
                values += 2
            }
            return (values, try rows.last?.text("id"))
        }
        step.values += values
        return last
    }

    private func feedback(after target: String, _ step: inout Step) async throws -> String? {
        try await targets("feedback", after: target, &step) { sql, target, values in
            for row in try sql.rows(
                "SELECT row_number, label, override, kpis FROM feedback WHERE target = $1", [.text(target)])
            {
                guard let sealed = try sealed(row, target) else { continue }
                try sql.execute(
                    "UPDATE feedback SET label = $3, override = $4, kpis = $5 WHERE target = $1 AND row_number = $2",
                    [.text(target), .integer(try row.int("row_number"))] + sealed)
                values += sealed.count
            }
        }
    }

    /// History rows have no key of their own: those of a target are written anew as a whole.
    private func history(after target: String, _ step: inout Step) async throws -> String? {
        try await targets("feedback_history", after: target, &step) { sql, target, values in
            let rows = try sql.rows("SELECT * FROM feedback_history WHERE target = $1", [.text(target)])
            guard try rows.contains(where: { try sealed($0, target) != nil }) else { return }
            try sql.execute("DELETE FROM feedback_history WHERE target = $1", [.text(target)])
            for row in rows {
                let kept = [try row.value("label"), try row.value("override"), try row.value("kpis")]
                try sql.execute(
                    """
                    INSERT INTO feedback_history (target, row_number, label, override, kpis, time, principal, replaced_at)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                    """,
                    [.text(target), .integer(try row.int("row_number"))] + (try sealed(row, target) ?? kept) + [
                        .integer(try row.integer("time")), .text(try row.text("principal")),
                        .integer(try row.integer("replaced_at")),
                    ])
                values += kept.count
            }
        }
    }

    private func targets(
        _ table: String, after target: String, _ step: inout Step,
        _ body: @escaping @Sendable (SQLConnection, String, inout Int) throws -> Void
    ) async throws -> String? {
        let (values, last) = try await artifacts.database.write { sql in
            let targets = try sql.rows(
                "SELECT DISTINCT target FROM \(table) WHERE target > $1 ORDER BY target LIMIT $2",
                [.text(target), .integer(Self.rowsMax)]
            ).map { try $0.text("target") }
            var values = 0
            for target in targets { try body(sql, target, &values) }
            return (values, targets.last)
        }
        step.values += values
        return last
    }

    /// The three values of a row, sealed; nil if they are already.
    private func sealed(_ row: SQLRow, _ target: String) throws -> [SQLValue]? {
        let number = try row.int("row_number")
        let values = [
            ("label", try row.optionalText("label")), ("override", try row.optionalText("override")),
            ("kpis", try row.optionalText("kpis")),
        ]
        guard values.contains(where: { $0.1.map { !ColumnCipher.isSealed($0) } ?? false }) else { return nil }
        return try values.map { column, text in
            let place = SQLFeedbackStore.place(column, target, number)
            let plain: String? = try cipher.open(text, in: place)
            let sealed: String? = try cipher.seal(plain, in: place)
            return .text(sealed)
        }
    }

    private func webhooks(after id: String, _ step: inout Step) async throws -> String? {
        let cipher = cipher
        let (values, last) = try await artifacts.database.write { sql in
            let rows = try sql.rows(
                """
                SELECT webhook_id, sealed_secret FROM webhooks WHERE webhook_id > $1 AND sealed_secret IS NOT NULL
                ORDER BY webhook_id LIMIT $2
                """, [.text(id), .integer(Self.rowsMax)])
            var values = 0
            for row in rows {
                let (id, secret) = (try row.text("webhook_id"), try row.text("sealed_secret"))
                guard !ColumnCipher.isSealed(secret) else { continue }
                let sealed: String = try cipher.seal(secret, in: WebhookStore.place(id))
                try sql.execute(
                    "UPDATE webhooks SET sealed_secret = $2 WHERE webhook_id = $1", [.text(id), .text(sealed)])
                values += 1
            }
            return (values, try rows.last?.text("webhook_id"))
        }
        step.values += values
        return last
    }

    // MARK: blobs

    private func blobs(after digest: String, _ step: inout Step) async throws -> String? {
        let keeper = artifacts.blobs.keeper
        guard let name = try await keeper.list(.plain, after: digest.isEmpty ? nil : digest).first else { return nil }
        guard let bytes = try await keeper.bytes(of: name) else { return name.digest }
        do {
            try await artifacts.blobs.seal(BlobStore.Blob(digest: name.digest, bytes: bytes))
            step.blobs += 1
            step.bytes += bytes
        } catch let error as MartletError where error.code == .internal {
            // A collection may have taken it away meanwhile.
            guard try await keeper.bytes(of: name) != nil else { return name.digest }
            step.damaged.append(error.message)
        }
        return name.digest
    }
}

extension BlobStore {
    /// Replaces a plain blob by an encrypted one of the same digest. A reader at the same time sees one or the other.
    func seal(_ blob: Blob) async throws {
        let (plain, sealed) = (
            BlobName(digest: blob.digest, form: .plain), BlobName(digest: blob.digest, form: .sealed)
        )
        if try await keeper.bytes(of: sealed) == nil {
            guard var sealing = keys?.sealing() else { throw DataKeyStore.notConfigured }
            let draft = try await keeper.begin()
            do {
                var hash = SHA256()
                try await draft.append(sealing.header)
                try await keeper.read(plain, range: 0..<blob.bytes) { chunk in
                    chunk.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
                    let piece = try sealing.append(chunk)
                    if piece.readableBytes > 0 { try await draft.append(piece) }
                }
                let digest = hash.finalize()
                guard digest.hexadecimal == blob.digest else { throw Self.damaged(blob.digest) }
                try await draft.append(try sealing.finish(digest: digest, bytes: blob.bytes))
                try await draft.commit(as: sealed)
            } catch {
                await draft.abandon()
                throw error
            }
        }
        try await keeper.remove(plain)
    }
}
