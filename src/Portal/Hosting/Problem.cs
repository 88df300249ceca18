using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Web.Hosting;

/// <summary>An error as callers see it (RFC 9457); carries nothing of the inside.</summary>
internal sealed record Problem(
    int Status,
    string Code,
    string Title,
    string Detail,
    IReadOnlyDictionary<string, string[]>? Errors = null,
    int? RetryAfterSeconds = null
)
{
    public static Problem From(Exception exception) =>
        exception switch
        {
            InvalidInputException e => new(400, e.Code, "What was sent is not valid", "See errors for every field.", ByField(e.Problems)),
            NotFoundException e => new(404, e.Code, "Not found", e.Message),
            ForbiddenException e => new(403, e.Code, "Not allowed", e.Message),
            ConflictException e => new(409, e.Code, "Not possible now", e.Message),
            TooManyRequestsException e => new(429, e.Code, "Too much at once", e.Message, null, e.RetryAfterSeconds),
            InvalidTransitionException => new(409, "changed-meanwhile", "Not possible now", "Its state has changed: read it again."),
            VaultException when StorageFailures.Classify(exception) == StorageFailure.Full => Full,
            VaultException { IsTransient: false } e => new(409, e.Code, "The vault did not store or return a secret", e.Message),
            VaultException => new(
                503,
                "vault-unavailable",
                "The vault did not store or return a secret",
                "Nothing was changed. Repeat in a moment; if this persists, give an operator the traceId below.",
                null,
                5
            ),
            Microsoft.AspNetCore.Authentication.AuthenticationFailureException => new(
                400,
                "sign-in-failed",
                "Signing in did not work",
                "The identity provider's answer could not be used; perhaps it came too late. Go to the sign-in page and try again."
            ),
            BadHttpRequestException e => ForStatus(e.StatusCode),
            _ => StorageFailures.Classify(exception) switch
            {
                StorageFailure.Conflict => new(
                    409,
                    "changed-meanwhile",
                    "Not possible now",
                    "Someone else changed this at the same moment and nothing of yours was stored: read it again and repeat."
                ),
                StorageFailure.Full => Full,
                StorageFailure.Unavailable => new(
                    503,
                    "storage-unavailable",
                    "The database does not answer",
                    "Nothing was changed. Repeat in a moment; if this persists, tell an operator.",
                    null,
                    5
                ),
                _ => new(
                    500,
                    "internal",
                    "Something went wrong inside the portal",
                    "Nothing that was not confirmed was done. Give an operator the traceId below."
                ),
            },
        };

    public static Problem ForStatus(int status) =>
        status switch
        {
            400 => new(
                400,
                "bad-request",
                "The request cannot be read",
                "Its body or a parameter is not what this call takes; see /openapi/v1.json."
            ),
            401 => new(401, "unauthenticated", "Sign in first", "Send a bearer token, or sign in with the browser."),
            403 => new(403, "forbidden", "Not allowed", "The portal does not know you, or your access was disabled. Ask an administrator."),
            404 => new(404, "not-found", "Not found", "There is nothing at this address; see /openapi/v1.json for what there is."),
            405 => new(405, "method-not-allowed", "This method is not allowed here", "See the Allow header."),
            413 => new(413, "too-large", "The body is too large", $"At most {PortalOptions.MaxBodyBytes} bytes are taken."),
            415 => new(415, "unsupported-media-type", "This content type is not supported here", "Send Content-Type: application/json."),
            _ => new(status, "error", "The request failed", "The portal did not do what was asked."),
        };

    private static Problem Full =>
        new(
            507,
            "storage-full",
            "No space left",
            "The portal cannot store anything more: its disk is full. Nothing was changed. Ask an operator to free space, then repeat.",
            null,
            60
        );

    private static Dictionary<string, string[]> ByField(IReadOnlyList<FieldProblem> problems) =>
        problems
            .GroupBy(p => p.Field, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Select(p => p.Message).ToArray(), StringComparer.Ordinal);
}
