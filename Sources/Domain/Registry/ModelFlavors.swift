/// What an `MLmodel` file says about how its model can be loaded.
public struct ModelFlavors: Sendable, Hashable {
    /// One column of the logged signature.
    public struct Column: Sendable, Hashable {
        /// nil for a tensor signature.
        public var name: String?
        /// MLflow's type: double, float, integer, long, boolean, string, …, or the tensor's NumPy type.
        public var type: String

        public init(name: String?, type: String) {
            self.name = name
            self.type = type
        }
    }

    /// Names of all flavours, ascending.
    public var names: [String]
    /// The ONNX flavour's file, relative to the version's folder; nil without that flavour.
    public var onnxPath: String?
    public var isSklearn: Bool
    /// Whether MLflow can load it as a `python_function`.
    public var isPyfunc: Bool
    /// The signature's inputs; empty where none was logged.
    public var columns: [Column]
    /// What the server itself wrote down of the model; nil in files that clients write.
    public var layout: ServableLayout?

    public init(
        names: [String], onnxPath: String?, isSklearn: Bool, isPyfunc: Bool, columns: [Column],
        layout: ServableLayout? = nil
    ) {
        self.names = names
        self.onnxPath = onnxPath
        self.isSklearn = isSklearn
        self.isPyfunc = isPyfunc
        self.columns = columns
        self.layout = layout
    }
}
