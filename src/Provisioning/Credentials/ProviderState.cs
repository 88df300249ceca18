using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Credentials;

/// <summary>
/// What <see cref="SecretReference.ProviderJson"/> holds: the settings of the provider and how far it is with its work. Never a secret: a mark is
/// what names a value on its other side, such as the SHA-256 by which Redis keeps a password of 256 random bits.
/// </summary>
public sealed record ProviderState
{
    private const int MarksKept = 12;

    /// <summary>Names of the providers, as <see cref="SecretReference.Provider"/> has them.</summary>
    public static IReadOnlyList<string> Providers { get; } = [Random, RedisAcl, AzureStorage];

    /// <summary>A random value; people configure both sides.</summary>
    public const string Random = "random";

    /// <summary>Passwords of a Redis ACL user.</summary>
    public const string RedisAcl = "redis-acl";

    /// <summary>The two keys of an Azure storage account.</summary>
    public const string AzureStorage = "azure-storage";

    /// <summary>Settings, by name.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether its settings are these, in whatever order.</summary>
    public bool HasSettings(IReadOnlyDictionary<string, string> others) => Settings.OrderBy(s => s.Key, StringComparer.Ordinal).SequenceEqual(others.OrderBy(s => s.Key, StringComparer.Ordinal));

    /// <summary>Administrator who had it rotate by itself; null where it does not.</summary>
    public string? UnattendedBy { get; init; }

    /// <summary>UTC time they did.</summary>
    public DateTime? UnattendedAt { get; init; }

    /// <summary>A new value that somebody waits for.</summary>
    public MintWish? Wanted { get; init; }

    /// <summary>The worker that is at it.</summary>
    public MintLease? Lease { get; init; }

    /// <summary>Marks of values that may be valid on the other side and are of no version: written down before they are made.</summary>
    public IReadOnlyList<string> Open { get; init; } = [];

    /// <summary>Marks of versions that were minted, by their number.</summary>
    public IReadOnlyDictionary<int, string> Minted { get; init; } = new Dictionary<int, string>();

    /// <summary>UTC time before which no rotation begins by itself, after one that went wrong.</summary>
    public DateTime? NotBefore { get; init; }

    /// <summary>What came of the last wish.</summary>
    public MintOutcome? Last { get; init; }

    /// <summary>That of a credential.</summary>
    public static ProviderState Of(SecretReference reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return PortalJson.Read<ProviderState>(reference.ProviderJson);
    }

    /// <summary>As it is stored.</summary>
    public string ToJson() => PortalJson.Write(this with { Minted = Minted.OrderByDescending(m => m.Key).Take(MarksKept).OrderBy(m => m.Key).ToDictionary() });
}

/// <summary>Somebody wants a new value.</summary>
/// <param name="Id">Of the wish.</param>
/// <param name="By">Who.</param>
/// <param name="At">UTC.</param>
/// <param name="Source">Address they called from.</param>
/// <param name="Correlation">Correlation id of the call.</param>
public sealed record MintWish(Guid Id, string By, DateTime At, string Source, string Correlation);

/// <summary>A worker's right to mint.</summary>
public sealed record MintLease(string Owner, DateTime Until);

/// <summary>What came of a wish.</summary>
/// <param name="Id">Of the wish.</param>
/// <param name="Version">Version that was stored, such as <c>v4</c>; empty when it failed.</param>
/// <param name="Code">Machine word of the failure; empty when it worked.</param>
/// <param name="Message">Why it failed, for people; empty when it worked.</param>
/// <param name="At">UTC.</param>
public sealed record MintOutcome(Guid Id, string Version, string Code, string Message, DateTime At);

/// <summary>The provider of a credential as people see it.</summary>
/// <param name="Settings">Settings, by name; never a secret.</param>
/// <param name="IsUnderWay">Whether a new value is being made.</param>
/// <param name="UnattendedBy">Administrator who had it rotate by itself; empty where it does not.</param>
/// <param name="NotBefore">UTC time before which no rotation begins by itself; null for none.</param>
/// <param name="Problem">Why the last attempt failed; empty when it did not.</param>
public sealed record ProviderFacts(IReadOnlyDictionary<string, string> Settings, bool IsUnderWay, string UnattendedBy, DateTime? NotBefore, string Problem)
{
    internal static ProviderFacts Of(SecretReference reference)
    {
        var state = ProviderState.Of(reference);
        return new(state.Settings, state.Wanted is not null, reference.IsUnattended ? state.UnattendedBy ?? "" : "", state.NotBefore, state.Last?.Message ?? "");
    }
}
