internal import Foundation

/// Which region a person works in, as AWS's own tools find it.
enum AWSRegion {
    /// `AWS_REGION`, `AWS_DEFAULT_REGION`, then the profile in the configuration file; nil if none of them says.
    static func find(_ environment: [String: String]) -> String? {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let region = value("AWS_REGION") ?? value("AWS_DEFAULT_REGION") { return region }
        let file = value("AWS_CONFIG_FILE") ?? (value("HOME") ?? "/root") + "/.aws/config"
        guard let data = FileManager.default.contents(atPath: file) else { return nil }
        let profile = value("AWS_PROFILE") ?? "default"
        let section = profile == "default" ? profile : "profile " + profile
        return INIFile.section(section, of: String(decoding: data, as: UTF8.self))["region"]
    }
}
