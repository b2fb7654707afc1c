import Domain

/// What came of making a version servable.
struct PreparationFacts {
    var preparation: VersionPreparation

    func html(now: Timestamp) -> HTML {
        var facts = Facts()
        facts.add("State", Badge(preparation.state).html)
        facts.add("What was done", text: preparation.detail)
        facts.add("When", TimeText.ago(preparation.preparedAt, now: now))
        facts.add("Runtime", text: preparation.runtime)
        if let parity = preparation.parity {
            facts.add(
                "Parity with the original",
                text: "\(NumberText.counted(parity.rows, "row")): largest difference "
                    + "\(NumberText.significant(parity.maxAbsoluteDifference, figures: 3)), "
                    + NumberText.counted(parity.labelMismatches, "label mismatch", "label mismatches"))
            facts.add("Converted by", text: parity.tool)
        }
        facts.add(
            "Golden request", text: preparation.goldenRequest == nil ? "none recorded" : "recorded with its answer")
        if let servable = preparation.servable { facts.add("ONNX digest", Reference.digest(servable.digest)) }
        return .group([facts.html, specs])
    }

    private var specs: HTML {
        let rows = preparation.inputs.map { ("input", $0) } + preparation.outputs.map { ("output", $0) }
        guard !rows.isEmpty else { return .empty }
        return details {
            summary(text: "Inputs and outputs (\(rows.count))")
            DataTable(
                caption: "Inputs and outputs of the model",
                columns: [.init("Name"), .init("Kind"), .init("Type"), .init("Shape")],
                rows: rows.map { kind, spec in
                    [
                        bdi(text: spec.name), .text(kind), code(text: spec.datatype.rawValue),
                        code(text: "[" + spec.shape.map { $0 < 0 ? "any" : String($0) }.joined(separator: ", ") + "]"),
                    ]
                }
            ).html
        }
    }
}
