public import Domain
internal import Foundation
internal import Yams

/// The `MLmodel` file of a logged model, as far as serving needs it.
public enum MLmodelDocument {
    /// MLflow's own are a few kilobytes.
    public static let bytesMax = 1 << 20

    /// - Throws: `invalidArgument` if it is not YAML with a map of flavours.
    public static func parse(_ bytes: [UInt8]) throws -> ModelFlavors {
        let root = try node(bytes)
        guard let flavors = root["flavors"]?.mapping else {
            throw MartletError.invalid("The MLmodel file names no flavors.")
        }
        let names = flavors.keys.compactMap(\.string).sorted()
        let onnx = flavors["onnx"].map { $0["data"]?.string ?? "model.onnx" }
        return ModelFlavors(
            names: names, onnxPath: onnx, isSklearn: flavors["sklearn"] != nil,
            isPyfunc: flavors["python_function"] != nil,
            columns: try columns(root["signature"]?["inputs"]?.string),
            layout: try layout(root["metadata"]?["martlet"]?.string))
    }

    static func node(_ bytes: [UInt8]) throws -> Node {
        do {
            guard let node = try Yams.compose(yaml: String(decoding: bytes, as: UTF8.self)) else {
                throw MartletError.invalid("The MLmodel file is empty.")
            }
            return node
        } catch let error as YamlError {
            throw MartletError(.invalidArgument, "The MLmodel file is not YAML.", cause: error)
        }
    }

    /// As `OnnxMLmodel` writes it: JSON inside YAML, like the signature.
    private static func layout(_ text: String?) throws -> ServableLayout? {
        guard let text else { return nil }
        do {
            return try JSONDecoder().decode(ServableLayout.self, from: Data(text.utf8))
        } catch {
            throw MartletError(
                .invalidArgument, "The MLmodel file's metadata “martlet” is not a layout of inputs and outputs.",
                cause: error)
        }
    }

    /// A signature's inputs are JSON inside YAML.
    private static func columns(_ text: String?) throws -> [ModelFlavors.Column] {
        guard let text else { return [] }
        do {
            let value = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
            return (value.arrayValue ?? []).map { input in
                ModelFlavors.Column(
                    name: input["name"]?.stringValue,
                    type: input["tensor-spec"]?["dtype"]?.stringValue ?? input["type"]?.stringValue ?? "")
            }
        } catch {
            throw MartletError(.invalidArgument, "The MLmodel file's signature is not JSON.", cause: error)
        }
    }
}
