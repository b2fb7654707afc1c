import Domain
import Testing

@Suite("Given names")
struct GivenNameTests {
    @Test("a name is an adjective, a bird and a number, in at most 20 characters, and hardly ever comes twice")
    func names() {
        let names = (0..<1000).map { _ in GivenName.random() }
        for name in names {
            let parts = name.split(separator: "-", omittingEmptySubsequences: false)
            #expect(parts.count == 3 && name.count <= 20, "\(name)")
            let letters = parts.prefix(2).joined()
            #expect(letters.count > 5 && letters.allSatisfy { ("a"..."z").contains($0) }, "\(name)")
            #expect(parts.last.flatMap { Int($0) } != nil, "\(name)")
        }
        #expect(Set(names).count > 950)
    }
}
