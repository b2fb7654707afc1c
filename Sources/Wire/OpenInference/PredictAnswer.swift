public import Domain

/// Writes the answers of the v1 protocol.
public enum PredictAnswer {
    /// `{"predictions": […]}`, an element a row, nested as the output's shape is. A row of one value is that value.
    ///
    /// - Throws: where the output cannot be written as JSON, naming it.
    public static func encode(_ output: NamedTensor) throws(MartletError) -> [UInt8] {
        var shape = output.tensor.shape
        while shape.count > 1, shape.last == 1 { shape.removeLast() }
        var writer = JSONWriter()
        writer.raw("{\"predictions\":")
        // A value without rows is one row.
        try OpenInferenceAnswer.encodeData(output, nestedAs: shape.isEmpty ? [1] : shape, &writer)
        writer.raw("}")
        return writer.bytes
    }
}
