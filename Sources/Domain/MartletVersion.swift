/// What this build calls itself; `script/package` reads it too.
public enum MartletVersion {
    public static let text = "0.1.0"
}
