import Domain
import Testing

@Suite("Addresses that a webhook may have")
struct InternetAddressTests {
    private func reach(_ text: String) -> InternetAddress.Reach? {
        let bytes: [UInt8]
        if text.contains(":") {
            bytes = text.split(separator: ":").flatMap { group -> [UInt8] in
                let number = UInt16(group, radix: 16) ?? 0
                return [UInt8(number >> 8), UInt8(number & 255)]
            }
        } else {
            bytes = text.split(separator: ".").compactMap { UInt8($0) }
        }
        return InternetAddress(bytes: bytes)?.reach
    }

    @Test(
        "clouds' metadata, link-local, multicast and unspecified ones are nobody's to be called, however they are written",
        arguments: [
            "169.254.169.254", "169.254.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "100.100.100.200",
            "192.0.0.192",
            "fe80:0:0:0:0:0:0:1", "0:0:0:0:0:0:0:0", "ff02:0:0:0:0:0:0:1", "fd00:ec2:0:0:0:0:0:254",
            "0:0:0:0:0:ffff:a9fe:a9fe", "64:ff9b:0:0:0:0:a9fe:a9fe", "2002:a9fe:a9fe:0:0:0:0:1",
        ])
    func forbidden(_ text: String) { #expect(reach(text) == .forbidden) }

    @Test(
        "this machine's and private networks' are private",
        arguments: [
            "127.0.0.1", "127.255.0.9", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
            "198.18.0.1", "0:0:0:0:0:0:0:1", "fc00:0:0:0:0:0:0:1", "fd12:0:0:0:0:0:0:1", "0:0:0:0:0:ffff:7f00:1",
            "0:0:0:0:0:ffff:c0a8:101", "64:ff9b:0:0:0:0:a00:1",
        ])
    func privates(_ text: String) { #expect(reach(text) == .private) }

    @Test(
        "others are public",
        arguments: [
            "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "169.253.0.1", "192.0.1.1",
            "2606:4700:0:0:0:0:0:1111", "0:0:0:0:0:ffff:808:808",
        ])
    func publics(_ text: String) { #expect(reach(text) == .public) }

    @Test("anything but 4 or 16 bytes is no address")
    func lengths() {
        #expect(InternetAddress(bytes: [1, 2, 3]) == nil && InternetAddress(bytes: []) == nil)
    }
}
