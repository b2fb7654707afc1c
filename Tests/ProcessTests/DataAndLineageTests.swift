import Foundation
import Testing

@Suite("Data sets, lineage and entries of the real server", .needsPython)
struct DataAndLineageTests {
    /// A table with every kind of column, and values that a careless reader breaks at.
    private static func csv(rows: Int = 3_000) -> String {
        var text = "id,heat,plant,when,note\n"
        for row in 0..<rows {
            let heat = row.isMultiple(of: 17) ? "" : "\(Double(row * 7919 % 1000) / 8)"
            text += "\(row),\(heat),\(["north", "south", "\"east, new\""][row % 3]),2026-01-0\(row % 9 + 1) 10:00:00,"
            text += "\"line \(row)\nand \"\"more\"\"\"\n"
        }
        return text
    }

    @Test("a version is added, shown, used by a run of the MLflow client, and followed both ways")
    func wholeWay() async throws {
        let server = try await MartletProcess.start()
        let folder = try TemporaryDirectory()
        let file = folder.url.appending(path: "any name.csv")
        try Self.csv().write(to: file, atomically: true, encoding: .utf8)
        let added = try await server.martlet("data", "add", "plants", file.path, "--output", "json")
        #expect(added.isSuccess, "\(added)")
        let answer = try JSONDecoder().decode(Added.self, from: Data(added.standardOutput.utf8))
        #expect(answer.version.rows == 3_000 && answer.run_digest == answer.version.id.digest.prefix(32))
        // The same content under another name is the same version.
        let renamed = folder.url.appending(path: "other.csv")
        try FileManager.default.copyItem(at: file, to: renamed)
        let again = try await server.martlet("data", "add", "plants", renamed.path)
        #expect(again.isSuccess && again.standardOutput.contains("nothing was added"), "\(again)")

        let result = try await PythonClient.run(
            "data_and_lineage.py", [answer.version.id.digest, answer.run_digest, file.path], server: server)
        #expect(result.isSuccess, "\(result) \(server.log)")
        #expect(result.standardOutput.contains("checks passed"))

        let listed = try await server.martlet("data", "list")
        #expect(listed.standardOutput.contains("plants") && listed.standardOutput.contains("3000"), "\(listed)")
        let shown = try await server.martlet("data", "show", "plants")
        #expect(shown.standardOutput.contains("categorical") && shown.standardOutput.contains("training"), "\(shown)")
        let lineage = try await server.martlet("lineage", "model:wear/1", "--upstream")
        #expect(lineage.isSuccess && lineage.standardOutput.contains("dataset:plants@"), "\(lineage)")
        let entry = try await server.martlet("model", "show", "wear", "1")
        for words in ["reliability", "c0ffee", "held-out", "Not known", "never_served"] {
            #expect(entry.standardOutput.contains(words), "\(words): \(entry)")
        }
        let markdown = try await server.martlet("model", "show", "wear", "1", "--output", "markdown")
        #expect(markdown.standardOutput.hasPrefix("# wear, version 1\n"), "\(markdown)")
        #expect(markdown.standardOutput.contains("| held-out |"), "\(markdown)")
        let refused = try await server.martlet("data", "delete", "plants", "1")
        #expect(refused.exitCode == 1 && refused.standardError.contains("was used by the run"), "\(refused)")
        await server.stop()
    }

    private struct Added: Decodable {
        struct ID: Decodable {
            var digest: String
            var number: Int
        }
        struct Version: Decodable {
            var id: ID
            var rows: Int
        }
        var version: Version
        var run_digest: String
        var is_new: Bool
    }

    @Test("folders, JSON lines, differences; what cannot be read is refused and leaves nothing")
    func foldersAndDifferences() async throws {
        let server = try await MartletProcess.start()
        let folder = try TemporaryDirectory()
        let parts = folder.url.appending(path: "parts/north")
        try FileManager.default.createDirectory(at: parts, withIntermediateDirectories: true)
        func write(_ name: String, _ text: String) throws {
            try text.write(to: folder.url.appending(path: name), atomically: true, encoding: .utf8)
        }
        try write("parts/_SUCCESS", "")
        try write("parts/a.csv", "heat,plant\n" + (0..<400).map { "\($0 % 50),n\n" }.joined())
        try write("parts/north/b.jsonl", (0..<100).map { "{\"heat\":\($0 % 50),\"plant\":\"s\"}\n" }.joined())
        let first = try await server.martlet("data", "add", "mixed", folder.path + "/parts")
        #expect(first.isSuccess && first.standardOutput.contains("500"), "\(first)")
        try write("parts/a.csv", "heat,plant,extra\n" + (0..<400).map { "\($0 % 50 + 30),n,\($0)\n" }.joined())
        let second = try await server.martlet("data", "add", "mixed", folder.path + "/parts")
        #expect(second.isSuccess && second.standardOutput.contains("Added."), "\(second)")
        let diff = try await server.martlet("data", "diff", "mixed", "1", "2")
        #expect(diff.isSuccess && diff.standardOutput.contains("extra (integer)"), "\(diff)")
        let heat = diff.standardOutput.split(separator: "\n").first { $0.hasPrefix("heat") }
        #expect(heat?.contains("KS") == true && heat?.contains("*") == true, "\(diff)")

        try write("bad.csv", "a,b\n1\n")
        try write("photo.png", "x")
        for (path, words) in [
            ("bad.csv", "Row 1"), ("photo.png", "neither .csv"), ("none.csv", "not there"),
            ("parts/north/b.jsonl.gone", "not there"),
        ] {
            let refused = try await server.martlet("data", "add", "bad", folder.path + "/" + path)
            #expect(refused.exitCode == 1 && refused.standardError.contains(words), "\(refused)")
        }
        let parquet = try await server.martlet(
            "data", "add", "bad", folder.path + "/parts/a.csv", "--format", "parquet")
        #expect(parquet.exitCode == 1 && parquet.standardError.contains("--enable-guests"), "\(parquet)")
        let s3 = try await server.martlet("data", "add", "bad", "s3://bucket/key.csv")
        #expect(s3.exitCode == 1 && s3.standardError.contains("AWS_ACCESS_KEY_ID"), "\(s3)")
        #expect(try await server.send("GET", "/api/v1/datasets/bad/versions").status == 404)
        await server.stop()
    }

    @Test(
        "objects of a bucket are read with the keys of whoever adds them, never the server's, one or a folder of them")
    func fromS3() async throws {
        let store = try await S3Server.start()
        // The server has no keys of any kind, and a home without a profile.
        let home = try TemporaryDirectory()
        let server = try await MartletProcess.start(
            environment: ["HOME": home.path, "AWS_ACCESS_KEY_ID": nil, "AWS_SECRET_ACCESS_KEY": nil])
        let folder = try TemporaryDirectory()
        let file = folder.url.appending(path: "one.csv")
        try Self.csv().write(to: file, atomically: true, encoding: .utf8)
        let filled = try await PythonClient.run(
            "fills_bucket.py", [file.path], server: server, environment: store.environment())
        #expect(filled.isSuccess, "\(filled)")
        func add(_ name: String, _ url: String, secret: String? = nil) async throws -> ProgramResult {
            var environment = store.environment(secret: secret)
            environment["MARTLET_URL"] = server.url
            environment["HOME"] = home.path
            return try await ProgramResult.run(
                BuildProducts.martlet.path, ["data", "add", name, url, "--s3-endpoint", store.url],
                environment: environment)
        }
        let here = try await server.martlet("data", "add", "plants", file.path)
        #expect(here.isSuccess, "\(here)")
        // The same content is the same version, wherever it is read from.
        let same = try await add("plants", "s3://models/sets/a file & more.csv")
        #expect(same.isSuccess && same.standardOutput.contains("nothing was added"), "\(same)")
        let many = try await add("parts", "s3://models/sets/parts/")
        #expect(many.isSuccess && many.standardOutput.contains("Added."), "\(many)")
        let shown = try await server.martlet("data", "show", "parts")
        #expect(shown.standardOutput.contains("s3://models/sets/parts"), "\(shown)")
        #expect(shown.standardOutput.contains("1205"), "\(shown)")
        for (url, secret, words) in [
            ("s3://models/sets/a file & more.csv", "wrong", "SignatureDoesNotMatch"),
            ("s3://models/none.csv", nil, "0 data files"), ("s3://nowhere/x.csv", nil, "NoSuchBucket"),
            ("s3://models/photos", nil, "neither .csv"), ("s3://", nil, "s3://BUCKET"),
        ] {
            let refused = try await add("bad", url, secret: secret)
            #expect(refused.exitCode == 1 && refused.standardError.contains(words), "\(url): \(refused)")
        }
        await server.stop()
        let secret = try #require(store.environment()["AWS_SECRET_ACCESS_KEY"] ?? nil)
        #expect(!server.log.contains(secret))
    }

    @Test("scikit-learn's own data sets are read as pandas reads them")
    func scikitLearn() async throws {
        let server = try await MartletProcess.start()
        let result = try await PythonClient.run(
            "sklearn_datasets.py", [BuildProducts.martlet.path], server: server)
        #expect(result.isSuccess, "\(result) \(server.log)")
        #expect(result.standardOutput.contains("checks passed"))
        await server.stop()
    }

    @Test("Parquet is read by pyarrow in a guest; a file that is none is refused", .needsOnnxRuntime)
    func parquet() async throws {
        let server = try await MartletProcess.start(
            arguments: ["--enable-guests", "--python", try #require(BuildProducts.python)])
        let folder = try TemporaryDirectory()
        let made = try await PythonClient.run("write_parquet.py", [folder.path + "/t.parquet"])
        #expect(made.isSuccess, "\(made)")
        let added = try await server.martlet("data", "add", "cells", folder.path + "/t.parquet")
        #expect(added.isSuccess && added.standardOutput.contains("1000"), "\(added) \(server.log)")
        let shown = try await server.martlet("data", "show", "cells")
        for words in ["timestamp", "categorical", "number", "boolean"] {
            #expect(shown.standardOutput.contains(words), "\(words): \(shown)")
        }
        try "no parquet".write(toFile: folder.path + "/broken.parquet", atomically: true, encoding: .utf8)
        let refused = try await server.martlet("data", "add", "cells", folder.path + "/broken.parquet")
        #expect(refused.exitCode == 1 && refused.standardError.contains("cannot be read"), "\(refused)")
        await server.stop()
    }

    @Test("OpenLineage events wait for their endpoint through kill -9, and are what OpenLineage's own classes take")
    func openLineage() async throws {
        let port = try Self.freePort()
        let arguments = [
            "--openlineage-url", "http://127.0.0.1:\(port)/api/v1/lineage", "--openlineage-namespace", "plant-7",
        ]
        let environment: [String: String?] = ["MARTLET_OPENLINEAGE_API_KEY": "sesame"]
        let first = try await MartletProcess.start(arguments: arguments, environment: environment)
        let folder = try TemporaryDirectory()
        try "heat,plant\n1,n\n2,s\n".write(toFile: folder.path + "/d.csv", atomically: true, encoding: .utf8)
        let added = try await first.martlet("data", "add", "plants", folder.path + "/d.csv")
        #expect(added.isSuccess, "\(added)")
        await first.kill()
        let server = try await MartletProcess.start(
            arguments: arguments, environment: environment, dataDirectory: first.dataDirectory)
        let result = try await PythonClient.run("openlineage_receiver.py", ["\(port)", "sesame"], server: server)
        #expect(result.isSuccess, "\(result) \(server.log)")
        #expect(result.standardOutput.contains("checks passed"))
        #expect(!server.log.contains("sesame") && !first.log.contains("sesame"))
        await server.stop()
    }

    /// A port that nobody listens on now.
    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard bound else { throw MartletProcess.Failure(description: "No free port.") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
