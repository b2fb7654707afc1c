/// The cells of a contingency table, each with its expectation under homogeneity.
struct ContingencyCells {
    let pairs: [(observed: Double, expected: Double)]
    let degreesOfFreedom: Int

    /// - Returns: nil where fewer than two rows or two columns hold anything, rows differ in length or a count is negative.
    init?(_ table: [[Int]], yates: Bool) {
        guard let width = table.first?.count, table.allSatisfy({ $0.count == width && $0.allSatisfy { $0 >= 0 } })
        else {
            return nil
        }
        let rowSums = table.map { Double($0.reduce(0, +)) }
        let columnSums = (0..<width).map { column in Double(table.reduce(0) { $0 + $1[column] }) }
        let rows = rowSums.indices.filter { rowSums[$0] > 0 }
        let columns = columnSums.indices.filter { columnSums[$0] > 0 }
        guard rows.count > 1, columns.count > 1 else { return nil }
        let total = rowSums.reduce(0, +)
        degreesOfFreedom = (rows.count - 1) * (columns.count - 1)
        var pairs: [(observed: Double, expected: Double)] = []
        for row in rows {
            for column in columns {
                let expected = rowSums[row] * columnSums[column] / total
                var observed = Double(table[row][column])
                if yates, degreesOfFreedom == 1 {
                    let gap = expected - observed
                    observed += gap < 0 ? -min(0.5, -gap) : min(0.5, gap)
                }
                pairs.append((observed, expected))
            }
        }
        self.pairs = pairs
    }
}
