import Domain
import Testing

@testable import Dashboard

@Suite struct ChartTests {
    private func chart(_ values: [Double], threshold: Double? = nil) -> TimeSeriesChart {
        TimeSeriesChart(
            title: "PSI",
            points: values.enumerated().map {
                .init(time: Timestamp(milliseconds: Int64($0.offset) * 60_000), value: $0.element)
            }, threshold: threshold.map { .init(value: $0, breaksAbove: true) })
    }

    @Test("a scale ends at round numbers and maps its ends to the pixels' ends")
    func scale() {
        let scale = LinearScale(covering: [0, 0.43], pixelsAtLower: 100, pixelsAtUpper: 0, ticksAtMost: 5)
        #expect(scale.lower == 0 && scale.upper == 0.5)
        #expect(scale.position(0) == 100 && scale.position(0.5) == 0 && scale.position(0.25) == 50)
        #expect(scale.ticks().count == 6)
    }

    @Test(
        "a scale of nothing, of one value and of NaN is still a scale",
        arguments: [[], [3], [.nan], [.infinity, 0], [-2, -2]])
    func degenerateScale(_ values: [Double]) {
        let scale = LinearScale(covering: values, pixelsAtLower: 100, pixelsAtUpper: 0)
        #expect(scale.upper > scale.lower)
        #expect(!scale.ticks().contains { !$0.isFinite })
        #expect((0...100).contains(scale.position(values.first { $0.isFinite } ?? 0)))
    }

    @Test(
        "steps are 1, 2, 2.5 or 5 times a power of ten",
        arguments: [(1.0, 5, 0.2), (10, 4, 2.5), (0.43, 5, 0.1), (7000, 5, 2000), (3, 3, 1)])
    func steps(_ span: Double, _ ticks: Int, _ expected: Double) {
        #expect((LinearScale.roundStep(span: span, ticksAtMost: ticks) - expected).magnitude < expected * 1e-9)
    }

    @Test("no point gives a sentence, not an empty picture")
    func noPoints() {
        #expect(chart([]).html.rendered == "<p class=\"nodata\">No data yet for PSI.</p>")
        #expect(chart([.nan]).html.rendered.contains("nodata"))
    }

    @Test("one point is a dot without a line")
    func onePoint() {
        let text = chart([0.1]).html.rendered
        #expect(text.contains("<circle") && !text.contains("<polyline"))
    }

    @Test("NaN breaks the line in two and never reaches the picture")
    func gap() {
        let text = chart([0.1, 0.2, .nan, 0.1, 0.3]).html.rendered
        #expect(text.components("<polyline") == 2)
        #expect(!text.lowercased().contains("nan") && !text.contains("inf,"))
    }

    @Test("values beyond the threshold are marked, and counted in the description")
    func threshold() {
        let text = chart([0.1, 0.25, 0.4], threshold: 0.2).html.rendered
        #expect(text.components("mark broken") == 2)
        #expect(text.contains("threshold 0.2, broken 2 times"))
    }

    @Test("each chart has a role, a title, a description and its figures as a table")
    func accessible() {
        for text in [
            chart([0.1, 0.2]).html.rendered,
            HistogramChart(title: "t", bins: [.init(label: "a", reference: 1, live: 0)]).html.rendered,
        ] {
            #expect(text.contains("role=\"img\"") && text.contains("<title>") && text.contains("<desc>"))
            #expect(text.contains("<table>"))
        }
    }

    @Test("the bars of a histogram are as high as their shares")
    func histogram() {
        let text = HistogramChart(
            title: "t",
            bins: [.init(label: "<a>", reference: 0.5, live: 0.25), .init(label: "b", reference: 0.5, live: 0.75)]
        ).html.rendered
        // Plot height is 150: the axis ends at 0.8.
        #expect(
            text.contains("height=\"93.75\"") && text.contains("height=\"46.88\"") && text.contains("height=\"140.63\"")
        )
        #expect(text.contains("differ most at &lt;a&gt;") || text.contains("differ most at b"))
        #expect(!text.contains("<a>"))
    }

    @Test("the parts of a traffic bar fill it, whatever the shares add up to")
    func traffic() {
        let bar = TrafficBar(
            title: "t",
            parts: [
                .init(label: "v1", kind: .champion, share: 0.6), .init(label: "v2", kind: .candidate, share: 0.2),
                .init(label: "v3", kind: .shadow, share: 0), .init(label: "v4", kind: .candidate, share: .nan),
            ])
        #expect(bar.spans.count == 2)
        #expect((bar.spans.reduce(0) { $0 + $1.length } - 1).magnitude < 1e-12)
        #expect((bar.spans[0].length - 0.75).magnitude < 1e-12)
        #expect(TrafficBar(title: "t", parts: []).spans.isEmpty)
    }

    @Test("coordinates have two decimals at most and are always numbers")
    func coordinates() {
        #expect(SVGNumber.text(1.005) == "1" || SVGNumber.text(1.005) == "1.01")
        #expect(SVGNumber.text(-0.25) == "-0.25" && SVGNumber.text(1.5) == "1.5" && SVGNumber.text(0.05) == "0.05")
        #expect(SVGNumber.text(.nan) == "0" && SVGNumber.text(1e300) == "1000000")
    }

    @Test(
        "a time axis has round moments and few of them",
        arguments: [60_000, 3_600_000, 86_400_000, 2_592_000_000, 31_536_000_000])
    func timeTicks(_ span: Int64) {
        let start = Timestamp(milliseconds: 1_795_219_261_234)
        let ticks = TimeTicks.ticks(from: start, to: Timestamp(milliseconds: start.milliseconds + span), atMost: 5)
        #expect((1...6).contains(ticks.count))
        #expect(ticks.allSatisfy { $0.0.milliseconds.isMultiple(of: 60_000) })
    }
}

extension String {
    /// How often `part` occurs.
    func components(_ part: String) -> Int { ranges(of: part).count }
}
