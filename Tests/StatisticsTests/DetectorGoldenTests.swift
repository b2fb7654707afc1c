import Statistics
import Testing

@Suite("Detectors alarm at the same values as river's")
struct DetectorGoldenTests {
    private func make(_ name: String) -> (any DriftDetector)? {
        switch name {
        case "adwin": ADWIN()
        case "adwin_sharp": ADWIN(delta: 0.05, clock: 1, bucketsMax: 3, partMin: 10, gracePeriod: 50)
        case "ddm": DDM()
        case "ddm_late": DDM(warmUp: 100, warningThreshold: 1.5, driftThreshold: 2.5)
        case "eddm": EDDM()
        case "hddm_a": HDDMA()
        case "hddm_a_two": HDDMA(isTwoSided: true)
        case "hddm_w": HDDMW()
        case "hddm_w_two": HDDMW(lambda: 0.02, isTwoSided: true)
        case "page_hinkley": PageHinkley()
        case "page_hinkley_up": PageHinkley(delta: 0.01, threshold: 10, direction: .up)
        case "page_hinkley_down": PageHinkley(valuesMin: 100, threshold: 20, direction: .down)
        default: nil
        }
    }

    @Test("every alarm and every warning, on errors and numbers, stationary, abrupt, gradual and constant")
    func alarms() throws {
        var alarms = 0
        for c in try GoldenCase.all("detector") {
            let name = try #require(c.name)
            let stream = try #require(c.stream)
            var detector = try #require(make(name))
            var drifts: [Double] = []
            var warnings: [Int] = []
            for (index, value) in stream.values.enumerated() {
                switch detector.insert(value) {
                case .drift: drifts.append(Double(index))
                case .warning: warnings.append(index)
                case .none: break
                }
            }
            alarms += drifts.count
            #expect(drifts == c.x, "\(name) on stream \(stream.seed)")
            try c.expectStatistic(Double(warnings.count), "warnings")
            try c.expectStatistic(Double(warnings.first ?? -1), "first_warning")
            if let adwin = detector as? ADWIN {
                try c.expectStatistic(Double(adwin.width), "width")
                try c.expectStatistic(adwin.mean, "mean", relative: 1e-12)
            }
        }
        #expect(alarms > 50)
    }
}
