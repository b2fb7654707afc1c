public import Domain

extension InferenceResponse {
    /// What an answer says of itself besides the prediction's id, as the protocol's parameters; mostly nothing.
    ///
    /// A parameter is text, a number or a truth value, so what is more is JSON in a text.
    public var parameters: [(name: String, value: String)] {
        guard !inputFlags.isEmpty || fallback != nil else { return [] }
        var parameters: [(name: String, value: String)] = []
        if !inputFlags.isEmpty { parameters.append(("input_flags", Self.text(inputFlags))) }
        if let fallback {
            parameters.append(("fallback_reason", fallback.reason.rawValue))
            parameters.append(("served_by", fallback.servedBy.rawValue))
        }
        return parameters
    }

    /// `[{"feature":"age","reason":"above_maximum","outcome":"clipped","rows":2,"first_row":0}]`
    private static func text(_ flags: [InputFlag]) -> String {
        var writer = JSONWriter()
        writer.list(flags.prefix(InputFlag.toldMax)) { writer, flag in
            writer.raw("{\"feature\":")
            writer.string(flag.feature)
            writer.raw(",\"reason\":")
            writer.string(flag.reason.rawValue)
            writer.raw(",\"outcome\":")
            writer.string(flag.outcome.rawValue)
            writer.raw(",\"rows\":")
            writer.integer(flag.rows)
            writer.raw(",\"first_row\":")
            writer.integer(flag.firstRow)
            writer.raw("}")
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
