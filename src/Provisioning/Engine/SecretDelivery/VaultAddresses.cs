using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clouds.Known;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.SecretDelivery;

/// <summary>Where the portal's secrets are kept, so that a cluster can be sent there.</summary>
public sealed class VaultAddresses(IOptions<VaultOptions> options)
{
    /// <summary>Whether a cluster can read them at all.</summary>
    public bool CanBeRead => KnownClouds.Of(options.Value).Delivery is not null;

    /// <summary>Address of the vault that holds this; null where that vault is no longer known, or has no address.</summary>
    public Uri? Of(SecretPin pin)
    {
        ArgumentNullException.ThrowIfNull(pin);
        var team = TeamOf(pin);
        return !CanBeRead ? null
            : team.Length == 0 ? new Uri(options.Value.Address)
            : options.Value.Teams.TryGetValue(team, out var address) ? new Uri(address)
            : null;
    }

    /// <summary>Whether the portal keeps secrets there.</summary>
    public bool Knows(string address) => CanBeRead && Every.Any(a => IsSame(a, new Uri(address)));

    /// <summary>Keys that are in another vault than this one.</summary>
    public IReadOnlyList<string> Elsewhere(IReadOnlyDictionary<string, SecretPin> pins, Uri vault) =>
        [.. pins.Where(p => Of(p.Value) is not { } at || !IsSame(at, vault)).Select(p => p.Key).Order(StringComparer.Ordinal)];

    /// <summary>A secret's name within its vault.</summary>
    internal static string NameOf(SecretPin pin) => pin.VaultName[(pin.VaultName.IndexOf('/', StringComparison.Ordinal) + 1)..];

    /// <summary>The team whose vault holds it; empty for the portal's own.</summary>
    internal static string TeamOf(SecretPin pin) =>
        pin.VaultName.IndexOf('/', StringComparison.Ordinal) is > 0 and var end ? pin.VaultName[..end] : "";

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", Every.Select(a => a.ToString()));

    private IEnumerable<Uri> Every =>
        options.Value.Teams.Values.Prepend(options.Value.Address).Where(a => a.Length > 0).Select(a => new Uri(a)).Distinct();

    private static bool IsSame(Uri a, Uri b) => string.Equals(a.Host, b.Host, StringComparison.OrdinalIgnoreCase);
}
