using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Provisioning.Engine.KeyIssuing;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Data.Tests.Store;

/// <summary>What is asked of the columns that decide is found by an index, on both databases.</summary>
public sealed class DecisionPlanTests(PostgreSqlServer server)
{
    public static TheoryData<string, string, string> Queries =>
        new(
            from provider in new[] { TestDatabase.Sqlite, TestDatabase.PostgreSql }
            from query in new[]
            {
                ("revisions that use a credential", "ix_revision_secrets_secret_reference_id_number"),
                ("revisions that use a version", "ix_revision_secrets_secret_reference_id_number"),
                ("requests that bring a later version", "ix_change_requests_environment_id"),
                ("secrets of a request", "pk_request_secrets"),
                ("new values that are waited for", "ix_issue_requests_requested_at"),
                ("the new value of a credential that is waited for", "ix_issue_requests_"),
                ("preflights that wait", "ix_preflight_runs_state_id"),
                ("a finding about a setting", "ix_findings_environment_id_kind_subject_name"),
                ("providers with the same settings", "ix_provider_settings_name_value"),
                ("imports that no request took", "ix_imports_at"),
                ("environments that a worker has", "ix_environments_lease_until"),
                ("revisions on a storage account", "ix_revisions_storage_account"),
                ("credentials by their name in the vault", "ix_secret_references_vault_name"),
            }
            select (provider, query.Item1, query.Item2)
        );

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task Query_OfWhatDecides_UsesItsIndex(string provider, string what, string index)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var (id, reference) = (
            Guid.NewGuid(),
            new SecretReference
            {
                EnvironmentId = Guid.NewGuid(),
                TeamId = null,
                Key = "REDIS_URL",
                VaultName = "a",
            }
        );

        var plan = what switch
        {
            "revisions that use a credential" => await QueryPlan.OfAsync(database, db => IssueScope.Pinned(db, id)),
            "revisions that use a version" => await QueryPlan.OfAsync(
                database,
                db => db.RevisionSecrets.Where(s => s.SecretReferenceId == id && s.Number == 3).Select(s => s.RevisionId)
            ),
            "requests that bring a later version" => await QueryPlan.OfAsync(
                database,
                db => OpenRotations.Bringing(db, reference, 1).Where(r => r.EnvironmentId == id)
            ),
            "secrets of a request" => await QueryPlan.OfAsync(database, db => db.RequestSecrets.Where(s => s.ChangeRequestId == id)),
            "new values that are waited for" => await QueryPlan.OfAsync(database, IssueDispatcher.Waiting),
            "the new value of a credential that is waited for" => await QueryPlan.OfAsync(database, db => IssueRequests.Waiting(db, id)),
            "preflights that wait" => await QueryPlan.OfAsync(database, PreflightDispatcher.Waiting),
            "a finding about a setting" => await QueryPlan.OfAsync(database, db => OpenFindings.About(db, id, "expiry", "REDIS_URL")),
            "providers with the same settings" => await QueryPlan.OfAsync(
                database,
                db => db.ProviderSettings.Where(s => s.Name == "account" && s.Value == "logs")
            ),
            "imports that no request took" => await QueryPlan.OfAsync(
                database,
                db => db.Imports.Where(i => i.UsedAt == null && i.At < DateTime.UtcNow).OrderBy(i => i.At)
            ),
            "environments that a worker has" => await QueryPlan.OfAsync(database, db => db.Environments.Held()),
            "revisions on a storage account" => await QueryPlan.OfAsync(
                database,
                db => db.Revisions.Where(r => r.Content.StorageAccount == "logs" && r.Content.StorageAccount != "").Select(r => r.Id)
            ),
            _ => await QueryPlan.OfAsync(database, db => db.SecretReferences.Where(r => r.VaultName == "a")),
        };

        Assert.Contains(
            provider == TestDatabase.Sqlite && index.StartsWith("pk_", StringComparison.Ordinal)
                ? "sqlite_autoindex_request_secrets_1"
                : index,
            plan,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(
            plan.Split('\n'),
            line =>
                line.Contains("Seq Scan", StringComparison.Ordinal)
                || (line.StartsWith("SCAN ", StringComparison.Ordinal) && !line.Contains(" USING ", StringComparison.Ordinal))
        );
    }
}
