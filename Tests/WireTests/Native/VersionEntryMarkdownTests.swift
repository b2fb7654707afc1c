import Domain
import Testing
import Wire

@Suite("The entry of a version as Markdown")
struct VersionEntryMarkdownTests {
    private var entry: VersionEntry {
        var entry = VersionEntry(
            id: ModelVersionID(model: "wear | <b>", version: 3), registeredAt: Timestamp(milliseconds: 0),
            registeredBy: "ann", aliases: ["champion"], runID: "r1")
        entry.trainedAt = Timestamp(milliseconds: 1_000)
        entry.responsibleTeam = .init("Reliability", source: "policy version 2")
        entry.data = [.init(name: "a\nb", digest: "d1", context: nil, sourceType: "local", version: nil)]
        entry.hyperparameters = ["rate": "0.1", "depth": "3"]
        entry.evaluations = [
            .init(
                dataset: "test", digest: "d2",
                metrics: [.init(name: "f1", value: 0.5, loggedAt: Timestamp(milliseconds: 0))])
        ]
        entry.gaps = [.init(field: "training", reason: "No commit.", remedy: "Set `mlflow.source.git.commit`.")]
        return entry
    }

    @Test("golden: everything known in its place, everything unknown said")
    func golden() {
        let text = VersionEntryMarkdown.text(entry, now: Timestamp(milliseconds: 86_400_000))
        #expect(
            text == """
                # wear \\| \\<b\\>, version 3

                Written by Martlet \(MartletVersion.text) at 1970-01-02T00:00:00Z.

                |  |  |
                | --- | --- |
                | Id | wear \\| \\<b\\>/3 |
                | Training date | 1970-01-01T00:00:01Z |
                | Registered | 1970-01-01T00:00:00Z by ann |
                | Responsible team | Reliability (policy version 2) |
                | Owner | *not known* |
                | Run | r1 |
                | Feature-engineering code | *not known* |
                | Training code | *not known* |
                | Production status | never served |
                | Aliases | champion |
                | Previous version | none |
                | Replaced as champion | none |

                ## Data

                | Data set | Digest | Used for | Version in Martlet |
                | --- | --- | --- | --- |
                | a b | d1 | *not known* | none |

                ## Hyperparameters

                | Name | Value |
                | --- | --- |
                | depth | 3 |
                | rate | 0.1 |

                ## Metrics by data set

                | Data set | Digest | Metric | Value | Logged |
                | --- | --- | --- | --- | --- |
                | test | d2 | f1 | 0.5 | 1970-01-01T00:00:00Z |

                ## Production

                It has never been behind an endpoint.

                ## Known limitations

                *not known*

                ## Notes

                *not known*

                ## Approvals

                *not known*

                ## Environment

                *not known*

                ## Not known

                | Of the entry | Why | What would fill it |
                | --- | --- | --- |
                | training | No commit. | Set \\`mlflow.source.git.commit\\`. |

                """)
    }

    @Test("no logged text becomes markup or leaves its row")
    func hostile() {
        var hostile = entry
        hostile.hyperparameters = ["x|y": "a\r\n| --- |\n<script>alert(1)</script> [a](javascript:b) **c** `d`"]
        let text = VersionEntryMarkdown.text(hostile, now: Timestamp(milliseconds: 0))
        let row = text.split(separator: "\n").first { $0.contains("x\\|y") }
        #expect(
            row
                == "| x\\|y | a  \\| --- \\| \\<script\\>alert(1)\\</script\\> \\[a\\](javascript:b) \\*\\*c\\*\\* \\`d\\` |"
        )
    }
}
