import Testing
import Wire

@Suite("Prometheus exposition")
struct PrometheusWriterTests {
    func page(_ format: PrometheusWriter.Format) -> String {
        var writer = PrometheusWriter(format)
        writer.family("a_total", .counter, "Counts \"a\".", [.init([("x", "1\n\"\\")], 3)])
        writer.family("empty", .gauge, "Has no series.", [])
        writer.family("g", .gauge, "A gauge.", [.init([], 0.25), .init([("y", "z")], .infinity)])
        writer.histogram(
            "h_seconds", "Time.",
            [.init(labels: [("x", "1")], cumulative: [(0.5, 1), (1, 2)], count: 3, sum: 4.5)])
        return writer.finish()
    }

    @Test("the text format escapes, and gives histograms cumulative buckets with +Inf")
    func text() {
        #expect(
            page(.text) == """
                # HELP a_total Counts "a".
                # TYPE a_total counter
                a_total{x="1\\n\\"\\\\"} 3
                # HELP g A gauge.
                # TYPE g gauge
                g 0.25
                g{y="z"} +Inf
                # HELP h_seconds Time.
                # TYPE h_seconds histogram
                h_seconds_bucket{x="1",le="0.5"} 1
                h_seconds_bucket{x="1",le="1"} 2
                h_seconds_bucket{x="1",le="+Inf"} 3
                h_seconds_sum{x="1"} 4.5
                h_seconds_count{x="1"} 3

                """)
    }

    @Test("OpenMetrics names a counter without its suffix and ends with EOF; Accept chooses")
    func openMetrics() {
        let page = page(.openMetrics)
        #expect(page.hasPrefix("# HELP a Counts \\\"a\\\".\n# TYPE a counter\na_total{"))
        #expect(page.hasSuffix("# EOF\n"))
        #expect(
            PrometheusWriter.Format(accept: "application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
                == .openMetrics)
        #expect(PrometheusWriter.Format(accept: nil) == .text)
    }
}
