import Foundation
import Testing

/// Writes every page to the folder named by MARTLET_DASHBOARD_PREVIEW, to be looked at in a browser:
/// `script/dashboard-shots --preview FOLDER` does it.
@Suite struct PreviewTests {
    @Test(
        "the preview of every page is written",
        .enabled(if: ProcessInfo.processInfo.environment["MARTLET_DASHBOARD_PREVIEW"] != nil))
    func writesPreview() throws {
        let folder = try #require(ProcessInfo.processInfo.environment["MARTLET_DASHBOARD_PREVIEW"])
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, page) in SamplePages.full + SamplePages.empty {
            let path = "\(folder)/\(name).html"
            try SamplePages.document(page).write(toFile: path, atomically: true, encoding: .utf8)
            #expect(FileManager.default.fileExists(atPath: path))
        }
    }
}
