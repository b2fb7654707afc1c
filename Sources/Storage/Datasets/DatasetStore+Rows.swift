internal import Domain

extension DatasetStore {
    static func unknown(_ name: String) -> MartletError { .notFound("There is no data set \(name).") }

    /// The numbers of a deleted data set's versions are not used again either.
    static func nextNumber(_ sql: SQLConnection, _ name: String, _ now: Timestamp) throws -> Int {
        let row = try sql.row(
            """
            INSERT INTO datasets (name, last_number, created_at) VALUES ($1, 1, $2)
            ON CONFLICT (name) DO UPDATE SET last_number = datasets.last_number + 1
            RETURNING last_number
            """, [.text(name), .integer(now.milliseconds)])
        guard let row else { throw StorageError(.decoding, "The counter of a data set was not returned.") }
        return try row.int("last_number")
    }

    static func insert(
        _ sql: SQLConnection, _ draft: Draft, _ id: DatasetVersionID, profile: String, by actor: Principal,
        at now: Timestamp
    ) throws {
        try sql.execute(
            """
            INSERT INTO dataset_versions (name, number, digest, link_digest, created_at, created_by, created_by_name,
                source, total_rows, total_columns, total_bytes, profile, sketch)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            """,
            [
                .text(id.name), .integer(id.number), .text(id.digest), .text(id.runDigest), .integer(now.milliseconds),
                .text(actor.id.rawValue), .text(actor.name), .text(draft.source), .integer(draft.rows),
                .integer(draft.columns.count), .integer(draft.files.reduce(0) { $0 + $1.bytes }), .text(profile),
                .text(draft.sketch),
            ])
        for file in draft.files {
            try sql.execute(
                """
                INSERT INTO dataset_version_files (name, number, path, digest, bytes, format, total_rows)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """,
                [
                    .text(id.name), .integer(id.number), .text(file.path), .text(file.digest), .integer(file.bytes),
                    .text(file.format.rawValue), .integer(file.rows),
                ])
        }
    }

    /// The one row that a selector means.
    static func row(_ sql: SQLConnection, _ name: String, _ selector: DatasetVersionSelector) throws -> SQLRow {
        let found: [SQLRow]
        switch selector {
        case .newest:
            found = try sql.rows(
                "SELECT * FROM dataset_versions WHERE name = $1 ORDER BY number DESC LIMIT 1", [.text(name)])
        case .number(let number):
            found = try sql.rows(
                "SELECT * FROM dataset_versions WHERE name = $1 AND number = $2", [.text(name), .integer(number)])
        case .digest(let digits):
            // "g" comes after every hexadecimal digit.
            found = try sql.rows(
                """
                SELECT * FROM dataset_versions WHERE name = $1 AND digest >= $2 AND digest < $3 ORDER BY digest LIMIT 2
                """, [.text(name), .text(digits), .text(digits + "g")])
        }
        guard found.count < 2 else {
            throw MartletError.invalid(
                "More than one version of \(name) has a digest that begins so. Give more digits.", field: "version")
        }
        guard let row = found.first else {
            guard try sql.row("SELECT name FROM dataset_versions WHERE name = $1 LIMIT 1", [.text(name)]) != nil else {
                throw unknown(name)
            }
            throw MartletError.notFound("The data set \(name) has no such version.")
        }
        return row
    }

    static func version(_ sql: SQLConnection, name: String, number: Int) throws -> DatasetVersion {
        try version(sql, try row(sql, name, .number(number)))
    }

    static func version(_ sql: SQLConnection, _ row: SQLRow) throws -> DatasetVersion {
        let id = try id(row)
        let files = try sql.rows(
            "SELECT * FROM dataset_version_files WHERE name = $1 AND number = $2 ORDER BY path",
            [.text(id.name), .integer(id.number)]
        ).map { file in
            guard let format = DatasetVersion.Format(rawValue: try file.text("format")) else {
                throw StorageError(.decoding, "A file of a data set has an unknown format.")
            }
            return DatasetVersion.File(
                path: try file.text("path"), digest: try file.text("digest"), bytes: try file.integer("bytes"),
                format: format, rows: try file.int("total_rows"))
        }
        return DatasetVersion(
            id: id, createdAt: Timestamp(milliseconds: try row.integer("created_at")),
            createdBy: Principal.ID(rawValue: try row.text("created_by")),
            createdByName: try row.text("created_by_name"), source: try row.optionalText("source"), files: files,
            rows: try row.int("total_rows"),
            columns: try JSONDocument.value([DatasetColumn].self, try row.text("profile")))
    }

    static func id(_ row: SQLRow) throws -> DatasetVersionID {
        DatasetVersionID(name: try row.text("name"), number: try row.int("number"), digest: try row.text("digest"))
    }
}
