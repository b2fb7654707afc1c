import Foundation
import Testing

/// The answers of scipy and scikit-learn, written by Golden/generate.py.
struct Golden: Decodable {
    struct Gamma: Decodable { var a, x, q: Double }
    struct Kolmogorov: Decodable { var x, p: Double }
    struct Samples: Decodable {
        var a, b: [Double]
        var ks, wasserstein: Double
        var ksP: Double
        enum CodingKeys: String, CodingKey {
            case a, b, ks, wasserstein
            case ksP = "ks_p"
        }
    }
    struct Counts: Decodable {
        var a, b: [Int]
        var chi2, psi, js: Double
        var chi2P: Double
        enum CodingKeys: String, CodingKey {
            case a, b, chi2, psi, js
            case chi2P = "chi2_p"
        }
    }
    struct Classification: Decodable {
        var truth, prediction: [String]
        var positive: String?
        var accuracy, precision, recall, f1: Double
    }
    struct ROC: Decodable {
        var positive: [Bool]
        var score: [Double]
        var auc: Double
    }
    struct Regression: Decodable {
        var truth, prediction: [Double]
        var rmse, mae, r2: Double
    }
    struct Moments: Decodable {
        var values: [Double]
        var mean, variance: Double
    }

    struct Range: Decodable {
        var n, m, k: Int
        var p: Double
    }

    var range: [Range]
    var gamma: [Gamma]
    var kolmogorov: [Kolmogorov]
    var samples: [Samples]
    var counts: [Counts]
    var classification: [Classification]
    var roc: [ROC]
    var regression: [Regression]
    var moments: [Moments]

    static func load(file: String = #filePath) throws -> Golden {
        let url = URL(filePath: file).deletingLastPathComponent().appending(path: "Golden/golden.json")
        return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    }
}

/// Whether two numbers agree to 1e-9, relative for large ones.
func agree(_ a: Double, _ b: Double, tolerance: Double = 1e-9) -> Bool {
    abs(a - b) <= tolerance * max(1, abs(b))
}
