/// Media types by file name extension; anything unknown is bytes. Nothing is sent as HTML: artifacts are not our pages.
enum ContentType {
    static func of(_ name: String) -> String {
        let kind = name.split(separator: ".").last?.lowercased() ?? ""
        if ["mlmodel", "mlproject"].contains(name.lowercased()) { return "text/plain" }
        switch kind {
        case "txt", "log", "yaml", "yml", "py", "md", "cfg", "toml", "ini", "html", "js", "css", "svg", "xml":
            return "text/plain"
        case "csv": return "text/csv"
        case "json": return "application/json"
        case "png": return "image/png"
        case "jpg", "jpeg": return "image/jpeg"
        case "gif": return "image/gif"
        case "pdf": return "application/pdf"
        default: return "application/octet-stream"
        }
    }
}

/// `Content-Disposition` with a name that cannot break out of its quotes.
enum ContentDisposition {
    static func attachment(_ name: String) -> String {
        let isSimple = name.utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        // A token of RFC 9110 goes without quotes, as MLflow's server writes it.
        let isToken = name.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || "!#$&+-.^_`|~".utf8.contains(byte)
        }
        if isToken { return "attachment; filename=\(name)" }
        if isSimple { return "attachment; filename=\"\(name)\"" }
        let encoded = name.utf8.map { byte -> String in
            let isPlain =
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 46
            if isPlain { return String(UnicodeScalar(byte)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count < 2 ? "0" : "") + digits
        }
        return "attachment; filename*=UTF-8''" + encoded.joined()
    }
}
