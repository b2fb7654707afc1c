import Domain
import Testing
import Wire

@Suite("Feedback document")
struct FeedbackDocumentTests {
    @Test("one entry, a list and items are taken; labels may be text, number or truth value")
    func accepted() throws {
        let one = try FeedbackDocument(["prediction_id": "p", "label": 1])
        #expect(one.entries.map(\.label) == ["1"])
        #expect(one.entries.map(\.row) == [0])
        let list: JSONValue = [
            ["business_key": "k", "endpoint": "e", "row": 2, "kpis": ["saved": 1.5]],
            ["prediction_id": "p", "label": true, "override": "keep"],
        ]
        #expect(try FeedbackDocument(list).entries.count == 2)
        let items = try FeedbackDocument(["items": list])
        #expect(items.entries[0].kpis == ["saved": 1.5])
        #expect(items.entries[1].label == "1")
        #expect(items.entries[1].override == "keep")
    }

    @Test(
        "what breaks a rule is refused with the entry and the field",
        arguments: [
            [:], [], "text", ["prediction_id": "p"], ["label": "1"], ["business_key": "k", "label": "1"],
            ["prediction_id": "p", "label": "1", "row": -1], ["prediction_id": "p", "label": "1", "row": 1.5],
            ["prediction_id": "p", "label": ["1"]], ["prediction_id": "", "label": "1"],
            ["prediction_id": "p", "lable": "1"], ["prediction_id": "p", "kpis": ["x": "y"]],
            ["prediction_id": "p", "kpis": [1]], [nil], ["prediction_id": "p", "label": "a\u{0}b"],
        ] as [JSONValue])
    func refused(_ body: JSONValue) {
        let error = #expect(throws: MartletError.self) { try FeedbackDocument(body) }
        #expect(error?.code == .invalidArgument)
    }

    @Test("a thousand and one entries are too many")
    func tooMany() {
        let entries = [JSONValue](repeating: ["prediction_id": "p", "label": "1"], count: 1_001)
        let error = #expect(throws: MartletError.self) { try FeedbackDocument(.array(entries)) }
        #expect(error?.code == .payloadTooLarge)
    }
}
