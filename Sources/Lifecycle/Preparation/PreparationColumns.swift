internal import Domain

/// Names a model's features: from the logged signature where it fits the runtime's own inputs, else from those.
enum PreparationColumns {
    /// More features than this are not watched one by one.
    static let columnsMax = 4096

    static func columns(signature: [ModelFlavors.Column], inputs: [TensorSpec]) -> [FeatureColumn] {
        let names = signature.compactMap(\.name)
        if inputs.count == 1, let input = inputs.first, input.shape.count == 2, input.shape[1] != 1 {
            let width = input.shape[1] > 0 ? input.shape[1] : names.count
            guard width <= columnsMax else { return [] }
            return (0..<width).map { index in
                FeatureColumn(
                    name: names.count == width ? names[index] : "\(input.name)[\(index)]", input: input.name,
                    index: index, kind: kind(input))
            }
        }
        return inputs.prefix(columnsMax).filter { $0.shape.dropFirst().allSatisfy { $0 == 1 } }.map {
            FeatureColumn(name: $0.name, input: $0.name, index: 0, kind: kind($0))
        }
    }

    private static func kind(_ input: TensorSpec) -> FeatureColumn.Kind {
        input.datatype == .bytes || input.datatype == .bool ? .categorical : .numeric
    }
}
