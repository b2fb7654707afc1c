internal import Domain
internal import Glibc

/// The command line that confines a guest: namespaces, hidden folders, limits, user, and then the guest itself.
///
/// Everything is done by util-linux (`unshare`, `prlimit`, `setpriv`), which every Debian has, so that no code of ours runs
/// between fork and exec.
struct GuestLaunch {
    /// Runs inside the new namespaces, as their first process, before any right is dropped.
    ///
    /// Arguments: number of hidden folders, they; number of closed folders to open up, they; number of paths to keep, they;
    /// a staging folder; the command. A closed folder is covered by an empty one in which only the paths to keep are seen.
    static let script = """
        set -e
        n=$1; shift
        while [ "$n" -gt 0 ]; do
            [ ! -d "$1" ] || mount -t tmpfs -o ro,size=4k,mode=0700 tmpfs "$1"
            shift; n=$((n - 1))
        done
        n=$1; shift; closed=$n
        while [ "$n" -gt 0 ]; do eval "closed$n=\\$1"; shift; n=$((n - 1)); done
        n=$1; shift; kept=$n
        while [ "$n" -gt 0 ]; do eval "kept$n=\\$1"; shift; n=$((n - 1)); done
        stage=$1; shift
        if [ "$closed" -gt 0 ]; then
            mount -t tmpfs -o mode=0700 tmpfs "$stage"
            n=$kept
            while [ "$n" -gt 0 ]; do
                eval "path=\\$kept$n"
                if [ -d "$path" ]; then mkdir "$stage/$n"; else : > "$stage/$n"; fi
                mount --bind "$path" "$stage/$n"
                n=$((n - 1))
            done
            n=$closed
            while [ "$n" -gt 0 ]; do eval "path=\\$closed$n"; mount -t tmpfs -o mode=0755 tmpfs "$path"; n=$((n - 1)); done
            n=$kept
            while [ "$n" -gt 0 ]; do
                eval "path=\\$kept$n"
                if [ -d "$stage/$n" ]; then mkdir -p "$path"; else mkdir -p "${path%/*}"; : > "$path"; fi
                mount --bind "$stage/$n" "$path"
                n=$((n - 1))
            done
            umount -l "$stage"
        fi
        mount -t proc proc /proc 2>/dev/null || :
        set +e
        "$@"
        exit $?
        """

    var confinement: Confinement
    /// The guest's user; nil keeps the server's.
    var userID: UInt32?
    var hiddenPaths: [String]
    /// An empty folder to mount on while paths are moved.
    var stage: String

    /// The whole command line for `command`.
    func words(for command: GuestCommand) -> [String] {
        let limits = command.limits
        let limited = [
            "prlimit", "--core=0", "--as=\(limits.memoryBytesMax)", "--cpu=\(limits.cpuSeconds)",
            "--nproc=\(limits.processesMax)", "--fsize=\(limits.fileBytesMax)", "--nofile=\(limits.openFilesMax)", "--",
        ]
        var rights = ["setpriv", "--no-new-privs"]
        if confinement.isRoot || confinement.hasNamespaces { rights += ["--inh-caps=-all", "--bounding-set=-all"] }
        if let userID { rights += ["--reuid", "\(userID)", "--regid", "\(userID)", "--clear-groups"] }
        let program = limited + rights + ["--", command.executable] + command.arguments
        guard confinement.hasNamespaces else { return program }
        let network = confinement.hasNetworkNamespace && !command.mayUseNetwork
        let kept = command.readablePaths.filter { Self.closedFolder(above: $0) != nil }
        let closed = confinement.isRoot ? Set(kept.compactMap { Self.closedFolder(above: $0) }).sorted() : []
        return Confinement.unshare(isRoot: confinement.isRoot, network: network)
            + ["/bin/sh", "-c", Self.script, "martlet-guest"]
            + Self.counted(hiddenPaths) + Self.counted(closed) + Self.counted(closed.isEmpty ? [] : kept)
            + [stage] + program
    }

    private static func counted(_ words: [String]) -> [String] { ["\(words.count)"] + words }

    /// The topmost folder above `path` that other users may not pass through; nil if they can reach it.
    static func closedFolder(above path: String) -> String? {
        var prefix = ""
        for part in path.split(separator: "/").dropLast() {
            prefix += "/" + part
            var status = stat()
            guard stat(prefix, &status) == 0 else { return nil }
            if status.st_mode & S_IXOTH == 0 { return prefix }
        }
        return nil
    }
}
