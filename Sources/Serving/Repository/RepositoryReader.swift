internal import Domain
internal import Logging

/// Looks at one model on disk and loads what is new of it. Pure but for the disk and the runtime: what comes of it is a value, and is
/// served, or not, by whoever asked.
struct RepositoryReader: Sendable {
    let folder: RepositoryFolder
    let codec: ModelConfigurationCodec
    let loader: VersionLoader
    let logger: Logger

    /// - Parameters:
    ///   - known: what is known of the model; a configuration that has not changed on disk is not read again.
    ///   - override: takes the place of the configuration on disk.
    /// - Throws: `notFound`; `failedPrecondition` for a configuration that is wrong.
    func look(
        at name: String, known: RepositorySight?, override: ModelConfiguration? = nil
    ) throws(MartletError) -> RepositorySight {
        let model = try folder.model(name)
        let configuration: ModelConfiguration
        if let override {
            configuration = override
        } else if let known, known.folder.configuration == model.configuration {
            configuration = known.configuration
        } else {
            configuration = try readConfiguration(of: model)
        }
        // A name that was given on the command line is meant.
        if let given = configuration.name, !given.isEmpty, given != name, folder.modelName == nil {
            throw .precondition("Its configuration has the name \"\(given.prefix(255))\", and its folder \"\(name)\".")
        }
        var (versions, missing): ([VersionFiles], [Int: String]) = ([], [:])
        for number in configuration.versionPolicy.chosen(from: Array(model.versions.keys)) {
            do {
                versions.append(try folder.version(number, of: model, fileName: configuration.fileName))
            } catch { missing[number] = error.message }
        }
        return RepositorySight(
            folder: model, configuration: configuration,
            isOverridden: override != nil || (known?.isOverridden == true && configuration == known?.configuration),
            versions: versions, missing: missing)
    }

    private func readConfiguration(of model: ModelFolder) throws(MartletError) -> ModelConfiguration {
        guard let bytes = try folder.configuration(of: model) else { return ModelConfiguration() }
        do {
            let configuration = try codec.text(bytes)
            for note in configuration.notes {
                logger.notice(
                    "\(RepositoryFolder.configurationFile)", metadata: ["model": "\(model.model)", "note": "\(note)"])
            }
            return configuration
        } catch {
            throw MartletError(
                .failedPrecondition, "\(RepositoryFolder.configurationFile):\(error.message)", cause: error)
        }
    }

    /// The model as it is to be served by what was seen: every version that the configuration chooses, or, where one of them cannot be
    /// loaded, what was served before beside those that can.
    func load(_ sight: RepositorySight, over present: RepositoryModel?) -> RepositoryModel {
        var model = RepositoryModel(seen: sight)
        for files in sight.versions {
            if let known = present?.served[files.version], known.files == files,
                known.configuration == sight.configuration
            {
                model.served[files.version] = known
                continue
            }
            do {
                let loaded = try loader.load(files, of: sight.folder, sight.configuration)
                model.served[files.version] = RepositoryModel.Served(
                    model: loaded, files: files, configuration: sight.configuration)
            } catch { model.failures[files.version] = error }
        }
        for (version, reason) in sight.missing { model.failures[version] = .precondition(reason) }
        if sight.versions.isEmpty, sight.missing.isEmpty {
            model.failures[0] = .precondition(
                "There is no version of it: a folder 1 with \(sight.configuration.fileName).")
        }
        if !model.failures.isEmpty, let present {
            model.served.merge(present.served) { new, _ in new }
        }
        return model
    }
}
