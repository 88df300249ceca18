using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Credentials;

namespace Portkey.Portal.Web.Components.Shared;

/// <summary>Kinds and places in words.</summary>
internal static class CredentialText
{
    public static string Of(CredentialKind kind) =>
        kind switch
        {
            CredentialKind.ClientKey => "Portkey client key",
            CredentialKind.Redis => "Redis",
            CredentialKind.Storage => "Log storage",
            CredentialKind.Mongo => "MongoDB",
            CredentialKind.Analytics => "Analytics",
            CredentialKind.Vector => "Vector store",
            CredentialKind.Embedding => "Embeddings",
            CredentialKind.Registry => "Registry",
            _ => "Other",
        };

    /// <summary>Where it is used, in a few words.</summary>
    public static string Where(CredentialRow row) =>
        row switch
        {
            { EnvironmentId: not null } => row.Environment.Length > 0 ? row.Environment : "an environment that was never created",
            _ => Plural.Of(row.Environments, "environment"),
        };

    public static string Owner(CredentialRow row) => row.Team.Length > 0 ? row.Team : "All teams";

    public static string Age(int? days) =>
        days switch
        {
            null => "",
            0 => "today",
            1 => "1 day",
            _ => $"{days} days",
        };

    /// <summary>The sooner of what its policy and its expiry say.</summary>
    public static DateTime? Soonest(CredentialRow row) => row.DueAt is null || row.ExpiresAt < row.DueAt ? row.ExpiresAt : row.DueAt;
}
