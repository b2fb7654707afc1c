internal import Domain

/// A guest with all that it needs to be started: its user, its filled folder, its command line and its environment.
struct StagedGuest: Sendable {
    /// Guests run no shell start-up files and find only the system's programs by name.
    static let path = "/usr/local/bin:/usr/bin:/bin"

    let userID: UInt32?
    let folder: GuestFolder
    let words: [String]
    let environment: [String: String]
    /// Where the user's id was taken from; nil where the configuration gives it.
    private let userIDs: GuestUserIDs?

    /// - Throws: `internal` if its folder cannot be made.
    init(
        _ command: GuestCommand, confinement: Confinement, _ configuration: GuestConfiguration, _ userIDs: GuestUserIDs,
        endsWithServer: Bool = false
    ) throws {
        let isOwn = confinement.isRoot && configuration.userID == nil
        userID = confinement.isRoot ? configuration.userID ?? userIDs.take(workFolder: configuration.workFolder) : nil
        self.userIDs = isOwn ? userIDs : nil
        do {
            folder = try GuestFolder(in: configuration.workFolder, ownedBy: userID, inputs: command.inputs)
        } catch {
            if isOwn, let userID { userIDs.give(back: userID) }
            throw error
        }
        let launch = GuestLaunch(
            confinement: confinement, userID: userID, hiddenPaths: configuration.hiddenPaths, folder: folder.path,
            workFolder: configuration.workFolder, endsWithServer: endsWithServer)
        words = launch.words(for: command)
        let own = ["PATH": Self.path, "LANG": "C.UTF-8", "HOME": folder.path, "TMPDIR": folder.path]
        environment = command.environment.merging(own) { given, _ in given }
    }

    /// To be called once, when no process of the guest is left.
    func remove() {
        folder.remove()
        if let userID { userIDs?.give(back: userID) }
    }
}
