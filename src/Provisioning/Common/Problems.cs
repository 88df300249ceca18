namespace Portkey.Portal.Provisioning.Common;

/// <summary>One problem with the input.</summary>
/// <param name="Field">Path of the field in the caller's own terms, such as <c>spec.settings.REDIS_URL</c>.</param>
/// <param name="Message">What is wrong and how to fix it.</param>
public sealed record FieldProblem(string Field, string Message);

/// <summary>A command was refused; nothing was changed. Each kind maps to one HTTP status.</summary>
/// <param name="code">Machine word, stable.</param>
/// <param name="message">For people: what, why, what to do.</param>
public abstract class CommandRefusedException(string code, string message) : Exception(message)
{
    /// <summary>Machine word, stable.</summary>
    public string Code { get; } = code;
}

/// <summary>400: the input is wrong, with every problem at once.</summary>
public sealed class InvalidInputException(IReadOnlyList<FieldProblem> problems)
    : CommandRefusedException("invalid", string.Join(" ", problems.Select(p => $"{p.Field}: {p.Message}")))
{
    /// <summary>For a single field.</summary>
    public InvalidInputException(string field, string message)
        : this([new FieldProblem(field, message)]) { }

    /// <summary>All problems.</summary>
    public IReadOnlyList<FieldProblem> Problems { get; } = problems;
}

/// <summary>404: there is no such thing, or the caller may not know of it.</summary>
public sealed class NotFoundException(string what) : CommandRefusedException("not-found", $"There is no {what}, or you may not see it.")
{
    /// <summary>True when it exists but the caller may not know: for the security log, never for the caller.</summary>
    public bool IsSomebodyElses { get; init; }
}

/// <summary>403: the caller may see it but not do this.</summary>
public sealed class ForbiddenException(string message) : CommandRefusedException("forbidden", message);

/// <summary>409: the state of things does not allow it now.</summary>
public sealed class ConflictException(string code, string message) : CommandRefusedException(code, message);

/// <summary>429: so many of the caller's requests are waiting that no more are taken for now.</summary>
/// <param name="retryAfterSeconds">When to come back.</param>
public sealed class TooManyRequestsException(int retryAfterSeconds)
    : CommandRefusedException(
        "too-many-requests",
        $"Too many of your requests are still waiting, so the portal takes no more for now. Try again in {retryAfterSeconds} s."
    )
{
    /// <summary>When to come back.</summary>
    public int RetryAfterSeconds { get; } = retryAfterSeconds;
}
