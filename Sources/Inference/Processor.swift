internal import FoundationEssentials

/// The processor that this process runs on.
public enum Processor {
    /// The kind of processor, for example `AMD EPYC 7R13 Processor`; the architecture's name where the system does not tell.
    public static let identity: String = {
        guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return architecture }
        for line in text.split(separator: "\n") where line.hasPrefix("model name") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            return String(line[line.index(after: colon)...].drop(while: { $0 == " " }))
        }
        return architecture
    }()

    private static var architecture: String {
        #if arch(x86_64)
            "x86-64"
        #elseif arch(arm64)
            "arm64"
        #else
            "unknown processor"
        #endif
    }
}
