internal import Foundation

/// Looks into the file of an ONNX model (onnx.proto: ModelProto, GraphProto, NodeProto), without making objects of it.
enum OnnxGraph {
    /// Operators whose work and whose outputs' sizes follow from the sizes of their inputs, whatever the values are. Loops, conditions,
    /// and what makes as many elements as an input says are not among them, nor is what reads text by patterns.
    private static let boundedOperators: Set<String> = [
        // ai.onnx.ml
        "ArrayFeatureExtractor", "Binarizer", "CastMap", "FeatureVectorizer", "Imputer", "LabelEncoder",
        "LinearClassifier",
        "LinearRegressor", "Normalizer", "OneHotEncoder", "SVMClassifier", "SVMRegressor", "Scaler",
        "TreeEnsemble", "TreeEnsembleClassifier", "TreeEnsembleRegressor", "ZipMap",
        // ai.onnx
        "Abs", "Add", "And", "ArgMax", "ArgMin", "AveragePool", "BatchNormalization", "Cast", "Ceil", "Clip", "Concat",
        "Constant", "Conv", "Div", "Elu", "Equal", "Erf", "Exp", "Flatten", "Floor", "Gather", "Gelu", "Gemm",
        "GlobalAveragePool", "GlobalMaxPool", "Greater", "GreaterOrEqual", "HardSigmoid", "Identity", "IsInf", "IsNaN",
        "LayerNormalization", "LeakyRelu", "Less", "LessOrEqual", "Log", "LogSoftmax", "MatMul", "Max", "MaxPool",
        "Mean",
        "Min", "Mul", "Neg", "Not", "Or", "PRelu", "Pow", "Reciprocal", "ReduceL1", "ReduceL2", "ReduceMax",
        "ReduceMean",
        "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare", "Relu", "Reshape", "Round", "Selu", "Shape",
        "Sigmoid",
        "Sign", "Slice", "Softmax", "Softplus", "Split", "Sqrt", "Squeeze", "Sub", "Sum", "Tanh", "TopK", "Transpose",
        "Unsqueeze", "Where", "Xor",
    ]

    /// Whether the work of a run follows from the shapes of its inputs alone; false for a file that cannot be read.
    static func isWorkBoundByShapes(path: String) -> Bool {
        guard let data = try? Data(contentsOf: URL(filePath: path), options: .mappedIfSafe) else { return false }
        return data.withUnsafeBytes { isWorkBoundByShapes($0) }
    }

    static func isWorkBoundByShapes(_ model: UnsafeRawBufferPointer) -> Bool {
        var graphs = 0
        let isReadable = ProtobufFields.each(model) { field, value in
            switch field {
            case 7:
                graphs += 1
                return isGraphBound(value)
            // Functions of the model's own have graphs of their own.
            case 25: return false
            default: return true
            }
        }
        return isReadable && graphs == 1
    }

    /// Names of the tensors that hold places in others, which are small numbers: what ArgMax and ArgMin give.
    static func places(path: String) -> Set<String> {
        guard let data = try? Data(contentsOf: URL(filePath: path), options: .mappedIfSafe) else { return [] }
        var names: Set<String> = []
        let isReadable = data.withUnsafeBytes { model in
            ProtobufFields.each(model) { field, graph in
                field != 7
                    || ProtobufFields.each(graph) { field, node in
                        guard field == 1 else { return true }
                        var (kind, outputs) = ("", [String]())
                        let isReadable = ProtobufFields.each(node) { field, value in
                            if field == 2 { outputs.append(String(decoding: value, as: UTF8.self)) }
                            if field == 4 { kind = String(decoding: value, as: UTF8.self) }
                            return true
                        }
                        if kind == "ArgMax" || kind == "ArgMin" { names.formUnion(outputs) }
                        return isReadable
                    }
            }
        }
        return isReadable ? names : []
    }

    private static func isGraphBound(_ graph: UnsafeRawBufferPointer) -> Bool {
        ProtobufFields.each(graph) { field, node in
            guard field == 1 else { return true }
            var name = ""
            let isReadable = ProtobufFields.each(node) { field, value in
                if field == 4 { name = String(decoding: value, as: UTF8.self) }
                return true
            }
            return isReadable && boundedOperators.contains(name)
        }
    }
}

/// The fields of one Protocol Buffers message (protobuf.dev/programming-guides/encoding).
enum ProtobufFields {
    /// Calls with each field that holds bytes, until `body` returns false.
    ///
    /// - Returns: whether the message was read to its end.
    static func each(_ message: UnsafeRawBufferPointer, _ body: (UInt64, UnsafeRawBufferPointer) -> Bool) -> Bool {
        var place = 0
        while place < message.count {
            guard let key = integer(message, &place) else { return false }
            switch key & 7 {
            case 0: guard integer(message, &place) != nil else { return false }
            case 1: place += 8
            case 5: place += 4
            case 2:
                guard let count = integer(message, &place), count <= UInt64(message.count - place) else { return false }
                let end = place + Int(count)
                guard body(key >> 3, UnsafeRawBufferPointer(rebasing: message[place..<end])) else { return false }
                place = end
            default: return false
            }
        }
        return place == message.count
    }

    private static func integer(_ message: UnsafeRawBufferPointer, _ place: inout Int) -> UInt64? {
        var (value, shift) = (UInt64(0), UInt64(0))
        while place < message.count, shift < 64 {
            let byte = message[place]
            place += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        return nil
    }
}
