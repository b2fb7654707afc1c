import Domain
import Testing

@testable import Dashboard

@Suite struct PageTests {
    static let names = (SamplePages.full + SamplePages.empty).map(\.0)

    private func document(_ name: String) throws -> String {
        SamplePages.document(try #require((SamplePages.full + SamplePages.empty).first { $0.0 == name }).1)
    }

    @Test("every page has a language, one title, one heading and its landmarks", arguments: names)
    func landmarks(_ name: String) throws {
        let text = try document(name)
        #expect(text.hasPrefix("<!doctype html>\n<html lang=\"en\">"))
        #expect(text.components("<h1") == 1)
        #expect(text.components("<main") == 1)
        #expect(text.contains("<a class=\"skip\" href=\"#content\">"))
        #expect(text.contains("· Martlet</title>"))
        if name != "sign-in" { #expect(text.contains("<nav aria-label=\"Main\">") && text.contains("<header")) }
    }

    @Test("no page needs what the content security policy forbids", arguments: names)
    func noInline(_ name: String) throws {
        let text = try document(name)
        #expect(!text.contains(" style=") && !text.contains("<style") && !text.contains(" onclick="))
        #expect(
            text.components("<script") == 1 && text.contains("<script src=\"/assets/dashboard.js?v=0\" defer></script>")
        )
        #expect(!text.contains("http://") || name == "empty-models")
        #expect(!text.contains("https://"))
    }

    @Test("ids are unique on a page", arguments: names)
    func ids(_ name: String) throws {
        let ids = try document(name).split(separator: " id=\"").dropFirst().map { $0.prefix { $0 != "\"" } }
        #expect(Set(ids).count == ids.count)
    }

    @Test("every table has a caption and column headers", arguments: names)
    func tables(_ name: String) throws {
        for table in try document(name).split(separator: "<table").dropFirst() {
            #expect(table.contains("<caption") && table.contains("scope=\"col\""))
        }
    }

    @Test(
        "an empty list teaches the command to type next",
        arguments: [
            "models", "model", "version", "datasets", "lineage", "endpoints", "rollouts", "alerts", "retraining",
            "audit", "prediction",
        ])
    func emptyStates(_ name: String) throws {
        let text = try document("empty-" + name)
        #expect(text.contains("<pre class=\"command\" tabindex=\"0\"><code>"))
    }

    @Test("stored text never becomes markup")
    func hostileText() {
        let evil = "</script><img src=x onerror=alert(1)>\u{202e}\u{0}\"'"
        var record = Samples.record(1, aliases: [evil], description: evil)
        record.id.model = evil
        record.tags = [evil: evil]
        record.files[0].path = evil
        var policy = Samples.policyVersion
        policy.document = evil
        policy.policy.purpose = evil
        policy.policy.knownLimitations = [evil]
        var alert = Samples.alerts[0]
        alert.detail = evil
        alert.endpoint = evil
        var data = Samples.datasetVersion
        data.id.name = evil
        data.source = evil
        data.files[0].path = evil
        data.columns[0].name = evil
        data.columns[3].top[0].value = evil
        var lineage = Samples.lineage
        lineage.nodes[1].label = evil
        lineage.nodes[1].facts = [evil: evil]
        lineage.nodes[1].id = "run:" + evil
        lineage.edges[0].label = evil
        lineage.cut = [evil]
        var entry = Samples.entry
        entry.knownLimitations = [.init(evil, source: evil)]
        entry.gaps[0].reason = evil
        entry.data[0].name = evil
        var filled = VersionPage(record: record, run: nil, preparation: nil, readiness: .none(evil), approvals: [])
        filled.entry = entry
        let pages: [any Page] = [
            filled, DatasetVersionPage(version: data, uses: [], lineage: lineage, previous: 1),
            DatasetPage(name: evil, versions: [data]), LineagePage(reference: evil, outcome: .found(lineage)),
            VersionPage(record: record, run: nil, preparation: nil, readiness: .none(evil), approvals: []),
            ModelPage(
                name: evil, description: evil, versions: [.init(record: record, preparation: nil, readiness: .unknown)],
                policy: policy,
                policyHistory: [], approvals: [], endpoint: nil),
            AlertsPage(alerts: [alert], showsResolved: false), PredictionPage(id: evil, outcome: .failed(evil)),
            SignInPage(csrfToken: evil, failure: evil, next: evil), ErrorPage(status: 404, message: evil),
        ]
        for page in pages {
            let text = SamplePages.document(page)
            #expect(!text.contains("<img") && text.components("</script>") == 1)
            #expect(!text.unicodeScalars.contains { $0.value == 0 || $0.value == 0x202e })
        }
    }

    @Test("states are told by words beside colours")
    func words() throws {
        let text = try document("version")
        for word in ["met", "unmet", "unknown", "after the fact"] { #expect(text.contains("</svg>\(word)</span>")) }
    }

    @Test("a badge is a sign and a word")
    func badgeGolden() {
        #expect(
            Badge(Alert.State.resolved).html.rendered
                == "<span class=\"badge good\"><svg class=\"icon\" viewBox=\"0 0 16 16\" aria-hidden=\"true\" focusable=\"false\">"
                + "<path d=\"M3 8.5 6.5 12 13 4.5\"></path></svg>resolved</span>")
    }

    @Test("a table's cells carry their column's name")
    func tableGolden() {
        let table = DataTable(caption: "c", columns: [.init("A"), .init("B", .number)], rows: [["x", "1"]])
        #expect(
            table.html.rendered
                == "<table class=\"data\" role=\"table\"><caption class=\"visually-hidden\">c</caption>"
                + "<thead role=\"rowgroup\"><tr role=\"row\"><th scope=\"col\" role=\"columnheader\" class=\"plain\">A</th>"
                + "<th scope=\"col\" role=\"columnheader\" class=\"number\">B</th></tr></thead>"
                + "<tbody role=\"rowgroup\"><tr role=\"row\"><th class=\"plain\" data-label=\"A\" scope=\"row\" role=\"rowheader\">"
                + "<span class=\"cell\">x</span></th><td class=\"number\" data-label=\"B\" role=\"cell\">"
                + "<span class=\"cell\">1</span></td></tr></tbody></table>")
    }

    @Test("the rollout's broken step is told by a word")
    func brokenStep() {
        let text = RolloutSteps.html(Samples.rollout(1, state: .rolledBack)).rendered
        #expect(
            text.components("stopped here") == 1 && text.components(">done<") == 1 && text.components(">ahead<") == 2)
    }
}
