internal import ArgumentParser

/// Where the server keeps artifacts, and whether it encrypts what it keeps.
struct ArtifactServeOptions: ParsableArguments {
    @OptionGroup var store: ArtifactStoreOptions
    @Flag(help: "Clients may send and fetch large files at S3 itself, by URLs signed for one request.")
    var presignedUrls = false
    @Option(help: "Folder of model files in use, where artifacts are in S3 or encrypted (default: DATA-DIR/cache).")
    var cacheDir: String?
    @Option(help: "Mebibytes of that folder (default: 10240).") var cacheMebibytesMax: String?

    /// What was given as text, by the name of the setting.
    var texts: [(String, String?)] {
        store.texts + [("cache-dir", cacheDir), ("cache-mebibytes-max", cacheMebibytesMax)]
    }
}
