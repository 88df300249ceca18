using System.Security.Cryptography;
using System.Text;
using Portkey.Portal.Provisioning.Catalog;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Environments;

/// <summary>One secret of a revision: which version of which vault entry feeds a key.</summary>
/// <param name="VaultName">Name in the vault.</param>
/// <param name="Number">Version as people count it.</param>
/// <param name="VaultVersion">Version id that the vault gave.</param>
public sealed record SecretPin(string VaultName, int Number, string VaultVersion);

/// <summary>The secrets that a revision pins, as stored in <c>SecretVersionsJson</c>.</summary>
public static class SecretPins
{
    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static IReadOnlyDictionary<string, SecretPin> Read(string json) => PortalJson.Read<Dictionary<string, SecretPin>>(json);

    /// <summary>Writes, sorted by key.</summary>
    public static string Write(IReadOnlyDictionary<string, SecretPin> pins) =>
        PortalJson.Write(new SortedDictionary<string, SecretPin>(pins.ToDictionary(), StringComparer.Ordinal));

    /// <summary>Versions as people read them: key → <c>v3</c>.</summary>
    public static IReadOnlyDictionary<string, string> Versions(string json) => Read(json).ToDictionary(p => p.Key, p => $"v{p.Value.Number}");

    /// <summary>
    /// Name of the cluster Secret that holds exactly these versions. Another set of versions is another Secret, so that pods that still
    /// run never see a value change under them, and going back is pointing at the old name.
    /// </summary>
    public static string ClusterSecretName(string release, IReadOnlyDictionary<string, SecretPin> pins) => $"{release}-env-{Fingerprint(OfEnvironment(pins))}";

    /// <summary>Those that become environment variables of the gateway.</summary>
    public static IReadOnlyDictionary<string, SecretPin> OfEnvironment(IReadOnlyDictionary<string, SecretPin> pins) =>
        pins.ContainsKey(SettingKeys.RegistryPassword) ? pins.Where(p => p.Key != SettingKeys.RegistryPassword).ToDictionary(StringComparer.Ordinal) : pins;

    /// <summary>Twelve hex digits over names and version ids; never over values.</summary>
    public static string Fingerprint(IReadOnlyDictionary<string, SecretPin> pins) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Write(pins))))[..12];
}

/// <summary>The cluster Secret by which nodes pull the image. Another version of the password, another user or registry is another Secret.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Server">Registry.</param>
/// <param name="User">User there.</param>
public sealed record PullSecret(string Name, string Server, string User)
{
    /// <summary>That of a revision; null where it has no credentials for a registry.</summary>
    public static PullSecret? Of(string release, EnvironmentSpec spec, IReadOnlyDictionary<string, SecretPin> pins)
    {
        if (!pins.TryGetValue(SettingKeys.RegistryPassword, out var pin))
        {
            return null;
        }

        var (server, user) = (SpecValidator.Value(spec)(SettingKeys.RegistryServer), SpecValidator.Value(spec)(SettingKeys.RegistryUsername));
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{pin.VaultName}\0{pin.VaultVersion}\0{server}\0{user}"));
        return new PullSecret($"{release}-pull-{Convert.ToHexStringLower(hash)[..12]}", server, user);
    }
}
