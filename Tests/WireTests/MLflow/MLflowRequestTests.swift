import Domain
import Testing
import Wire

@Suite("Fields of an MLflow call")
struct MLflowRequestTests {
    private func request(_ json: String) throws -> MLflowRequest { try MLflowRequest(body: Array(json.utf8)) }

    private func refused(_ call: () throws -> Void, _ message: String) {
        let error = #expect(throws: MartletError.self) { try call() }
        #expect(error?.code == .invalidArgument && error?.message.hasPrefix(message) == true, "\(error?.message ?? "")")
    }

    @Test("int64 comes as number or text, a double as number or as one of three words")
    func numbers() throws {
        let fields = try request(
            #"{"a": 5, "b": "5", "c": -9223372036854775808, "d": "NaN", "e": "Infinity", "f": "-Infinity", "g": 1e3, "h": "0.5"}"#
        )
        #expect(try fields.integer("a") == 5 && fields.integer("b") == 5 && fields.integer("c") == .min)
        #expect(try fields.double("d")?.isNaN == true)
        #expect(try fields.double("e") == .infinity && fields.double("f") == -.infinity)
        #expect(try fields.double("g") == 1000 && fields.double("h") == 0.5 && fields.double("a") == 5)
        #expect(try fields.integer("none") == nil && fields.double("none") == nil)
    }

    @Test(
        "absent and null are the same; an empty text is missing where one is required, and text where it may be empty")
    func absence() throws {
        let fields = try request(#"{"null": null, "empty": "", "unknown": {"deep": []}}"#)
        #expect(!fields.has("null") && fields.has("empty"))
        #expect(try fields.string("null") == nil && fields.requiredText("empty").isEmpty)
        #expect(try fields.strings("null").isEmpty && fields.objects("none").isEmpty && fields.bool("none") == nil)
        let missing =
            "Missing value for required parameter 'empty'. See the API docs for more information about request parameters."
        refused({ _ = try fields.required("empty") }, missing)
        refused({ _ = try fields.requiredText("null") }, missing.replacing("'empty'", with: "'null'"))
        #expect(try MLflowRequest(body: []).string("a") == nil)
    }

    @Test("a value of the wrong type is refused by name, and shown with its beginning")
    func types() throws {
        let fields = try request(
            #"{"a": 1.5, "b": "x", "c": {"k": 1}, "d": ["x", 1], "e": [{"key": "k"}, 2], "f": true, "g": 9223372036854775808}"#
        )
        refused(
            { _ = try fields.integer("a") }, "Invalid value 1.5 for parameter 'a' supplied: Hint: Value was of type")
        refused(
            { _ = try fields.integer("b") }, #"Invalid value "x" for parameter 'b' supplied: Hint: Value was of type"#)
        refused(
            { _ = try fields.double("b") }, #"Invalid value "x" for parameter 'b' supplied: Hint: Value was of type"#)
        refused(
            { _ = try fields.string("c") },
            #"Invalid value {"k":1} for parameter 'c' supplied: Hint: Value was of type"#)
        refused(
            { _ = try fields.strings("d") },
            #"Invalid value ["x",1] for parameter 'd' supplied: Hint: Value was of type"#)
        refused(
            { _ = try fields.objects("e") },
            #"Invalid value [{"key":"k"},2] for parameter 'e' supplied: Hint: Value was of type"#)
        refused(
            { _ = try fields.object("d") },
            #"Invalid value ["x",1] for parameter 'd' supplied: Hint: Value was of type"#)
        refused(
            { _ = try fields.string("f") }, "Invalid value true for parameter 'f' supplied: Hint: Value was of type")
        #expect(throws: MartletError.self) { try fields.integer("g") }
        let long = try request("{\"a\": \"\(String(repeating: "x", count: 5_000))\"}")
        let error = #expect(throws: MartletError.self) { try long.integer("a") }
        #expect((error?.message.count ?? 0) < 400)
    }

    @Test("in a query a repeated field is a list, a single one is both, and booleans are words")
    func query() throws {
        let fields = MLflowRequest(query: [
            ("order_by", "a"), ("order_by", "b"), ("filter", "x = 'y'"), ("archive", "true"), ("no", "False"),
        ])
        #expect(try fields.strings("order_by") == ["a", "b"] && fields.strings("filter") == ["x = 'y'"])
        #expect(try fields.bool("archive") == true && fields.bool("no") == false)
        #expect(throws: MartletError.self) { try fields.string("order_by") }
        #expect(try fields.adding("filter", "of the path").string("filter") == "of the path")
    }

    @Test("the place of a field within lists is named, and Protocol Buffers' camel case is understood")
    func places() throws {
        let fields = try request(#"{"metrics": [{"key": "a"}, {"key": 5}], "runId": "r", "dataset": {"name": 1}}"#)
        let metrics = try fields.objects("metrics")
        #expect(
            metrics[0].missing("timestamp").message.hasPrefix(
                "Missing value for required parameter 'metrics[0].timestamp'."))
        refused({ _ = try metrics[1].string("key") }, "Invalid value 5 for parameter 'metrics[1].key' supplied")
        refused({ _ = try fields.object("dataset")?.string("name") }, "Invalid value 1 for parameter 'dataset.name'")
        #expect(try fields.string("run_id") == "r")
    }

    @Test("an enumeration comes by name or by number")
    func enumerations() throws {
        let names: [Int64: String] = [1: "ONE", 2: "TWO"]
        let fields = try request(#"{"a": "TWO", "b": 1, "c": "2", "d": "THREE", "e": 3}"#)
        #expect(try fields.enumeration("a", names) == "TWO" && fields.enumeration("b", names) == "ONE")
        #expect(try fields.enumeration("c", names) == "TWO" && fields.enumeration("none", names) == nil)
        refused({ _ = try fields.enumeration("d", names) }, #"Invalid value "THREE" for parameter 'd' supplied"#)
        refused({ _ = try fields.enumeration("e", names) }, "Invalid value 3 for parameter 'e' supplied")
    }

    @Test("MLflow's own calls read what is no JSON as no fields, and an object within a string as the object")
    func tolerance() throws {
        for body in ["", "{", "null", "nonsense", "{}x"] {
            #expect(try !MLflowRequest(tolerating: Array(body.utf8)).has("a"), "\(body)")
        }
        #expect(try MLflowRequest(tolerating: Array(#""{\"a\": \"b\"}""#.utf8)).string("a") == "b")
        for body in ["[]", "1", #""x""#] {
            #expect(throws: MartletError.self) { try MLflowRequest(tolerating: Array(body.utf8)) }
        }
    }

    @Test(
        "a body that is no object is refused",
        arguments: ["[]", "null", "1", "\"x\"", "{", "{}x", "\u{FEFF}{}", "{\"a\":}"])
    func bodies(_ body: String) {
        #expect(throws: MartletError.self) { try request(body) }
    }
}
