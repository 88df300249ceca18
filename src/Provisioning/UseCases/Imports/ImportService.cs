using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>Reads values files. The secrets in them go to the vault at once; a request that names the import takes them from
/// there.</summary>
public sealed class ImportService(
    UnitOfWork work,
    ISecretWriter vault,
    IOptions<ProvisioningOptions> options,
    AuditTrail audit,
    TimeProvider time
)
{
    /// <summary>Longest text, characters.</summary>
    public const int LongestText = ImportYaml.LongestText;

    /// <summary>Reads a values file, or KEY=value lines.</summary>
    /// <exception cref="InvalidInputException">It is not one; says where.</exception>
    public async Task<ImportView> ReadAsync(Caller caller, string text, CancellationToken cancellationToken)
    {
        var (teams, profile) = await work.ReadAsync(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                return access.MayPropose
                    ? (access.Teams, await db.Profiles.AsNoTracking().OrderBy(p => p.Order).FirstAsync(cancellationToken))
                    : throw new ForbiddenException("Only members of a team and administrators can import: it leads to a request.");
            },
            cancellationToken
        );
        var read = ValuesImporter.Read(text);
        var secrets = read.Secrets.ToDictionary(s => s.Key, s => s.Value.Reveal());
        var (problems, findings) = SpecValidator.Judge(
            new SpecCandidate(read.Spec, profile, secrets, new HashSet<string>()) { Policy = SpecPolicy.Of(options.Value) }
        );
        problems = [.. read.Problems, .. problems.Where(p => read.Problems.All(r => r.Field != p.Field))];
        var unfit = problems
            .Where(p => p.Field.StartsWith("spec.secrets.", StringComparison.Ordinal))
            .Select(p => p.Field["spec.secrets.".Length..])
            .ToHashSet(StringComparer.Ordinal);

        var stored = new List<StoredSecret>();
        return await vault.OrDiscardAsync(
            stored,
            async () =>
            {
                var (id, pins) = await StoreAsync(read.Secrets.Where(s => !unfit.Contains(s.Key)), teams, stored, cancellationToken);
                var view = new ImportView(
                    id,
                    read.Spec,
                    read.Corrections,
                    read.Dropped,
                    [.. pins.Keys.Order(StringComparer.Ordinal)],
                    problems,
                    findings
                )
                {
                    Kept = read.Kept,
                    SecretPaths = read.Account.Secrets,
                };
                await WriteAsync(caller, view, pins, teams, cancellationToken);
                return view;
            }
        );
    }

    private async Task<(Guid Id, Dictionary<string, SecretPin> Pins)> StoreAsync(
        IEnumerable<KeyValuePair<string, SecretValue>> secrets,
        IReadOnlyList<TeamView> teams,
        List<StoredSecret> stored,
        CancellationToken cancellationToken
    )
    {
        // Its team is not known before the request, unless there is only one.
        var team = teams.Count == 1 ? teams[0].Name : "";
        var id = Guid.CreateVersion7();
        var pins = new Dictionary<string, SecretPin>(StringComparer.Ordinal);
        foreach (var (key, value) in secrets)
        {
            var name = vault.NameFor(team, VaultNames.Of(id, key));
            pins[key] = new SecretPin(
                name,
                1,
                await vault.StoreAsync(name, value, new SecretAttributes(id.ToString(), key), cancellationToken)
            )
            {
                Address = EgressNeeds.AddressOf(value.Reveal()),
            };
            stored.Add(new(name, pins[key].VaultVersion));
        }

        return (id, pins);
    }

    private Task WriteAsync(
        Caller caller,
        ImportView view,
        Dictionary<string, SecretPin> pins,
        IReadOnlyList<TeamView> teams,
        CancellationToken cancellationToken
    ) =>
        work.WriteAsync(
            async db =>
            {
                db.Imports.Add(
                    new Import
                    {
                        Id = view.Id,
                        PersonId = caller.PersonId,
                        ViewJson = PortalJson.Write(view),
                        Secrets = SecretPins.RowsOf(pins),
                        At = time.GetUtcNow().UtcDateTime,
                    }
                );
                await audit.AppendAsync(
                    db,
                    caller,
                    new AuditEntry(
                        "values.imported",
                        "import",
                        view.Id.ToString(),
                        $"{view.Spec.Settings.Count} settings, {pins.Count} secrets"
                    )
                    {
                        TeamId = teams.Select(t => (Guid?)t.Id).FirstOrDefault(),
                        After = new
                        {
                            secrets = view.Secrets,
                            corrections = view.Corrections.Count,
                            dropped = view.Dropped.Count,
                        },
                    },
                    cancellationToken
                );
            },
            cancellationToken
        );

    /// <summary>Result of an import of the caller's; null when there is none.</summary>
    public Task<ImportView?> FindAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
                await db
                    .Imports.Where(i => i.Id == id && i.PersonId == caller.PersonId)
                    .Select(i => i.ViewJson)
                    .FirstOrDefaultAsync(cancellationToken)
                    is { } json
                    ? PortalJson.Read<ImportView>(json)
                    : null,
            cancellationToken
        );
}
