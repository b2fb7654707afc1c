"""What scripts that drive real clients share: checks that are counted, and what Triton's clients are refused."""

_count = 0


def check(condition, what):
    global _count
    _count += 1
    if not condition:
        raise SystemExit(f"FAILED: {what}")


def refused(status, words, action):
    """Triton's client, of HTTP or gRPC, must see this status, and a sentence with these words."""
    from tritonclient.utils import InferenceServerException

    try:
        action()
    except InferenceServerException as error:
        seen = error.status().removeprefix("StatusCode.")
        check(seen == str(status), f"{seen} instead of {status}: {error.message()}")
        check(words in error.message(), f"{words!r} is not in: {error.message()}")
        return
    raise SystemExit(f"FAILED: {words!r} was not refused")


def tell():
    print(f"{_count} checks passed")
