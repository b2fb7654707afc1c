// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// MARK: products of other packages, named once

let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioFoundation: Target.Dependency = .product(name: "NIOFoundationCompat", package: "swift-nio")
let nioHTTP2: Target.Dependency = .product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioHPACK: Target.Dependency = .product(name: "NIOHPACK", package: "swift-nio-http2")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

let package = Package(
    name: "martlet",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "martlet", targets: ["martlet"]),
        .library(name: "Statistics", targets: ["Statistics"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0",
            traits: ["JSON", "YAML"]),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ],
    targets: [
        // MARK: the rooms, from the door inwards
        .executableTarget(
            name: "martlet",
            dependencies: ["Commands", argumentParser],
            swiftSettings: strict),
        .target(
            name: "Commands",
            dependencies: [
                "Storage",
                "Server", "Wire", "Domain", argumentParser, asyncHTTPClient, nioCore, nioHTTP1, nioFoundation, nioSSL,
                configuration,
                logging, crypto,
            ],
            swiftSettings: strict),
        .target(
            name: "Server",
            dependencies: [
                "Serving", "Inference", "Lifecycle", "Monitoring", "Storage", "Guests", "Dashboard", "Wire", "Domain",
                "CAllocator", "CAssets",
                hummingbird, hummingbirdCore, httpTypes, nioCore, nioHTTP1, nioHTTP2, nioHPACK,
                nioPosix,
                nioSSL,
                configuration, yams, systemPackage,
                lifecycle,
                unixSignals, logging,
                crypto, asyncHTTPClient,
            ],
            swiftSettings: strict),
        .target(name: "Dashboard", dependencies: ["Domain"], swiftSettings: strict),
        .target(name: "Wire", dependencies: ["Domain", "CZlib", yams], swiftSettings: strict),
        .target(
            name: "Lifecycle",
            dependencies: ["Monitoring", "Domain", lifecycle, logging],
            swiftSettings: strict),
        .target(
            name: "Monitoring",
            dependencies: ["Statistics", "Domain", lifecycle, logging],
            swiftSettings: strict),
        .target(
            name: "Serving",
            dependencies: ["Inference", "Domain", crypto, lifecycle, logging],
            swiftSettings: strict),
        .target(name: "Inference", dependencies: ["COnnxRuntime", "COpenVino", "Domain"], swiftSettings: strict),
        .target(
            name: "Guests",
            dependencies: ["Inference", "Domain", "CAssets", "CSpawn", subprocess, systemPackage, logging],
            swiftSettings: strict),
        .target(
            name: "Storage",
            dependencies: [
                "CPostgres", "Domain", grdb, grdbSQLite, crypto, nioCore, nioPosix, nioHTTP1, nioFoundation,
                asyncHTTPClient, logging,
            ],
            swiftSettings: strict),
        .target(name: "Statistics", swiftSettings: strict),
        .target(name: "Domain", swiftSettings: strict),

        // MARK: C: shims and embedded files
        .target(name: "COnnxRuntime"),
        .target(name: "COpenVino"),
        .target(name: "CPostgres"),
        .target(name: "CAllocator"),
        .target(name: "CSpawn"),
        .target(name: "CZlib", linkerSettings: [.linkedLibrary("z")]),
        .target(name: "CAssets", exclude: ["files"], cSettings: [.unsafeFlags(["-std=c23", "-Wno-c23-extensions"])]),

        // MARK: tests, mirroring the rooms
        .target(name: "TestSupport", dependencies: ["Domain"], path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(name: "DomainTests", dependencies: ["Domain"], swiftSettings: strict),
        .testTarget(name: "StatisticsTests", dependencies: ["Statistics"], exclude: ["Golden"], swiftSettings: strict),
        .testTarget(
            name: "StorageTests", dependencies: ["Storage", "Domain", "TestSupport", nioCore, logging],
            swiftSettings: strict),
        .testTarget(name: "WireTests", dependencies: ["Wire", "Domain"], swiftSettings: strict),
        .testTarget(
            name: "InferenceTests", dependencies: ["Inference", "Domain"], exclude: ["Python"], swiftSettings: strict),
        .testTarget(
            name: "ServingTests", dependencies: ["Serving", "Inference", "Domain", "TestSupport", crypto, logging],
            swiftSettings: strict),
        .testTarget(
            name: "MonitoringTests", dependencies: ["Monitoring", "Statistics", "Domain", "TestSupport", logging],
            swiftSettings: strict),
        .testTarget(
            name: "LifecycleTests", dependencies: ["Lifecycle", "Domain", "TestSupport", logging],
            swiftSettings: strict),
        .testTarget(
            name: "GuestsTests", dependencies: ["Guests", "Inference", "Domain", "TestSupport", logging],
            swiftSettings: strict),
        .testTarget(
            name: "DashboardTests", dependencies: ["Dashboard", "Commands", "Domain", argumentParser],
            swiftSettings: strict),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "Server", "Lifecycle", "Monitoring", "Storage", "Wire", "Domain", "TestSupport", hummingbird, httpTypes,
                logging,
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ProcessTests", dependencies: ["martlet", "TestSupport", asyncHTTPClient, nioCore, nioHTTP1],
            exclude: ["Python"],
            swiftSettings: strict),
    ],
    cxxLanguageStandard: .cxx17
)
