/// Name, element type and shape of one input or output.
public struct TensorSpec: Sendable, Hashable, Codable {
    public var name: String
    public var datatype: Datatype
    /// -1 is a dimension of any size.
    public var shape: [Int]

    public init(name: String, datatype: Datatype, shape: [Int]) {
        self.name = name
        self.datatype = datatype
        self.shape = shape
    }
}
