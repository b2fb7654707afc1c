extension Migration {
    /// How many predictions a principal may ask for, as JSON; null is without a bound.
    static let requestLimits = Migration(
        number: 110, name: "request limits", sql: "ALTER TABLE principals ADD COLUMN limits TEXT")
}
