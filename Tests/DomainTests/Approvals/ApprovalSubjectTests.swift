import Domain
import Foundation
import Testing

@Suite("What an approval is about, as JSON")
struct ApprovalSubjectTests {
    static let subjects: [Approval.Subject] = [
        .modelVersion(ModelVersionID(model: "churn", version: 3)), .policy(model: "churn", version: 2),
    ]

    @Test("one shape for both kinds", arguments: subjects)
    func roundTrip(_ subject: Approval.Subject) throws {
        let bytes = try JSONEncoder().encode(subject)
        #expect(try JSONDecoder().decode(Approval.Subject.self, from: bytes) == subject)
        let members = try JSONDecoder().decode(JSONValue.self, from: bytes)
        #expect(
            members == ["kind": .string(subject.kind), "model": "churn", "version": .int(Int64(subject.version))])
    }

    @Test("what earlier releases kept is read")
    func former() throws {
        let former = [
            #"{"modelVersion":{"_0":{"model":"churn","version":3}}}"#, #"{"policy":{"model":"churn","version":2}}"#,
        ]
        let read = try former.map { try JSONDecoder().decode(Approval.Subject.self, from: Data($0.utf8)) }
        #expect(read == Self.subjects)
    }
}
