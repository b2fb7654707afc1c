internal import Domain
internal import Logging
internal import NIOCore
internal import Serving
internal import Wire

/// What all connections of gRPC share.
struct GRPCService: Sendable {
    let calls: GRPCCalls
    let door: GRPCDoor
    let budget: BodyBudget
    let idle: TimeAmount
    let logger: Logger

    /// The answer to one message, framed; or the status that ends its call.
    func answer(
        _ method: GRPCMethod, _ message: ByteBuffer, _ caller: GRPCCaller, allocator: ByteBufferAllocator
    ) async -> Result<ByteBuffer, GRPCFailure> {
        do {
            return .success(
                GRPCFraming.frame(try await calls.answer(method, message, caller), allocator: allocator))
        } catch {
            let status = status(error, method)
            // One request of a stream that fails does not end the others; who may not call at all is told so once.
            guard method == .modelStreamInfer, ![.unauthenticated, .permissionDenied].contains(status.code) else {
                return .failure(GRPCFailure(status: status))
            }
            return .success(
                GRPCFraming.frame(ModelInferResponse.encodeStreamed(failure: status.message), allocator: allocator))
        }
    }

    /// What came of a `ModelInfer` at once.
    enum Begun {
        case answered(Result<ByteBuffer, GRPCFailure>)
        case waiting(RoutedRequest)
    }

    func begin(_ message: ByteBuffer, _ caller: GRPCCaller, allocator: ByteBufferAllocator) -> Begun {
        do {
            switch try calls.begin(message, caller) {
            case .answered(let response):
                return .answered(.success(GRPCFraming.frame(ModelInferResponse.encode(response), allocator: allocator)))
            case .waiting(let routed): return .waiting(routed)
            }
        } catch {
            return .answered(.failure(GRPCFailure(status: status(error, .modelInfer))))
        }
    }

    /// What was to be waited for.
    func end(_ routed: RoutedRequest, allocator: ByteBufferAllocator) async -> Result<ByteBuffer, GRPCFailure> {
        do {
            let response = try await calls.plane.infer(routed)
            return .success(GRPCFraming.frame(ModelInferResponse.encode(response), allocator: allocator))
        } catch {
            return .failure(GRPCFailure(status: status(error, .modelInfer)))
        }
    }

    /// What an error is to a client; the server's own failures are logged.
    func status(_ error: any Error, _ method: GRPCMethod) -> GRPCStatus {
        let failure = ErrorMiddleware.martletError(error)
        if failure.code == .internal {
            logger.error("call failed", metadata: ["method": "\(method.rawValue)", "error": "\(failure)"])
        }
        return GRPCStatus(failure)
    }

    /// One line a call, at debug level as all predictions are.
    func log(_ stream: GRPCStream, _ status: GRPCStatus, address: String?) {
        guard logger.logLevel <= .debug else { return }
        let milliseconds = Double((NIODeadline.now() - stream.begun).nanoseconds) / 1e6
        logger.debug(
            "call",
            metadata: [
                "method": "\(stream.method.rawValue)", "status": "\(status.code)",
                "ms": "\((milliseconds * 100).rounded() / 100)", "address": "\(address ?? "-")",
            ])
    }
}

/// A call that ends with something else than well.
struct GRPCFailure: Error {
    let status: GRPCStatus
}
