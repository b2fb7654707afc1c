/// A dense system of linear equations, solved by elimination with partial pivoting; O(n³).
struct LinearSystem {
    let order: Int
    private var rows: [[Double]]
    var right: [Double]

    init(order: Int) {
        self.order = order
        rows = [[Double]](repeating: [Double](repeating: 0, count: order), count: order)
        right = [Double](repeating: 0, count: order)
    }

    subscript(_ i: Int, _ j: Int) -> Double {
        get { rows[i][j] }
        set { rows[i][j] = newValue }
    }

    /// The unknowns; what is not finite where the system is singular.
    func solution() -> [Double] {
        var rows = rows
        var right = right
        for column in 0..<order {
            var pivot = column
            for row in column..<order where abs(rows[row][column]) > abs(rows[pivot][column]) { pivot = row }
            rows.swapAt(column, pivot)
            right.swapAt(column, pivot)
            let top = rows[column]
            for row in (column + 1)..<max(order, column + 1) where rows[row][column] != 0 {
                let factor = rows[row][column] / top[column]
                for index in column..<order { rows[row][index] -= factor * top[index] }
                right[row] -= factor * right[column]
            }
        }
        var unknowns = right
        for row in stride(from: order - 1, through: 0, by: -1) {
            for column in (row + 1)..<max(order, row + 1) { unknowns[row] -= rows[row][column] * unknowns[column] }
            unknowns[row] /= rows[row][row]
        }
        return unknowns
    }
}
