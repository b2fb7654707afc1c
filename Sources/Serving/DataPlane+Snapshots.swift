public import Domain

extension DataPlane: SnapshotReceiver {}
