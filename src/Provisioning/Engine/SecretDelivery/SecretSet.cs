using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.SecretDelivery;

/// <summary>The secrets of one revision, as they have to be in its namespace.</summary>
/// <param name="Namespace">Namespace.</param>
/// <param name="Release">Release.</param>
/// <param name="Pins">Versions by key.</param>
/// <param name="Pull">The Secret by which nodes pull the image; null for none.</param>
/// <param name="Values">Values by key.</param>
/// <param name="Labels">Labels of everything that is written.</param>
public sealed record SecretSet(
    string Namespace,
    string Release,
    IReadOnlyDictionary<string, SecretPin> Pins,
    PullSecret? Pull,
    IReadOnlyDictionary<string, SecretValue> Values,
    IReadOnlyDictionary<string, string> Labels
)
{
    /// <summary>Those that become environment variables of the gateway.</summary>
    public IReadOnlyDictionary<string, SecretPin> Environment => SecretPins.OfEnvironment(Pins);

    /// <summary>Name of the Secret that holds them.</summary>
    public string Name => SecretPins.ClusterSecretName(Release, Pins);

    /// <summary>Names of all Secrets of the set.</summary>
    public IReadOnlyList<string> Names => [.. new[] { Environment.Count > 0 ? Name : null, Pull?.Name }.OfType<string>()];

    internal Dictionary<string, SecretValue> EnvironmentValues =>
        Environment.Keys.ToDictionary(k => k, k => Values[k], StringComparer.Ordinal);

    internal SecretValue Password => Values[SettingKeys.RegistryPassword];

    /// <summary>What a person reads: <c>REDIS_URL v2, …</c>.</summary>
    internal string EnumNames =>
        string.Join(", ", Environment.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key} v{p.Value.Number}"));
}
