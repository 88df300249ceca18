using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Data.Sqlite;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Approvals;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Tests.Features.Requests;

/// <summary>
/// Whoever owns the database changes what was approved, before a worker takes it: nothing is done, and it is told. Everything is approved
/// on a portal without a worker, then changed, then found by one.
/// </summary>
public sealed class ApprovedContentTests(TamperedPortal portal) : IClassFixture<TamperedPortal>
{
    public static TheoryData<string> Changes => [.. TamperedPortal.Changes.Keys];

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Attempt_ContentChangedAfterItsApproval_IsRefusedForGood_WithAFindingAndAnEvent(string change)
    {
        var (environment, operation) = await portal.EndedAsync(change);

        Assert.Equal("failed", (string?)operation["state"]);
        Assert.Equal(ApprovedContent.FindingKind, (string?)operation["errorCode"]);
        Assert.Contains("Nothing was sent to the cluster", (string?)operation["errorMessage"], StringComparison.Ordinal);
        Assert.All(operation["steps"]!.AsArray(), s => Assert.Equal("skipped", (string?)s!["state"]));
        var findings = await portal.GetAsync($"/api/v1/environments/{environment}/findings");
        Assert.Contains(findings["items"]?.AsArray() ?? findings.AsArray(), f => (string?)f!["kind"] == ApprovedContent.FindingKind);
        var events = await portal.GetAsync($"/api/v1/audit?environment={environment}&action=approval.violated");
        Assert.Contains(events["items"]!.AsArray(), e => (string?)e!["targetId"] == (string?)operation["id"]);
    }

    [Fact]
    public async Task Attempt_ContentAsApproved_GoesOnToTheCluster()
    {
        var operation = await portal.TriedAsync("untouched");

        Assert.NotEqual(ApprovedContent.FindingKind, (string?)operation["errorCode"]);
        Assert.Contains("cluster", (string?)operation["errorMessage"], StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("approved", (string?)operation["errorMessage"], StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Retry_OfWhatWasRefused_IsRefusedAgain()
    {
        var (_, operation) = await portal.EndedAsync("revisions.values_yaml");
        var again = await portal.RetryAsync((string)operation["id"]!);

        Assert.Equal(ApprovedContent.FindingKind, (string?)(await portal.FinishedAsync((string)again["id"]!))["errorCode"]);
    }
}

/// <summary>A portal whose approved requests were each changed in another way, and a worker that found them so.</summary>
public sealed class TamperedPortal : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<string, (string Environment, string Operation)> made = new(StringComparer.Ordinal);
    private Host? web;
    private Host? worker;
    private HttpClient? admin;

    /// <summary>What is changed, by name; @e is the environment, @o the operation, @r the request.</summary>
    public static IReadOnlyDictionary<string, string> Changes { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["revisions.values_yaml"] = "UPDATE revisions SET values_yaml = values_yaml || '\nevil: true' WHERE environment_id = @e",
            ["revisions.manifest_yaml"] =
                "UPDATE revisions SET manifest_yaml = manifest_yaml || '\n---\nkind: Evil' WHERE environment_id = @e",
            ["revisions.spec_json"] = "UPDATE revisions SET spec_json = replace(spec_json, '{', '{ ') WHERE environment_id = @e",
            ["revision_secrets"] = """
                PRAGMA foreign_keys = OFF;
                INSERT INTO revision_secrets (revision_id, key, secret_reference_id, number, vault_name, vault_version) SELECT id, 'REDIS_URL', id, 1, 'cluster-x-kubeconfig', '1' FROM revisions WHERE environment_id = @e;
                PRAGMA foreign_keys = ON;
                """,
            ["revisions.chart_version_id"] =
                "UPDATE revisions SET chart_version_id = (SELECT id FROM chart_versions WHERE name = 'other') WHERE environment_id = @e",
            ["revisions.profile"] = "UPDATE revisions SET profile = 'standard' WHERE environment_id = @e",
            ["environments.namespace"] = "UPDATE environments SET namespace = 'kube-system' WHERE id = @e",
            ["environments.release_name"] = "UPDATE environments SET release_name = 'somebody-elses' WHERE id = @e",
            ["environments.cluster_id"] =
                "UPDATE environments SET cluster_id = (SELECT id FROM clusters WHERE name = 'other') WHERE id = @e",
            ["operations.kind"] = "UPDATE operations SET kind = 'Delete', revision = 0 WHERE id = @o",
            ["operation_steps"] = "DELETE FROM operation_steps WHERE operation_id = @o AND name = 'guardrails'",
            ["approvals.digest"] = "UPDATE approvals SET digest = 'sha256:0' WHERE change_request_id = @r",
            ["audit_events.request_digest"] =
                "UPDATE audit_events SET request_digest = 'sha256:0' WHERE target_id = @rt AND action = 'request.approved'",
            ["audit_events"] = "DELETE FROM audit_events WHERE environment_id = @e",

            // An owner of the database who knows how digests are made, and changes everything that fits together.
            ["everything"] = "",

            // The last two are of charts: their own rows, that nothing else here uses.
            ["chart_versions.digest"] =
                "UPDATE chart_versions SET digest = (SELECT digest FROM chart_versions WHERE name = 'other') WHERE name = 'digested'",
            ["chart_versions.location"] = "UPDATE chart_versions SET location = @other WHERE name = 'located'",
        };

    public async ValueTask InitializeAsync()
    {
        foreach (var chart in new[] { "other", "digested", "located" })
        {
            CopyChart(chart);
        }

        web = new Host(folder, "web");
        using var lead = await web.AsAsync("lead-payments");
        using var decider = await web.AsAsync("admin-1");
        foreach (var chart in new[] { "other", "digested", "located" })
        {
            using var registered = await decider.PostAsync(
                "/api/v1/charts",
                HttpText.Json(
                    new JsonObject
                    {
                        ["source"] = "directory",
                        ["location"] = folder.Combine(chart),
                        ["edition"] = "oss",
                    }
                )
            );
            Assert.True(registered.IsSuccessStatusCode, await registered.Content.ReadAsStringAsync());
        }

        foreach (var (change, number) in Changes.Keys.Append("untouched").Select((c, i) => (c, i)))
        {
            var body = PortalHost.Create($"tampered-{number}");
            body["chartVersion"] = change switch
            {
                "chart_versions.digest" => "9.0.1",
                "chart_versions.location" => "9.0.2",
                _ => null,
            };
            var proposed = await NodeAsync(await lead.PostAsync("/api/v1/requests", HttpText.Json(body)));
            var approved = await NodeAsync(
                await decider.PostAsync(
                    $"/api/v1/requests/{proposed["id"]}/approve",
                    HttpText.Json(new JsonObject { ["digest"] = (string)proposed["digest"]!, ["reason"] = "as asked" })
                )
            );
            made[change] = ((string)approved["environmentId"]!, (string)approved["operationId"]!);
            await TamperAsync(change, (string)proposed["id"]!);
        }

        await web.DisposeAsync();
        Directory.Delete(folder.Combine(Path.Combine("charts", await CachedAsync())), recursive: true); // so that the changed location is gone to
        worker = new Host(folder, "web", "worker");
        admin = await worker.AsAsync("admin-1");
    }

    public async ValueTask DisposeAsync()
    {
        admin?.Dispose();
        if (worker is not null)
        {
            await worker.DisposeAsync();
        }

        SqliteConnection.ClearAllPools();
        folder.Dispose();
    }

    public async Task<(string Environment, JsonNode Operation)> EndedAsync(string change) =>
        (made[change].Environment, await FinishedAsync(made[change].Operation));

    public Task<JsonNode> FinishedAsync(string operation) =>
        OperationAsync(operation, o => (string?)o["state"] is "failed" or "succeeded" or "cancelled");

    public Task<JsonNode> TriedAsync(string change) =>
        OperationAsync(made[change].Operation, o => (string?)o["errorCode"] is { Length: > 0 });

    public async Task<JsonNode> RetryAsync(string operation) =>
        await NodeAsync(
            await admin!.PostAsync($"/api/v1/operations/{operation}/retry", HttpText.Json(new JsonObject { ["reason"] = "once more" }))
        );

    public async Task<JsonNode> GetAsync(string path) => await NodeAsync(await admin!.GetAsync(path));

    private Task<JsonNode> OperationAsync(string id, Func<JsonNode, bool> until) =>
        Eventually.GetAsync(
            async () =>
                await GetAsync($"/api/v1/operations/{id}") is var seen && until(seen)
                    ? seen
                    : throw new InvalidOperationException(seen.ToJsonString()),
            "the operation was tried",
            TimeSpan.FromSeconds(60)
        );

    private async Task TamperAsync(string change, string request)
    {
        if (change == "untouched")
        {
            return;
        }

        await using var db = new SqliteConnection($"Data Source={folder.Combine("portal.db")};Default Timeout=15");
        await db.OpenAsync();
        await using (var list = new SqliteCommand("SELECT name FROM sqlite_master WHERE type = 'trigger'", db))
        {
            var triggers = new List<string>();
            await using (var reader = await list.ExecuteReaderAsync())
            {
                while (await reader.ReadAsync())
                {
                    triggers.Add(reader.GetString(0));
                }
            }

            foreach (var trigger in triggers)
            {
                await using var drop = new SqliteCommand($"DROP TRIGGER {trigger}", db);
                await drop.ExecuteNonQueryAsync();
            }
        }

        var sql = change switch
        {
            "everything" => await EverythingAsync(db, request),
            "environments.cluster_id" => $"{await OtherClusterAsync(db)}; {Changes[change]}",
            _ => Changes[change],
        };
        await using var command = new SqliteCommand($"PRAGMA foreign_keys = OFF; {sql}", db);
        var (environment, operation) = made[change];
        command.Parameters.AddWithValue("@e", environment.ToUpperInvariant());
        command.Parameters.AddWithValue("@o", operation.ToUpperInvariant());
        command.Parameters.AddWithValue("@r", request.ToUpperInvariant());
        command.Parameters.AddWithValue("@rt", request);
        command.Parameters.AddWithValue("@other", folder.Combine("other"));
        Assert.True(await command.ExecuteNonQueryAsync() > 0, change);
    }

    // Values of the revision and the request, and every digest in every row, as if they had been approved so.
    private static async Task<string> EverythingAsync(SqliteConnection db, string request)
    {
        await using var read = new SqliteCommand(
            "SELECT r.environment_id, r.cluster_id, r.namespace, r.profile, r.spec_json, c.digest, r.values_yaml, r.manifest_yaml FROM change_requests r JOIN chart_versions c ON c.id = r.chart_version_id WHERE r.id = @r",
            db
        );
        read.Parameters.AddWithValue("@r", request.ToUpperInvariant());
        await using var row = await read.ExecuteReaderAsync();
        Assert.True(await row.ReadAsync());
        var digest = ContentDigest.Of(
            new ApprovedContent
            {
                Kind = RequestKind.Create,
                EnvironmentId = row.GetGuid(0),
                ClusterId = row.GetGuid(1),
                Namespace = row.GetString(2),
                Release = "portkey-gateway",
                Profile = row.GetString(3),
                BaseRevision = 0,
                SpecJson = row.GetString(4),
                ChartDigest = row.GetString(5),
                ValuesYaml = row.GetString(6) + "\nevil: true",
                ManifestYaml = row.GetString(7),
                SecretVersionsJson = "{}", // it has none
            }
        );
        return $"""
            UPDATE revisions SET values_yaml = values_yaml || '
            evil: true', content_digest = '{digest}' WHERE environment_id = @e;
            UPDATE change_requests SET values_yaml = values_yaml || '
            evil: true', content_digest = '{digest}' WHERE id = @r;
            UPDATE approvals SET digest = '{digest}' WHERE change_request_id = @r;
            UPDATE audit_events SET request_digest = '{digest}' WHERE target_id = @rt;
            """;
    }

    private static async Task<string> OtherClusterAsync(SqliteConnection db)
    {
        await using var command = new SqliteCommand("SELECT group_concat(name, ',') FROM pragma_table_info('clusters')", db);
        var columns = (string)(await command.ExecuteScalarAsync())!;
        var values = columns
            .Split(',')
            .Select(c =>
                c switch
                {
                    "id" => $"'{Guid.NewGuid().ToString().ToUpperInvariant()}'",
                    "name" => "'other'",
                    _ => c,
                }
            );
        return $"INSERT INTO clusters ({columns}) SELECT {string.Join(',', values)} FROM clusters LIMIT 1";
    }

    private async Task<string> CachedAsync()
    {
        await using var db = new SqliteConnection($"Data Source={folder.Combine("portal.db")}");
        await db.OpenAsync();
        await using var command = new SqliteCommand("SELECT digest FROM chart_versions WHERE name = 'located'", db);
        return ((string)(await command.ExecuteScalarAsync())!)["sha256:".Length..];
    }

    private void CopyChart(string name)
    {
        var from = Path.Combine(Repository.Charts, "gateway");
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = folder.Combine(Path.Combine(name, Path.GetRelativePath(from, file)));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        var version = name switch
        {
            "digested" => "9.0.1",
            "located" => "9.0.2",
            _ => "9.0.0",
        };
        var chart = File.ReadAllLines(folder.Combine(Path.Combine(name, "Chart.yaml")))
            .Select(l =>
                l.StartsWith("name:", StringComparison.Ordinal) ? $"name: {name}"
                : l.StartsWith("version:", StringComparison.Ordinal) ? $"version: {version}"
                : l
            );
        File.WriteAllLines(folder.Combine(Path.Combine(name, "Chart.yaml")), chart);
    }

    private static async Task<JsonNode> NodeAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync();
            Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created, $"{(int)response.StatusCode}: {text}");
            return JsonNode.Parse(text)!;
        }
    }

    /// <summary>The real pipeline over a folder that outlives it, in front of a cluster that never answers.</summary>
    private sealed class Host(TemporaryFolder folder, params string[] roles) : WebApplicationFactory<Program>
    {
        public async Task<HttpClient> AsAsync(string persona)
        {
            var client = CreateClient(new() { AllowAutoRedirect = false });
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                "Bearer",
                await client.GetStringAsync($"/dev/token/{persona}")
            );
            return client;
        }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseContentRoot(Repository.Root);
            var kubeconfig = folder.Combine("sandbox.kubeconfig");
            File.WriteAllText(
                kubeconfig,
                $$$"""
                {"apiVersion": "v1", "kind": "Config", "current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
                 "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:{{{FreePort.Next()}}}"}}], "users": [{"name": "u", "user": {"token": "t"}}]}
                """
            );
            builder.UseEnvironment("Development");
            builder.UseSetting("Portal:DataDirectory", folder.Path);
            for (var i = 0; i < roles.Length; i++)
            {
                builder.UseSetting($"Portal:Roles:{i}", roles[i]);
            }

            builder.UseSetting("Portal:HelmPath", Tools.Helm);
            builder.UseSetting("Portal:ChartsDirectory", Repository.Charts);
            builder.UseSetting("Portal:SandboxKubeconfig", kubeconfig);
        }
    }
}
