public import Domain

/// What a set of descriptors of Protocol Buffers holds, by name: for a server's reflection.
public struct DescriptorIndex: Sendable {
    /// Files by name, each as it was compiled.
    let files: [String: [UInt8]]
    /// The file of every message, enumeration, service and method, by its full name.
    let fileOfSymbol: [String: String]
    /// Full names of the messages, which alone could be extended.
    let messages: Set<String>
    /// Full names, ascending.
    public let services: [String]

    /// - Parameter bytes: a `FileDescriptorSet`, as the compiler writes it.
    /// - Throws: `invalidArgument` if it is none.
    public init(_ bytes: UnsafeRawBufferPointer) throws(MartletError) {
        var set = DescriptorSetReader()
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            if field.number == 1 { try set.readFile(reader.bytes(field)) } else { try reader.skip(field) }
        }
        (files, fileOfSymbol, messages, services) = (set.files, set.symbols, set.messages, set.services.sorted())
    }
}

private struct DescriptorSetReader {
    var files: [String: [UInt8]] = [:]
    var symbols: [String: String] = [:]
    var messages: Set<String> = []
    var services: [String] = []

    mutating func readFile(_ bytes: UnsafeRawBufferPointer) throws(MartletError) {
        var reader = ProtobufReader(bytes)
        var (file, package) = ("", "")
        var declarations: [(number: Int, bytes: UnsafeRawBufferPointer)] = []
        while let field = try reader.next() {
            switch field.number {
            case 1: file = try reader.string(field)
            case 2: package = try reader.string(field)
            case 4, 5, 6: declarations.append((field.number, try reader.bytes(field)))
            default: try reader.skip(field)
            }
        }
        files[file] = [UInt8](bytes)
        for declaration in declarations {
            switch declaration.number {
            case 4: try readMessage(declaration.bytes, in: package, file, depth: 0)
            case 5: try readName(declaration.bytes, in: package, file)
            default: try readService(declaration.bytes, in: package, file)
            }
        }
    }

    /// Messages nest in messages; the compiler allows no more than this.
    private static let depthMax = 32

    private mutating func readMessage(
        _ bytes: UnsafeRawBufferPointer, in scope: String, _ file: String, depth: Int
    ) throws(MartletError) {
        guard depth < Self.depthMax else { throw MartletError.invalid("A descriptor nests too deep.") }
        let name = try readName(bytes, in: scope, file)
        messages.insert(name)
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 3: try readMessage(reader.bytes(field), in: name, file, depth: depth + 1)
            case 4: try readName(reader.bytes(field), in: name, file)
            default: try reader.skip(field)
            }
        }
    }

    private mutating func readService(
        _ bytes: UnsafeRawBufferPointer, in scope: String, _ file: String
    ) throws(MartletError) {
        let name = try readName(bytes, in: scope, file)
        services.append(name)
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            if field.number == 2 { try readName(reader.bytes(field), in: name, file) } else { try reader.skip(field) }
        }
    }

    /// Every declaration has its name in field 1.
    @discardableResult
    private mutating func readName(
        _ bytes: UnsafeRawBufferPointer, in scope: String, _ file: String
    ) throws(MartletError) -> String {
        var reader = ProtobufReader(bytes)
        var name = ""
        while let field = try reader.next() {
            if field.number == 1 { name = try reader.string(field) } else { try reader.skip(field) }
        }
        let full = scope.isEmpty ? name : "\(scope).\(name)"
        symbols[full] = file
        return full
    }
}
