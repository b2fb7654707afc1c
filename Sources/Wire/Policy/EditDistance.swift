/// How far apart two names are, for hints after a typing error.
enum EditDistance {
    /// Levenshtein's distance; time and memory grow with the product of the lengths, so callers bound them.
    static func between(_ first: String, _ second: String) -> Int {
        let columns = Array(second)
        var row = Array(0...columns.count)
        for (i, left) in first.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, right) in columns.enumerated() {
                let cost = left == right ? diagonal : diagonal + 1
                diagonal = row[j + 1]
                row[j + 1] = min(cost, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[columns.count]
    }
}
