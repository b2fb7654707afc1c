/// The files of one model, for an identity of all of them.
public enum ModelFileList {
    /// The text whose SHA-256 identifies a model of several files, in the form of `sha256sum`: two models that differ in their weights alone
    /// are two models.
    public static func text(_ files: [(name: String, digest: String)]) -> String {
        files.sorted { $0.name < $1.name }.map { "\($0.digest)  \($0.name)\n" }.joined()
    }
}
