internal import Domain
internal import Foundation

/// The folder of a model repository, `<model>/<version>/model.onnx`, or of one model alone, `<version>/model.onnx` or `model.onnx`.
///
/// Reads nothing that lies outside it: whatever a link leads to must be inside, too.
struct RepositoryFolder: Sendable {
    /// Folders that are taken for models; more are a mistake.
    static let modelsMax = 100_000
    /// Versions that lie in one model's folder.
    static let versionsMax = 10_000
    /// Files of one version: weights in parts.
    static let filesMax = 10_000
    /// Bytes of one version.
    static let versionBytesMax: Int64 = 64 << 30
    static let configurationBytesMax = 1 << 20
    static let configurationFile = "config.pbtxt"

    /// Resolved.
    let root: String
    /// The one model's name; nil where each folder is a model.
    let modelName: String?

    /// - Throws: `invalidArgument` naming the setting, where there is no such folder or no name for what lies in it.
    init(path: String, modelName: String?) throws(MartletError) {
        guard let root = Self.resolved(path), Self.status(root).map(Self.isFolder) == true else {
            throw .invalid("There is no folder \(path).", field: "model-repository")
        }
        if let modelName, !Self.isName(modelName) {
            throw .invalid("“\(modelName)” is no name of a model.", field: "model-name")
        }
        self.root = root
        self.modelName = modelName
        guard modelName == nil, Self.status(root + "/" + ModelConfiguration.defaultFileName) != nil else { return }
        throw .invalid(
            "\(path) holds \(ModelConfiguration.defaultFileName) itself, and no folder that names the model: give --model-name.",
            field: "model-name")
    }

    /// The names of the models, ascending.
    ///
    /// - Throws: `unavailable` if the folder cannot be read.
    func names() throws(MartletError) -> [String] {
        if let modelName { return [modelName] }
        let names = try entries(root).filter { name in
            Self.isName(name) && Self.status(root + "/" + name).map(Self.isFolder) == true
        }
        guard names.count <= Self.modelsMax else {
            throw MartletError(
                .unavailable, "\(root) holds \(names.count) folders; at most \(Self.modelsMax) models are served.")
        }
        return names.sorted()
    }

    /// - Throws: `notFound` if there is no such model; `failedPrecondition` for links that lead out; `unavailable`.
    func model(_ name: String) throws(MartletError) -> ModelFolder {
        guard Self.isName(name), modelName == nil || modelName == name else { throw Self.unknown(name) }
        let path = try folder(of: name)
        var versions: [Int: String] = [:]
        for entry in try entries(path) {
            guard let number = Self.version(entry), Self.status(path + "/" + entry).map(Self.isFolder) == true else {
                continue
            }
            versions[number] = try inside(path + "/" + entry)
        }
        guard versions.count <= Self.versionsMax else {
            throw .precondition("It has \(versions.count) versions; at most \(Self.versionsMax) may lie there.")
        }
        // KServe lays a model's file beside nothing.
        if modelName != nil, versions.isEmpty { versions[1] = path }
        return ModelFolder(
            model: name, path: path, configuration: try file(path + "/" + Self.configurationFile).map(FileStamp.init),
            versions: versions)
    }

    /// The files of one version.
    ///
    /// - Throws: `failedPrecondition`, saying what is missing or too large.
    func version(_ number: Int, of model: ModelFolder, fileName: String) throws(MartletError) -> VersionFiles {
        guard let folder = model.versions[number] else { throw .precondition("There is no folder \(number) of it.") }
        var stamps: [String: FileStamp] = [:]
        for name in try entries(folder) where !name.hasPrefix(".") && name != Self.configurationFile {
            guard let status = try file(folder + "/" + name) else { continue }
            stamps[name] = FileStamp(status)
        }
        guard stamps.count <= Self.filesMax, stamps.values.reduce(0, { $0 + $1.bytes }) <= Self.versionBytesMax else {
            throw .precondition(
                "Its folder holds more than \(Self.filesMax) files or \(Self.versionBytesMax >> 30) GiB.")
        }
        guard stamps[fileName] != nil else { throw .precondition("There is no file \(fileName) in its folder.") }
        return VersionFiles(version: number, path: folder + "/" + fileName, stamps: stamps)
    }

    /// The contents of `config.pbtxt`; nil where there is none.
    ///
    /// - Throws: `failedPrecondition`.
    func configuration(of model: ModelFolder) throws(MartletError) -> [UInt8]? {
        guard model.configuration != nil else { return nil }
        let path = try inside(model.path + "/" + Self.configurationFile)
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw .precondition("Its \(Self.configurationFile) cannot be opened.")
        }
        do {
            let data = try file.read(upToCount: Self.configurationBytesMax + 1) ?? Data()
            try file.close()
            guard data.count <= Self.configurationBytesMax else {
                throw MartletError.precondition(
                    "Its \(Self.configurationFile) is longer than \(Self.configurationBytesMax) bytes.")
            }
            return Array(data)
        } catch let error as MartletError {
            throw error
        } catch {
            throw MartletError(.failedPrecondition, "Its \(Self.configurationFile) cannot be read.", cause: error)
        }
    }

    // MARK: paths

    /// The folder itself may be the one model's, or hold a folder of its name.
    private func folder(of name: String) throws(MartletError) -> String {
        let below = root + "/" + name
        let isBelow = Self.status(below).map(Self.isFolder) == true
        guard modelName != nil else {
            guard isBelow else { throw Self.unknown(name) }
            return try inside(below)
        }
        let isHere = try entries(root).contains { entry in
            Self.version(entry) != nil || entry == ModelConfiguration.defaultFileName || entry == Self.configurationFile
        }
        return isBelow && !isHere ? try inside(below) : root
    }

    private static func unknown(_ name: String) -> MartletError {
        .notFound("There is no model \(name.prefix(255)) in the repository.")
    }

    /// The path without links.
    private func inside(_ path: String) throws(MartletError) -> String {
        guard let resolved = Self.resolved(path) else {
            throw .precondition("\(path) leads nowhere.")
        }
        guard resolved == root || resolved.hasPrefix(root == "/" ? root : root + "/") else {
            throw .precondition("\(path) is a link that leads out of the repository.")
        }
        return resolved
    }

    /// A plain file inside; nil where there is none of the name.
    private func file(_ path: String) throws(MartletError) -> stat? {
        guard let status = Self.status(path), status.st_mode & S_IFMT == S_IFREG else { return nil }
        _ = try inside(path)
        return status
    }

    private func entries(_ path: String) throws(MartletError) -> [String] {
        do { return try FileManager.default.contentsOfDirectory(atPath: path) } catch {
            throw MartletError(.unavailable, "\(path) cannot be read.", cause: error)
        }
    }

    private static func resolved(_ path: String) -> String? {
        guard let text = realpath(path, nil) else { return nil }
        defer { free(text) }
        return String(validatingCString: text)
    }

    private static func status(_ path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }

    private static func isFolder(_ status: stat) -> Bool { status.st_mode & S_IFMT == S_IFDIR }

    /// Whether a folder's name can be a model's: not what is hidden, and nothing that could forge a line of a log.
    static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 255 && !name.hasPrefix(".") && !name.contains("/")
            && !name.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }

    /// As Triton has it: a number without a leading zero; other folders are nobody's versions.
    static func version(_ name: String) -> Int? {
        guard (1...9).contains(name.utf8.count), name.utf8.first != UInt8(ascii: "0"),
            name.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int(name)
    }
}
