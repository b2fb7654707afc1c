import Domain
import Testing

@Suite("Names of principals")
struct PrincipalNameTests {
    @Test("legal ones", arguments: ["ada", "a.b-c_d@example.org", "7", "servers"])
    func legal(_ name: String) throws { try PrincipalName.validate(name) }

    @Test(
        "illegal ones, and those that stand for the server or for no name",
        arguments: ["", "-a", "a b", "a:b", "ä", "server", "System", "rollout-controller", "monitor", "token", "KEY"])
    func refused(_ name: String) {
        #expect(throws: MartletError.self) { try PrincipalName.validate(name) }
    }
}
