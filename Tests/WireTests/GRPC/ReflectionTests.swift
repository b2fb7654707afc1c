import Domain
import Testing

@testable import Wire

@Suite("gRPC: reflection")
struct ReflectionTests {
    /// A file `f.proto` with the package `p`: message `M` with message `N` and enumeration `E` in it, service `S` with method `Do`.
    private static func index() throws -> DescriptorIndex {
        var set = ProtobufWriter()
        set.message(1) { file in
            file.string(1, "f.proto")
            file.string(2, "p")
            file.message(4) { message in
                message.string(1, "M")
                message.message(3) { $0.string(1, "N") }
                message.message(4) { $0.string(1, "E") }
            }
            file.message(6) { service in
                service.string(1, "S")
                service.message(2) { $0.string(1, "Do") }
            }
        }
        return try set.bytes.withUnsafeBytes { try DescriptorIndex($0) }
    }

    private func answer(_ field: Int, _ text: String) throws -> [UInt8] {
        var request = ProtobufWriter()
        request.repeatedString(field, text)
        let index = try Self.index()
        return try request.bytes.withUnsafeBytes { try ReflectionMessages.answer($0, from: index) }
    }

    /// The number of the answer's member.
    private func member(_ bytes: [UInt8]) throws -> Int {
        try bytes.withUnsafeBytes { raw in
            var reader = ProtobufReader(raw)
            var last = 0
            while let field = try reader.next() {
                last = field.number
                try reader.skip(field)
            }
            return last
        }
    }

    @Test(
        "services, and the file of every message, enumeration, service and method, are found; what is not there is an error"
    )
    func questions() throws {
        #expect(try Self.index().services == ["p.S"])
        #expect(try member(answer(7, "")) == 6)
        #expect(try member(answer(3, "f.proto")) == 4)
        for symbol in ["p.M", "p.M.N", "p.M.E", "p.S", "p.S.Do"] { #expect(try member(answer(4, symbol)) == 4) }
        for symbol in ["p", "M", "p.N", "p.S.Undo", ""] { #expect(try member(answer(4, symbol)) == 7) }
        #expect(try member(answer(6, "p.M.N")) == 5)
        #expect(try member(answer(6, "p.S")) == 7)
        #expect(try member(answer(5, "")) == 7)
    }

    @Test("a request that asks nothing is refused")
    func nothing() throws {
        #expect(throws: MartletError.self) { try answer(1, "host") }
    }
}
