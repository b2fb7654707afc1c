import Domain
import Testing
import Wire

@Suite("The MLmodel file that the server writes")
struct OnnxMLmodelTests {
    private let source = Array(
        """
        flavors:
          sklearn: {pickled_model: model.pkl}
        model_id: m-1
        signature:
          inputs: '[{"type": "double", "name": "heat: \\"é\\""}, {"type": "string", "name": "kind"}]'
          outputs: '[{"type": "long"}]'
        """.utf8)

    @Test("it reads back with the layout, the signature of its source, and ONNX as its one flavour")
    func readsBack() throws {
        let layout = ServableLayout(
            columns: [
                FeatureColumn(name: "heat: \"é\"", input: "heat", index: 0, kind: .numeric),
                FeatureColumn(name: "kind", input: "kind", index: 0, kind: .categorical),
            ], predictionOutput: "label", scoreOutput: "probabilities", classes: ["fails: #1", "holds 'on'"])
        let text = try OnnxMLmodel.text(source: source, layout: layout, now: Timestamp(milliseconds: 0))
        let flavors = try MLmodelDocument.parse(Array(text.utf8))
        #expect(flavors.layout == layout)
        let before = try MLmodelDocument.parse(source)
        #expect(flavors.columns == before.columns && flavors.columns.count == 2)
        #expect(flavors.onnxPath == "model.onnx" && !flavors.isSklearn)
        #expect(flavors.names == ["onnx", "python_function"])
        #expect(!text.contains("m-1"))
    }

    @Test("a client's file has no layout, and one that is not ours is refused")
    func others() throws {
        #expect(try MLmodelDocument.parse(source).layout == nil)
        let wrong = Array("flavors: {onnx: {data: m.onnx}}\nmetadata: {martlet: '{\"columns\": 3}'}\n".utf8)
        #expect(throws: MartletError.self) { try MLmodelDocument.parse(wrong) }
        let foreign = Array("flavors: {onnx: {data: m.onnx}}\nmetadata: {team: a}\n".utf8)
        #expect(try MLmodelDocument.parse(foreign).layout == nil)
    }
}
