using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>One secret of a revision: which version of which vault entry feeds a key.</summary>
/// <param name="VaultName">Name in the vault.</param>
/// <param name="Number">Version as people count it.</param>
/// <param name="VaultVersion">Version id that the vault gave.</param>
public sealed record SecretPin(string VaultName, int Number, string VaultVersion)
{
    /// <summary>Hosts and ports that the value names, <c>cache.example.com:6380</c>, since NetworkPolicies need them; null for none, or
    /// where they were never recorded.</summary>
    public string? Address { get; init; }
}

/// <summary>The secrets that a request or revision pins.</summary>
public static class SecretPins
{
    /// <summary>One version of a credential.</summary>
    public static SecretPin Of(SecretReference reference, SecretVersion version) =>
        new(reference.VaultName, version.Number, version.VaultVersion) { Address = version.Address.Length == 0 ? null : version.Address };

    /// <summary>Address of each, empty where it is not known.</summary>
    public static IReadOnlyDictionary<string, string> Addresses(IEnumerable<KeyValuePair<string, SecretPin>> pins) =>
        pins.ToDictionary(p => p.Key, p => p.Value.Address ?? "", StringComparer.Ordinal);

    /// <summary>Those of rows.</summary>
    public static IReadOnlyDictionary<string, SecretPin> Of(IEnumerable<PinnedSecret> rows) =>
        rows.ToDictionary(
            r => r.Key,
            r => new SecretPin(r.VaultName, r.Number, r.VaultVersion) { Address = r.Address.Length == 0 ? null : r.Address },
            StringComparer.Ordinal
        );

    /// <summary>As rows of an import.</summary>
    public static List<ImportSecret> RowsOf(IReadOnlyDictionary<string, SecretPin> pins) =>
        [
            .. pins.Select(p => new ImportSecret
            {
                Key = p.Key,
                VaultName = p.Value.VaultName,
                Number = p.Value.Number,
                VaultVersion = p.Value.VaultVersion,
                Address = p.Value.Address ?? "",
            }),
        ];

    /// <summary>As rows of a request, each with the credential that it is a version of.</summary>
    /// <exception cref="ConflictException">A version is not what it was when the request was prepared.</exception>
    internal static async Task<List<RequestSecret>> RowsAsync(
        PortalDbContext db,
        IReadOnlyDictionary<string, SecretPin> pins,
        CancellationToken cancellationToken
    )
    {
        var (names, versions) = (
            pins.Values.Select(p => p.VaultName).Distinct().ToList(),
            pins.Values.Select(p => p.VaultVersion).Distinct().ToList()
        );
        var known = await db
            .SecretReferences.Where(r => names.Contains(r.VaultName))
            .SelectMany(
                r => r.Versions.Where(v => versions.Contains(v.VaultVersion)),
                (r, v) =>
                    new
                    {
                        r.Id,
                        r.VaultName,
                        v.Number,
                        v.VaultVersion,
                    }
            )
            .ToListAsync(cancellationToken);
        return
        [
            .. pins.Select(p => new RequestSecret
            {
                Key = p.Key,
                SecretReferenceId =
                    known
                        .Find(k => k.VaultName == p.Value.VaultName && k.VaultVersion == p.Value.VaultVersion && k.Number == p.Value.Number)
                        ?.Id
                    ?? throw new ConflictException(
                        "stale-secret",
                        $"Another version of {p.Key} was stored since this was prepared. Propose it again."
                    ),
                VaultName = p.Value.VaultName,
                Number = p.Value.Number,
                VaultVersion = p.Value.VaultVersion,
                Address = p.Value.Address ?? "",
            }),
        ];
    }

    /// <summary>The same for the revision that a request becomes.</summary>
    internal static List<RevisionSecret> RowsOf(ChangeRequest request) =>
        [
            .. request.Secrets.Select(s => new RevisionSecret
            {
                Key = s.Key,
                SecretReferenceId = s.SecretReferenceId,
                VaultName = s.VaultName,
                Number = s.Number,
                VaultVersion = s.VaultVersion,
                Address = s.Address,
            }),
        ];

    /// <summary>As a digest takes them: JSON, sorted by key.</summary>
    public static string Write(IEnumerable<PinnedSecret> rows) => Write(Of(rows));

    /// <summary>Writes, sorted by key.</summary>
    public static string Write(IReadOnlyDictionary<string, SecretPin> pins) =>
        PortalJson.Write(new SortedDictionary<string, SecretPin>(pins.ToDictionary(), StringComparer.Ordinal));

    /// <summary>Versions as people read them: key → <c>v3</c>.</summary>
    public static IReadOnlyDictionary<string, string> Versions(IEnumerable<PinnedSecret> rows) =>
        rows.OrderBy(r => r.Key, StringComparer.Ordinal).ToDictionary(r => r.Key, r => $"v{r.Number}");

    /// <summary>
    /// Name of the cluster Secret that holds exactly these versions. Another set of versions is another Secret, so that pods that still
    /// run never see a value change under them, and a rollback just points at the old name.
    /// </summary>
    public static string ClusterSecretName(string release, IReadOnlyDictionary<string, SecretPin> pins) =>
        $"{release}-env-{Fingerprint(OfEnvironment(pins))}";

    /// <summary>Those that become environment variables of the gateway.</summary>
    public static IReadOnlyDictionary<string, SecretPin> OfEnvironment(IReadOnlyDictionary<string, SecretPin> pins) =>
        pins.ContainsKey(SettingKeys.RegistryPassword)
            ? pins.Where(p => p.Key != SettingKeys.RegistryPassword).ToDictionary(StringComparer.Ordinal)
            : pins;

    /// <summary>Twelve hex digits over names and version ids; never over values.</summary>
    public static string Fingerprint(IReadOnlyDictionary<string, SecretPin> pins) =>
        Convert.ToHexStringLower(
            SHA256.HashData(
                Encoding.UTF8.GetBytes(Write(pins.ToDictionary(p => p.Key, p => p.Value with { Address = null }, StringComparer.Ordinal)))
            )
        )[..12];
}

/// <summary>The cluster Secret by which nodes pull the image. Another version of the password, another user or registry is another
/// Secret.</summary>
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

        var (server, user) = (
            SpecValidator.Value(spec)(SettingKeys.RegistryServer),
            SpecValidator.Value(spec)(SettingKeys.RegistryUsername)
        );
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{pin.VaultName}\0{pin.VaultVersion}\0{server}\0{user}"));
        return new PullSecret($"{release}-pull-{Convert.ToHexStringLower(hash)[..12]}", server, user);
    }
}
