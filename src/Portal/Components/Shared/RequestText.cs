using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Audit;

namespace Portkey.Portal.Web.Components.Shared;

/// <summary>What requests ask for, and who asks, in words.</summary>
internal static class RequestText
{
    /// <summary>Such as <c>roll back</c>.</summary>
    public static string Verb(RequestKind kind) =>
        kind switch
        {
            RequestKind.Rollback => "roll back",
            RequestKind.Rotate => "rotate a secret of",
            _ => kind.ToString().ToLowerInvariant(),
        };

    /// <summary>Such as <c>Roll back payments-dev</c>.</summary>
    public static string Title(RequestKind kind, string environment) => $"{Capital(Verb(kind))} {environment}";

    /// <summary>The same at the start of a sentence.</summary>
    public static string Capital(string words) => words.Length == 0 ? "" : string.Concat(words[..1].ToUpperInvariant(), words.AsSpan(1));

    /// <summary>For a column, such as <c>Rollback</c> or <c>Rotation</c>.</summary>
    public static string Noun(RequestKind kind) =>
        kind switch
        {
            RequestKind.Create => "New environment",
            RequestKind.Rotate => "Rotation",
            RequestKind.Delete => "Deletion",
            _ => kind.ToString(),
        };

    /// <summary>A person's name; the portal itself has none.</summary>
    public static string By(string name) => name is "" or AuditTrail.System ? "the portal" : name;
}
