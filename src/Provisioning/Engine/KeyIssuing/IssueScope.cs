using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.KeyIssuing;

/// <summary>A credential with all that decides what may be done with its values.</summary>
/// <param name="Reference">With its versions.</param>
/// <param name="Settings">Of its provider.</param>
/// <param name="Marks">What the provider has to revoke.</param>
/// <param name="Where">Environment; null for a shared one.</param>
/// <param name="InDoubt">Versions, by their number, that an approved revision pins although it was never applied: pods may run with
/// them.</param>
/// <param name="Others">Versions of other credentials at the same provider account.</param>
/// <param name="Admin">The provider's own credential; null for none.</param>
internal sealed record IssueScope(
    SecretReference Reference,
    IReadOnlyDictionary<string, string> Settings,
    IReadOnlyList<string> Marks,
    GatewayEnvironment? Where,
    IReadOnlySet<int> InDoubt,
    IReadOnlyList<SecretPin> Others,
    SecretPin? Admin
)
{
    private const int MostOthers = 500;

    public SecretVersion? Current => Reference.Versions.Where(v => v.State == SecretVersionState.Current).MaxBy(v => v.Number);

    public string Name => Where is null ? Reference.Key : $"{Reference.Key} of {Where.Name}";

    /// <summary>Reads it, without values.</summary>
    public static async Task<IssueScope> ReadAsync(PortalDbContext db, Guid id, CancellationToken cancellationToken)
    {
        var reference = await db.SecretReferences.AsNoTracking().Include(r => r.Versions).FirstAsync(r => r.Id == id, cancellationToken);
        var settings = await ProviderFacts.SettingsAsync(db, id, cancellationToken);
        var marks = await db
            .ProviderMarks.Where(m => m.SecretReferenceId == id)
            .OrderBy(m => m.At)
            .Select(m => m.Mark)
            .ToListAsync(cancellationToken);
        var where = reference.EnvironmentId is { } own
            ? await db.Environments.AsNoTracking().FirstOrDefaultAsync(e => e.Id == own, cancellationToken)
            : null;
        return new IssueScope(
            reference,
            settings,
            marks,
            where,
            where is null
                ? await OfSharedAsync(db, reference, cancellationToken)
                : await InDoubtAsync(db, reference, where, cancellationToken),
            reference.Provider == ProviderNames.AzureStorage ? await OthersAsync(db, reference, settings, cancellationToken) : [],
            reference.Provider == ProviderNames.RedisAcl ? await AdminAsync(db, reference, settings, cancellationToken) : null
        );
    }

    /// <summary>Reads the values that the provider needs.</summary>
    /// <param name="vault">Vault.</param>
    /// <param name="alsoInUse">Versions that are in use besides.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IssueException">The vault did not give one.</exception>
    public async Task<IssueContext> OpenAsync(
        ISecretVault vault,
        IReadOnlyCollection<string> alsoInUse,
        CancellationToken cancellationToken
    )
    {
        var current = Current is { } c ? await ValueAsync(Reference.VaultName, c.VaultVersion) : null;
        var inUse = new List<SecretValue>(current is null ? [] : [current]);
        foreach (
            var version in Reference.Versions.Where(v =>
                v.State is not (SecretVersionState.Disabled or SecretVersionState.Current)
                && (InDoubt.Contains(v.Number) || alsoInUse.Contains(v.VaultVersion))
            )
        )
        {
            inUse.Add(await ValueAsync(Reference.VaultName, version.VaultVersion));
        }

        var others = new List<SecretValue>();
        foreach (var other in Others)
        {
            others.Add(await ValueAsync(other.VaultName, other.VaultVersion));
        }

        return new IssueContext
        {
            Key = Reference.Key,
            Settings = Settings,
            Current = current,
            InUse = inUse,
            OfOthers = others,
            Admin = Admin is null ? null : await ValueAsync(Admin.VaultName, Admin.VaultVersion),
        };

        async Task<SecretValue> ValueAsync(string name, string version)
        {
            try
            {
                return await vault.GetAsync(name, version, cancellationToken);
            }
            catch (VaultException problem)
            {
                throw new IssueException(problem.Code, problem.Message, problem.IsTransient);
            }
        }
    }

    private static async Task<IReadOnlySet<int>> InDoubtAsync(
        PortalDbContext db,
        SecretReference reference,
        GatewayEnvironment where,
        CancellationToken cancellationToken
    )
    {
        if (where.ApprovedRevision == where.AppliedRevision)
        {
            return new HashSet<int>();
        }

        return await Pinned(db, reference.Id)
            .Where(p => p.EnvironmentId == where.Id && p.Revision > where.AppliedRevision)
            .Select(p => p.Number)
            .ToHashSetAsync(cancellationToken);
    }

    // After a rotation that stopped half-way some environments use the newer version: it is not an unused one.
    private static async Task<IReadOnlySet<int>> OfSharedAsync(
        PortalDbContext db,
        SecretReference reference,
        CancellationToken cancellationToken
    )
    {
        return await Pinned(db, reference.Id)
            .Where(p => db.SecretUses.Any(u => u.SecretReferenceId == reference.Id && u.EnvironmentId == p.EnvironmentId))
            .Join(db.Environments.Where(e => e.State != EnvironmentState.Deleted), p => p.EnvironmentId, e => e.Id, (p, e) => new { p, e })
            .Where(x => x.p.Revision >= x.e.AppliedRevision)
            .Select(x => x.p.Number)
            .ToHashSetAsync(cancellationToken);
    }

    /// <summary>Revisions that use a credential, by the index on its versions.</summary>
    internal static IQueryable<PinnedVersion> Pinned(PortalDbContext db, Guid credential) =>
        db
            .RevisionSecrets.Where(s => s.SecretReferenceId == credential)
            .Join(
                db.Revisions,
                s => s.RevisionId,
                r => r.Id,
                (s, r) =>
                    new PinnedVersion
                    {
                        EnvironmentId = r.EnvironmentId,
                        Revision = r.Number,
                        Number = s.Number,
                    }
            );

    // An account may serve several environments, each with a credential of its own; what one of them uses is not free.
    private static async Task<IReadOnlyList<SecretPin>> OthersAsync(
        PortalDbContext db,
        SecretReference reference,
        IReadOnlyDictionary<string, string> settings,
        CancellationToken cancellationToken
    )
    {
        var account = settings.GetValueOrDefault("account", "");
        var found = await db
            .SecretReferences.Where(r => r.Key == reference.Key && r.Id != reference.Id)
            .Where(r =>
                r.EnvironmentId == null
                || db.Environments.Any(e =>
                    e.Id == r.EnvironmentId
                    && e.State != EnvironmentState.Deleted
                    && db.Revisions.Any(v =>
                        v.EnvironmentId == e.Id && v.Number >= e.AppliedRevision && v.Content.StorageAccount == account
                    )
                )
            )
            .SelectMany(
                r => r.Versions.Where(v => v.State == SecretVersionState.Current || v.State == SecretVersionState.Pending),
                (r, v) =>
                    new
                    {
                        r.VaultName,
                        v.Number,
                        v.VaultVersion,
                    }
            )
            .Take(MostOthers + 1)
            .ToListAsync(cancellationToken);
        return found.Count <= MostOthers
            ? [.. found.Select(f => new SecretPin(f.VaultName, f.Number, f.VaultVersion))]
            : throw new IssueException(
                "azure-no-free-key",
                "Too many credentials use this storage account for the portal to tell which key is free. Rotate it by hand."
            );
    }

    private static async Task<SecretPin?> AdminAsync(
        PortalDbContext db,
        SecretReference reference,
        IReadOnlyDictionary<string, string> settings,
        CancellationToken cancellationToken
    )
    {
        var query = db.SecretReferences.Where(r => r.Key == SettingKeys.RedisAdminUrl);
        query = Guid.TryParse(settings.GetValueOrDefault("admin", ""), out var id)
            ? query.Where(r => r.Id == id)
            : query.Where(r => r.EnvironmentId == reference.EnvironmentId && r.EnvironmentId != null);
        return await query
            .SelectMany(
                r => r.Versions.Where(v => v.State != SecretVersionState.Disabled),
                (r, v) =>
                    new
                    {
                        r.VaultName,
                        v.Number,
                        v.VaultVersion,
                    }
            )
            .OrderByDescending(v => v.Number)
            .Select(v => new SecretPin(v.VaultName, v.Number, v.VaultVersion))
            .FirstOrDefaultAsync(cancellationToken);
    }
}

/// <summary>A revision that uses some version of a credential.</summary>
internal sealed class PinnedVersion
{
    public required Guid EnvironmentId { get; init; }

    public required int Revision { get; init; }

    public required int Number { get; init; }
}
