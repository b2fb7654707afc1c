internal import Domain

/// The mark on a run whose removal has begun, in the column `deleted` beside 1 (deleted) and 2 (deleted with its experiment). It is
/// still hidden, and what is left of it goes with the next collection, but it cannot come back.
enum CollectionMark {
    static let value = 3

    /// - Throws: `failedPrecondition` for a run that bears the mark.
    static func refuse(_ sql: SQLConnection, run id: String) throws {
        let row = try sql.row("SELECT deleted FROM runs WHERE run_id = $1", [.text(id)])
        guard try row?.int("deleted") != value else {
            throw MartletError.precondition(
                "The run \(id) is being deleted permanently, and parts of it are gone already.")
        }
    }
}
