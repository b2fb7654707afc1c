/// Gauss-Legendre quadrature on -1…1: exact for polynomials up to degree 2n - 1 (DLMF 3.5.15).
struct GaussLegendre {
    let nodes: [Double]
    let weights: [Double]

    /// Roots of the Legendre polynomial by Newton's method from Tricomi's first guess; O(n²).
    init(count n: Int) {
        var nodes = [Double](repeating: 0, count: n)
        var weights = nodes
        for i in 0..<((n + 1) / 2) {
            var x = Elementary.cosine(Double.pi * (Double(i) + 0.75) / (Double(n) + 0.5))
            var derivative = 1.0
            for _ in 0..<20 {
                var p = 1.0
                var before = 0.0
                for k in 1...n {
                    (p, before) = ((Double(2 * k - 1) * x * p - Double(k - 1) * before) / Double(k), p)
                }
                derivative = Double(n) * (x * p - before) / (x * x - 1)
                let step = p / derivative
                x -= step
                if abs(step) < 1e-16 { break }
            }
            nodes[i] = -x
            nodes[n - 1 - i] = x
            weights[i] = 2 / ((1 - x * x) * derivative * derivative)
            weights[n - 1 - i] = weights[i]
        }
        self.nodes = nodes
        self.weights = weights
    }
}
