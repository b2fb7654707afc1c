internal import Domain
internal import Foundation
internal import Wire

/// A `martlet.yaml` on this machine.
struct PolicyFile {
    let path: String
    let text: String

    /// - Throws: `notFound` if it cannot be read, or `invalidArgument` if it is no UTF-8 text.
    init(path: String) throws {
        self.path = path
        let data: Data
        do {
            let handle = try FileHandle(forReadingFrom: URL(filePath: path))
            // One byte more than allowed, so that the parser can tell that it is too large.
            data = try handle.read(upToCount: PolicyDocument.bytesMax + 1) ?? Data()
            try handle.close()
        } catch {
            throw MartletError(.notFound, "\(path) cannot be read: \(error.localizedDescription)", cause: error)
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw MartletError.invalid("\(path) is not a text in UTF-8.")
        }
        self.text = text
    }

    /// Its problems, a line each, as compilers write them: `martlet.yaml:12:5: field: message`.
    func lines(_ refusal: PolicyDocument.Refusal) -> String {
        refusal.problems.map { "\(path):\($0)" }.joined(separator: "\n")
    }
}
