import Domain
import Testing

@Suite("Version policies")
struct VersionPolicyTests {
    @Test("the latest are the highest numbers, all are all, and specific ones are told of even if they are not there")
    func chosen() {
        #expect(VersionPolicy.latest(1).chosen(from: [9, 10, 2]) == [10])
        #expect(VersionPolicy.latest(2).chosen(from: [9, 10, 2]) == [9, 10])
        #expect(VersionPolicy.latest(5).chosen(from: [9]) == [9])
        #expect(VersionPolicy.all.chosen(from: [9, 10, 2]) == [2, 9, 10])
        #expect(VersionPolicy.specific([4, 2, 4]).chosen(from: [2]) == [2, 4])
        #expect(VersionPolicy.all.chosen(from: []).isEmpty)
    }
}
