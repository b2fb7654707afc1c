/// The common room of the charts: size in SVG units, margins for the axes, and the accessible shell.
struct ChartFrame: Sendable {
    var width = 420.0
    var height = 190.0
    var left = 46.0
    var right = 12.0
    var top = 14.0
    var bottom = 26.0

    var plotRight: Double { width - right }
    var plotBottom: Double { height - bottom }

    /// The picture with its title and description for screen readers.
    func picture(title: String, description: String, @HTMLBuilder content: () -> HTML) -> HTML {
        svg(.class("chart"), .viewBox(width, height), .role("img"), .label(title + ". " + description)) {
            svgTitle(text: title)
            desc(text: description)
            content()
        }
    }

    /// Horizontal grid lines with their values at the left.
    func valueAxis(_ scale: LinearScale, ticks: [Double], text: (Double) -> String) -> HTML {
        g(.class("axis")) {
            for tick in ticks {
                let y = scale.position(tick)
                line(
                    .class("grid"), .number("x1", left), .number("x2", plotRight), .number("y1", y), .number("y2", y))
                svgText(
                    .number("x", left - 7), .number("y", y + 4), Attribute("text-anchor", "end"), text: text(tick))
            }
        }
    }
}
