public import Domain
internal import Foundation
internal import Yams

/// The `MLmodel` file of an ONNX model that the server itself makes.
public enum OnnxMLmodel {
    /// - Parameters:
    ///   - source: the `MLmodel` file of the version that it is made of, whose signature it takes over.
    ///   - layout: written into `metadata.martlet`, where preparation finds it.
    /// - Throws: `invalidArgument` if the source is not YAML.
    public static func text(source: [UInt8], layout: ServableLayout, now: Timestamp) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var members: [(Node, Node)] = [
            ("flavors", flavors),
            ("metadata", ["martlet": Node(String(decoding: try encoder.encode(layout), as: UTF8.self))]),
            // Quoted: YAML would read a moment out of it.
            ("utc_time_created", Node(now.iso8601, .implicit, .singleQuoted)),
        ]
        if let signature = try MLmodelDocument.node(source)["signature"] { members.append(("signature", signature)) }
        return try Yams.serialize(node: Node(members))
    }

    private static var flavors: Node {
        [
            "onnx": ["data": "model.onnx"],
            "python_function": ["loader_module": "mlflow.onnx", "data": "model.onnx"],
        ]
    }
}
