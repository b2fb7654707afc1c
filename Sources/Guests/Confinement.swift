internal import Glibc
internal import Subprocess
internal import SystemPackage

/// What this machine allows for confining a guest; found out once by trying.
struct Confinement: Sendable, Hashable {
    /// Whether the server is root, so that guests get a user of their own.
    var isRoot: Bool
    /// Whether process, mount and IPC namespaces can be made (as root, or inside a user namespace).
    var hasNamespaces: Bool
    /// Whether the network can be taken away.
    var hasNetworkNamespace: Bool
    /// Whether a guest that has the server's own user can be kept from writing to what is this user's.
    var isSealable = false

    /// Whether others' code may run under it: with a user of its own, or with all but its folder read-only.
    var sufficesForOthersCode: Bool { isRoot || (hasNamespaces && isSealable) }

    /// Tries what there is.
    static func probe() async -> Confinement {
        let isRoot = geteuid() == 0
        var found = Confinement(isRoot: isRoot, hasNamespaces: false, hasNetworkNamespace: false)
        found.hasNamespaces = await succeeds(
            unshare(isRoot: isRoot, network: false) + ["mount", "-t", "tmpfs", "none", "/mnt"])
        if found.hasNamespaces {
            found.hasNetworkNamespace = await succeeds(unshare(isRoot: isRoot, network: true) + ["true"])
        }
        if found.hasNamespaces, !isRoot {
            found.isSealable = await succeeds(
                unshare(isRoot: false, network: false) + ["/bin/sh", "-ec", GuestLaunch.sealing])
        }
        return found
    }

    /// The words that put a command into namespaces of its own. Killing this process kills all that is inside.
    static func unshare(isRoot: Bool, network: Bool, endsWithServer: Bool = false) -> [String] {
        // A user namespace comes first and without a fork: entering it clears the signal at the parent's death.
        var words = isRoot ? [] : ["unshare", "--user", "--map-root-user", "--"]
        if endsWithServer { words += ["setpriv", "--pdeathsig", "KILL", "--"] }
        words += ["unshare", "--fork", "--kill-child=KILL", "--pid", "--mount", "--ipc"]
        if network { words.append("--net") }
        return words + ["--"]
    }

    /// As a sentence for people.
    func sentence(userID: UInt32?, network: Bool) -> String {
        var parts: [String] = []
        if let userID { parts.append("as user \(userID)") }
        if hasNamespaces { parts.append(isRoot ? "in namespaces of its own" : "in a user namespace") }
        parts.append(
            network
                ? "with network"
                : hasNetworkNamespace ? "without network" : "with network (the machine cannot take it away)")
        parts.append("without new privileges, with limits")
        return parts.joined(separator: ", ")
    }

    private static func succeeds(_ words: [String]) async -> Bool {
        // Not being able to start it is an answer too: no.
        let result = try? await Subprocess.run(
            .name(words[0]), arguments: Arguments(Array(words.dropFirst())), output: .discarded, error: .discarded)
        return result?.terminationStatus.isSuccess ?? false
    }
}
