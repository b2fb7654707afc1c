#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The C library's elementary functions: the standard library has none, and this room imports no other.
enum Elementary {
    static func exp(_ x: Double) -> Double {
        #if canImport(Glibc)
            Glibc.exp(x)
        #elseif canImport(Musl)
            Musl.exp(x)
        #else
            Darwin.exp(x)
        #endif
    }

    static func log(_ x: Double) -> Double {
        #if canImport(Glibc)
            Glibc.log(x)
        #elseif canImport(Musl)
            Musl.log(x)
        #else
            Darwin.log(x)
        #endif
    }

    /// ln(1 + x), precise near 0.
    static func logOnePlus(_ x: Double) -> Double { log1p(x) }

    /// eˣ - 1, precise near 0.
    static func expMinusOne(_ x: Double) -> Double { expm1(x) }

    static func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }

    static func cosine(_ x: Double) -> Double { cos(x) }

    static func sine(_ x: Double) -> Double { sin(x) }

    static func hyperbolicCosine(_ x: Double) -> Double { cosh(x) }

    static func hyperbolicSine(_ x: Double) -> Double { sinh(x) }

    static func arctangent(_ y: Double, _ x: Double) -> Double { atan2(y, x) }

    static func inverseHyperbolicCosine(_ x: Double) -> Double { acosh(x) }

    /// The complementary error function: 1 - erf(x), without cancellation.
    static func errorComplement(_ x: Double) -> Double { erfc(x) }

    /// The logarithm of the gamma function, for x > 0; reentrant (plain `lgamma` writes a global).
    static func logGamma(_ x: Double) -> Double {
        var sign: Int32 = 0
        return lgamma_r(x, &sign)
    }
}
