import Domain
import Lifecycle
import Testing

@Suite("Decisions on a request for approval")
struct ApprovalMachineTests {
    private static let time = Timestamp(milliseconds: 1)
    private let version = ModelVersionID(model: "wear", version: 3)
    private let lee = Principal(id: .init(rawValue: "lee"), name: "lee", roles: [.approver])
    private let max = Principal(id: .init(rawValue: "max"), name: "max", roles: [.approver])
    private let dana = Principal(id: .init(rawValue: "dana"), name: "dana", roles: [.contributor, .approver])

    private func policy(_ number: Int = 1, author: String = "pat") -> PolicyVersion {
        PolicyVersion(
            model: "wear", version: number,
            policy: Policy(model: "wear", owner: "o", purpose: "p", task: .regression), document: "", state: .inForce,
            author: .init(rawValue: author), authorName: author, appliedAt: Self.time, loosens: [])
    }

    private func request(count: Int = 1, subject: Approval.Subject? = nil) -> Approval {
        var rule = ApprovalRule()
        rule.count = count
        return Approval(
            id: 7, subject: subject ?? .modelVersion(version), requestedBy: dana.id, requestedByName: "dana",
            requestedAt: Self.time, rule: rule, policyVersion: 1)
    }

    private func decide(
        _ approval: Approval, by principal: Principal, approves: Bool = true, reason: String = "seen",
        authors: Set<String> = ["dana"], inForce: PolicyVersion? = nil
    ) throws -> Approval {
        try ApprovalMachine.decide(
            approval,
            Approval.Decision(
                principal: principal.id, principalName: principal.name, approves: approves, reason: reason,
                time: Self.time),
            by: principal, authors: Set(authors.map { .init(rawValue: $0) }), inForce: inForce ?? policy())
    }

    private func code(_ body: () throws -> Approval) -> MartletError.Code? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? MartletError)?.code
        }
    }

    @Test("as many as the policy asks for must agree, each another principal")
    func count() throws {
        let once = try decide(request(count: 2), by: lee)
        #expect(once.state == .pending && once.decisions.count == 1)
        #expect(code { try decide(once, by: lee) } == .permissionDenied)
        #expect(try decide(once, by: max).state == .approved)
    }

    @Test("an author of run, version or policy never agrees, whatever role they hold")
    func fourEyes() {
        #expect(code { try decide(request(), by: dana) } == .permissionDenied)
        #expect(code { try decide(request(), by: lee, authors: ["lee"]) } == .permissionDenied)
        #expect(code { try decide(request(), by: lee, inForce: policy(author: "lee")) } == .permissionDenied)
        let administrator = Principal(id: .init(rawValue: "dana"), name: "dana", roles: [.administrator])
        #expect(code { try decide(request(), by: administrator) } == .permissionDenied)
    }

    @Test("the policy's role is needed, and a narrow key decides nothing")
    func role() {
        let olga = Principal(id: .init(rawValue: "o"), name: "olga", roles: [.operator, .contributor])
        #expect(code { try decide(request(), by: olga) } == .permissionDenied)
        #expect(code { try decide(request(), by: olga, approves: false) } == .permissionDenied)
        var narrow = lee
        narrow.onlyModel = "wear"
        #expect(code { try decide(request(), by: narrow) } == .permissionDenied)
    }

    @Test("one rejection, with its reason, ends it; who asked may withdraw")
    func rejection() throws {
        let rejected = try decide(request(count: 2), by: lee, approves: false, reason: "No holdout.")
        #expect(rejected.state == .rejected)
        #expect(code { try decide(rejected, by: max) } == .failedPrecondition)
        #expect(code { try decide(request(), by: lee, approves: false, reason: " ") } == .invalidArgument)
        #expect(try decide(request(), by: dana, approves: false, reason: "withdrawn").state == .rejected)
    }

    @Test("a policy that changed since asks anew; a decided request stays decided")
    func changed() throws {
        #expect(code { try decide(request(), by: lee, inForce: policy(2)) } == .failedPrecondition)
        let approved = try decide(request(), by: lee)
        #expect(code { try decide(approved, by: max) } == .failedPrecondition)
        #expect(
            code { try decide(request(), by: lee, reason: String(repeating: "x", count: 1_001)) } == .invalidArgument)
    }

    @Test("a loosened policy is agreed to by anyone but who wrote it")
    func loosened() throws {
        let subject = Approval.Subject.policy(model: "wear", version: 2)
        #expect(code { try decide(request(subject: subject), by: dana) } == .permissionDenied)
        // Who wrote the policy in force is not judged here.
        #expect(
            try decide(request(subject: subject), by: lee, inForce: policy(author: "lee")).state == .approved)
    }
}
