import Testing

@testable import Inference

@Suite("What the file of an ONNX model says of its work")
struct OnnxGraphTests {
    /// A field that holds bytes.
    private func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        var (length, head) = (bytes.count, [number << 3 | 2])
        while length >= 0x80 {
            head.append(UInt8(length & 0x7F) | 0x80)
            length >>= 7
        }
        return head + [UInt8(length)] + bytes
    }

    /// A model with one node an operator, an IR version and an initializer that looks like anything.
    private func model(_ operators: [String]) -> [UInt8] {
        let nodes = operators.flatMap { name in
            field(1, field(1, Array("in".utf8)) + field(2, Array("out".utf8)) + field(4, Array(name.utf8)))
        }
        let initializer = field(5, [0x08, 0x01, 0x10, 0x01] + field(9, [0xFF, 0xFF, 0xFF, 0xFF]))
        return [0x08, 0x0A] + field(7, nodes + field(2, Array("graph".utf8)) + initializer)
    }

    private func isBound(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { OnnxGraph.isWorkBoundByShapes($0) } }

    @Test("plain operators are bound, and one that is not makes the model not bound")
    func operators() {
        #expect(isBound(model(["Cast", "TreeEnsembleClassifier", "Normalizer"])))
        #expect(isBound(model(["MatMul", "Add", "Relu", "Softmax"])))
        for name in ["Loop", "If", "Scan", "Range", "Expand", "NonZero", "ConstantOfShape", "Unknown", ""] {
            #expect(!isBound(model(["Add", name])), "\(name)")
        }
    }

    @Test("a file that is cut, has two graphs or functions of its own, or is no model, is not bound")
    func oddFiles() {
        let good = model(["Add"])
        for count in 1..<good.count { #expect(!isBound(Array(good.prefix(count))), "\(count)") }
        #expect(!isBound([]))
        #expect(!isBound(good + good))
        #expect(!isBound(good + [0xCA, 0x01, 0x00]))
        #expect(!isBound([0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]))
        #expect(!isBound(Array("not a model".utf8)))
        #expect(!OnnxGraph.isWorkBoundByShapes(path: "/none"))
    }
}
