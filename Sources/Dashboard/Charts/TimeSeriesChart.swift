public import Domain

/// One figure over time as a line, with the threshold that it is held against.
public struct TimeSeriesChart: Sendable, Hashable {
    /// A value at a moment. A value that is not finite breaks the line.
    public struct Point: Sendable, Hashable {
        public var time: Timestamp
        public var value: Double
        public init(time: Timestamp, value: Double) {
            self.time = time
            self.value = value
        }
    }

    /// A horizontal line and which side of it is broken.
    public struct Threshold: Sendable, Hashable {
        public var value: Double
        /// Whether values above (rather than below) break it.
        public var breaksAbove: Bool
        public init(value: Double, breaksAbove: Bool) {
            self.value = value
            self.breaksAbove = breaksAbove
        }

        func isBroken(by value: Double) -> Bool { breaksAbove ? value >= self.value : value < self.value }
    }

    /// What is drawn, for example `PSI of temperature`.
    public var title: String
    public var points: [Point]
    public var threshold: Threshold?
    /// Whether the value axis starts at zero.
    public var startsAtZero: Bool

    public init(title: String, points: [Point], threshold: Threshold?, startsAtZero: Bool = true) {
        self.title = title
        self.points = points
        self.threshold = threshold
        self.startsAtZero = startsAtZero
    }

    var html: HTML {
        let known = points.filter { $0.value.isFinite }.sorted { $0.time < $1.time }
        guard let first = known.first, let last = known.last else { return ChartFigure.noData(title) }
        return ChartFigure(
            title: title, picture: picture(first: first.time, last: last.time, description: describe(known)),
            columns: ["Time (UTC)", "Value"],
            rows: points.reversed().prefix(ChartFigure.rowsMax).map {
                [TimeText($0.time).full, NumberText.significant($0.value)]
            }
        ).html
    }

    private func describe(_ known: [Point]) -> String {
        let last = known[known.count - 1]
        let values = known.map(\.value)
        var text = "\(NumberText.counted(known.count, "value")), last \(NumberText.significant(last.value))"
        if let low = values.min(), let high = values.max() {
            text += ", from \(NumberText.significant(low)) to \(NumberText.significant(high))"
        }
        if let threshold {
            let broken = values.filter(threshold.isBroken).count
            text += "; threshold \(NumberText.significant(threshold.value)), broken \(broken) times"
        }
        return text + "."
    }

    private func picture(first: Timestamp, last: Timestamp, description: String) -> HTML {
        let frame = ChartFrame()
        var extent = points.map(\.value)
        if let threshold { extent.append(threshold.value) }
        if startsAtZero { extent.append(0) }
        let y = LinearScale(
            covering: extent, pixelsAtLower: frame.plotBottom, pixelsAtUpper: frame.top, ticksAtMost: 4)
        let x = LinearScale(
            from: Double(first.milliseconds), to: Double(last.milliseconds), pixelsAtLower: frame.left + 4,
            pixelsAtUpper: frame.plotRight - 4)
        return frame.picture(title: title, description: description) {
            frame.valueAxis(y, ticks: y.ticks(atMost: 4)) { NumberText.significant($0, figures: 3) }
            timeAxis(frame, x: x, first: first, last: last)
            thresholdLine(frame, y: y)
            for run in runs { lineOf(run, x: x, y: y, base: frame.plotBottom) }
            marks(x: x, y: y)
        }
    }

    /// The points in stretches without a gap.
    private var runs: [[Point]] {
        points.sorted { $0.time < $1.time }
            .split { !$0.value.isFinite }.map(Array.init)
    }

    private func timeAxis(_ frame: ChartFrame, x: LinearScale, first: Timestamp, last: Timestamp) -> HTML {
        g(.class("axis")) {
            for (time, text) in TimeTicks.ticks(from: first, to: last, atMost: 5) {
                svgText(
                    .number("x", x.position(Double(time.milliseconds))), .number("y", frame.height - 7),
                    Attribute("text-anchor", "middle"), text: text)
            }
        }
    }

    private func thresholdLine(_ frame: ChartFrame, y: LinearScale) -> HTML {
        guard let threshold else { return .empty }
        let at = y.position(threshold.value)
        // The words stand on the good side of the line, unless the chart's edge is too near.
        let above = threshold.breaksAbove ? at > frame.plotBottom - 18 : at > frame.top + 16
        return g(.class("threshold")) {
            line(.number("x1", frame.left), .number("x2", frame.plotRight), .number("y1", at), .number("y2", at))
            svgText(
                .number("x", frame.plotRight - 2), .number("y", above ? at - 5 : at + 13),
                Attribute("text-anchor", "end"), text: "threshold \(NumberText.significant(threshold.value))")
        }
    }

    private func lineOf(_ run: [Point], x: LinearScale, y: LinearScale, base: Double) -> HTML {
        let corners = run.map {
            (x.position(Double($0.time.milliseconds)), y.position($0.value))
        }
        let text = corners.map { SVGNumber.text($0.0) + "," + SVGNumber.text($0.1) }.joined(separator: " ")
        guard corners.count > 1, let start = corners.first, let end = corners.last else { return .empty }
        let floor = SVGNumber.text(base)
        return g(.class("series")) {
            path(
                .class("area"),
                .d("M\(SVGNumber.text(start.0)),\(floor) L\(text) L\(SVGNumber.text(end.0)),\(floor) Z"))
            polyline(.class("line"), .points(text))
        }
    }

    /// A dot on the last value and on every one that breaks the threshold, so that breaking shows by form, not colour alone.
    private func marks(x: LinearScale, y: LinearScale) -> HTML {
        let last = points.lastIndex { $0.value.isFinite }
        return g(.class("marks")) {
            for (index, point) in points.enumerated() where point.value.isFinite {
                let isBroken = threshold?.isBroken(by: point.value) ?? false
                if isBroken || index == last {
                    circle(
                        .class(isBroken ? "mark broken" : "mark"), .number("r", isBroken ? 4 : 3.5),
                        .number("cx", x.position(Double(point.time.milliseconds))),
                        .number("cy", y.position(point.value)))
                }
            }
        }
    }
}
