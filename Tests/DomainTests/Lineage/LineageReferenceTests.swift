import Domain
import Testing

@Suite("References into the lineage")
struct LineageReferenceTests {
    @Test(
        "each kind is read and written the same",
        arguments: [
            ("dataset:churn@3f2a", LineageReference.dataset(name: "churn", version: "3f2a")),
            ("dataset:a@b@c0ffee", .dataset(name: "a@b", version: "c0ffee")),
            ("dataset:churn", .dataset(name: "churn", version: "")), ("run:a1", .run("a1")),
            ("model:a/b: c/12", .model(ModelVersionID(model: "a/b: c", version: 12))),
            ("endpoint:x:y", .endpoint("x:y")), ("prediction:p", .prediction(PredictionID(rawValue: "p"))),
        ])
    func roundTrip(_ text: String, _ expected: LineageReference) throws {
        let read = try LineageReference(text)
        #expect(read == expected)
        #expect(read.description == text)
    }

    @Test(
        "what names nothing is refused",
        arguments: ["", "churn", "model:churn", "model:churn/x", "model:c/0", "run:", "x:y"])
    func refused(_ text: String) {
        #expect(throws: MartletError.self) { try LineageReference(text) }
    }

    @Test("a version is meant by number, by the beginning of its digest, or is the newest")
    func selectors() throws {
        #expect(try DatasetVersionSelector("12") == .number(12))
        #expect(try DatasetVersionSelector("12345678") == .digest("12345678"))
        #expect(try DatasetVersionSelector("ABCDEF0123") == .digest("abcdef0123"))
        #expect(try DatasetVersionSelector("newest") == .newest)
        for text in ["0", "-1", "abc", "xyzxyzxyz", "1234567"] {
            #expect(throws: MartletError.self) { try DatasetVersionSelector(text) }
        }
    }

    @Test("a data set's name stands in paths and URIs as it is", arguments: ["", "a b", "a/b", "-a", "a@b", "ä", ".."])
    func names(_ name: String) {
        #expect(throws: MartletError.self) { try DatasetLimits.checkName(name) }
    }
}
