internal import Domain
internal import Glibc

/// The command line that confines a guest: namespaces, hidden folders, limits, user, and then the guest itself.
///
/// Everything is done by util-linux (`unshare`, `prlimit`, `setpriv`), which every Debian has, so that no code of ours runs
/// between fork and exec.
struct GuestLaunch {
    /// Makes every mount that can be reached read-only but the folder in $folder, /proc, which is mounted anew, and /dev/shm, which becomes
    /// the guest's own. Flags that a mount has are repeated: a user namespace may not take them away.
    static let sealing = """
        mount -t tmpfs -o mode=1777,size=64m tmpfs /dev/shm
        [ ! -d /sys/fs/cgroup ] || mount -t tmpfs -o ro,size=4k tmpfs /sys/fs/cgroup
        while read -r _ _ _ _ point flags _; do
            case "$point" in /proc|/proc/*|/dev/shm|/dev/shm/*|/sys/fs/cgroup/*) continue ;; esac
            case "$flags" in ro|ro,*) continue ;; esac
            point=$(printf %b "$point")
            [ "$point" != "$folder" ] && [ -e "$point" ] || continue
            mount -c -o "remount,bind,ro${flags#rw}" "$point" || { echo "$point cannot be made read-only" >&2; exit 125; }
        done < /proc/self/mountinfo
        """

    /// Runs inside the new namespaces, as their first process, before any right is dropped.
    ///
    /// Arguments: how many paths; they, outer ones first, each after a letter: `h` hides it, `c` covers a folder by an empty one in which
    /// only paths further on are seen, `s` shows one there; the guest's own folder; 1 where all else is to be read-only; the command.
    /// Meanwhile what is to be shown is held on /sys, which is in nobody's way.
    static let script = """
        set -e
        umask 022
        n=$1; shift; paths=$n
        while [ "$n" -gt 0 ]; do eval "path$n=\\$1"; shift; n=$((n - 1)); done
        folder=$1; sealed=$2; shift 2
        mount -t tmpfs -o mode=0700 tmpfs /sys
        n=$paths
        while [ "$n" -gt 0 ]; do
            eval "path=\\${path$n#?} act=\\${path$n%%/*}"
            if [ "$act" = s ]; then
                if [ -d "$path" ]; then mkdir "/sys/$n"; else : > "/sys/$n"; fi
                mount --rbind "$path" "/sys/$n"
            fi
            n=$((n - 1))
        done
        n=$paths
        while [ "$n" -gt 0 ]; do
            eval "path=\\${path$n#?} act=\\${path$n%%/*}"
            if [ "$act" = s ]; then
                if [ -d "/sys/$n" ]; then mkdir -p "$path"
                elif [ ! -e "$path" ]; then mkdir -p "${path%/*}"; : > "$path"; fi
                mount --rbind "/sys/$n" "$path"
            elif [ "$act" = c ]; then
                [ ! -d "$path" ] || mount -t tmpfs -o mode=0755,size=1m tmpfs "$path"
            elif [ -d "$path" ]; then mount -t tmpfs -o ro,size=4k,mode=0700 tmpfs "$path"
            elif [ -e "$path" ]; then mount --bind /dev/null "$path"; fi
            n=$((n - 1))
        done
        umount -l /sys
        if [ "$sealed" = 1 ]; then
        \(sealing)
        fi
        mount -t proc proc /proc 2>/dev/null || :
        cd "$folder"
        set +e
        "$@"
        exit $?
        """

    /// What every guest needs, so that it is never hidden as a whole, whatever lies in it.
    private static let neededFolders: Set = [
        "/", "/bin", "/dev", "/etc", "/home", "/lib", "/lib64", "/opt", "/proc", "/run", "/sbin", "/sys", "/usr",
        "/usr/bin", "/usr/lib", "/usr/local", "/usr/sbin", "/var",
    ]

    var confinement: Confinement
    /// The guest's user; nil keeps the server's.
    var userID: UInt32?
    var hiddenPaths: [String]
    /// The guest's own folder.
    var folder: String
    /// Where the folders of all guests are; nobody's but its own is seen.
    var workFolder: String
    /// Whether the kernel ends it with the server; the thread that starts it must then live as long as the server.
    var endsWithServer: Bool

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
        // Without namespaces there is no process around the guest that could end with the server instead of it.
        if endsWithServer, !confinement.hasNamespaces { rights += ["--pdeathsig", "KILL"] }
        let program = limited + rights + ["--", command.executable] + command.arguments
        guard confinement.hasNamespaces else { return program }
        let network = confinement.hasNetworkNamespace && !command.mayUseNetwork
        // A program is often a link to one elsewhere, with a library of its own.
        let executable = Self.real(command.executable)
        let needed = Set(
            command.readablePaths + SklearnConverter.readablePaths(python: executable)
                + [command.executable, executable, "/run/systemd/resolve"]
        ).subtracting(Self.neededFolders).filter { $0.hasPrefix("/") && Glibc.access($0, F_OK) == 0 }
        var hidden: Set<String> = Set(hiddenPaths + hiddenPaths.map(Self.real)).subtracting(Self.neededFolders)
        var closed: Set<String> = [workFolder]
        if confinement.isRoot {
            closed.formUnion(needed.compactMap { Self.closedFolder(above: $0) })
        } else {
            // Sockets of the user's other services are there, and a mount that is read-only keeps nobody from speaking to them.
            closed.insert("/run")
        }
        // Covered, rather than hidden, is what holds something that the guest needs.
        closed.formUnion(
            hidden.filter { folder in needed.union([self.folder]).contains { Self.isInside($0, folder) } }
        )
        hidden.subtract(closed)
        let kept = needed.filter { path in closed.contains { Self.isInside(path, $0) } }.union([folder])
            .subtracting(hidden).subtracting(closed)
        let acts: [(String, String)] =
            hidden.map { ("h", $0) } + closed.map { ("c", $0) } + kept.map { ("s", $0) }
        let paths: [String] = acts.sorted { $0.1 < $1.1 }.map { $0.0 + $0.1 }
        var words = Confinement.unshare(
            isRoot: confinement.isRoot, network: network, endsWithServer: endsWithServer)
        words += ["/bin/sh", "-c", Self.script, "martlet-guest", "\(paths.count)"] + paths
        return words + [folder, confinement.isSealable ? "1" : "0"] + program
    }

    private static func isInside(_ path: String, _ folder: String) -> Bool { path.hasPrefix(folder + "/") }

    /// Without links; what is not there as it was given.
    private static func real(_ path: String) -> String {
        guard path.hasPrefix("/"), let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

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
