/// Two distributions over the same bins: the reference as outlined bars, live traffic as filled ones before them.
public struct HistogramChart: Sendable, Hashable {
    /// One bin or category and the share of rows (0…1) that fall into it.
    public struct Bin: Sendable, Hashable {
        /// The category, or the bin's lower edge as text.
        public var label: String
        public var reference: Double
        public var live: Double
        public init(label: String, reference: Double, live: Double) {
            self.label = label
            self.reference = reference
            self.live = live
        }
    }

    public var title: String
    public var bins: [Bin]

    public init(title: String, bins: [Bin]) {
        self.title = title
        self.bins = bins
    }

    var html: HTML {
        guard !bins.isEmpty else { return ChartFigure.noData(title) }
        return ChartFigure(
            title: title, picture: picture, legend: [("reference", "reference"), ("live", "live")],
            columns: ["Bin", "Reference", "Live"],
            rows: bins.prefix(ChartFigure.rowsMax).map {
                [$0.label, NumberText.percent($0.reference), NumberText.percent($0.live)]
            }
        ).html
    }

    private var picture: HTML {
        let frame = ChartFrame()
        let y = LinearScale(
            covering: bins.flatMap { [$0.reference, $0.live] } + [0], pixelsAtLower: frame.plotBottom,
            pixelsAtUpper: frame.top, ticksAtMost: 4)
        let slot = (frame.plotRight - frame.left) / Double(bins.count)
        // The bin where the two differ most, in words, for those who do not see the bars.
        let widest = bins.max { ($0.live - $0.reference).magnitude < ($1.live - $1.reference).magnitude }
        let description =
            widest.map {
                "\(NumberText.counted(bins.count, "bin")); they differ most at \($0.label): "
                    + "reference \(NumberText.percent($0.reference)), live \(NumberText.percent($0.live))."
            } ?? ""
        return frame.picture(title: title, description: description) {
            frame.valueAxis(y, ticks: y.ticks(atMost: 4)) { NumberText.percent($0, figures: 3) }
            for (index, bin) in bins.enumerated() {
                let x = frame.left + Double(index) * slot
                bar("bar reference", x: x + slot * 0.08, width: slot * 0.84, value: bin.reference, y: y, frame: frame)
                bar("bar live", x: x + slot * 0.26, width: slot * 0.48, value: bin.live, y: y, frame: frame)
            }
            labels(frame, slot: slot)
        }
    }

    private func bar(
        _ kind: String, x: Double, width: Double, value: Double, y: LinearScale, frame: ChartFrame
    ) -> HTML {
        let top = y.position(value.isFinite ? value : 0)
        return rect(
            .class(kind), .number("x", x), .number("y", top), .number("width", width),
            .number("height", max(0, frame.plotBottom - top)))
    }

    /// As many labels as fit beside each other.
    private func labels(_ frame: ChartFrame, slot: Double) -> HTML {
        let longest = bins.map { min($0.label.count, 12) }.max() ?? 1
        let every = max(1, Int((Double(longest) * 7 + 8) / slot.nextUp + 1))
        return g(.class("axis")) {
            for (index, bin) in bins.enumerated() where index.isMultiple(of: every) {
                let isCut = bin.label.count > 12
                svgText(
                    .number("x", frame.left + (Double(index) + 0.5) * slot), .number("y", frame.height - 7),
                    Attribute("text-anchor", "middle"),
                    text: isCut ? bin.label.prefix(11) + "…" : bin.label)
            }
        }
    }
}
