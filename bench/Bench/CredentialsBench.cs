using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Portkey.Portal.Data;
using Portkey.Portal.Data.Sqlite;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Bench;

/// <summary>
/// The Credentials page in Chromium, from the click to the last row of its first page, in a portal with 1,000 secrets in 200 environments
/// and in one with 10 in 2, in turn. Both keep their secrets in the Key Vault stand-in, which counts the calls.
/// </summary>
internal static class CredentialsBench
{
    private static readonly string[] Keys =
    [
        "PORTKEY_CLIENT_AUTH",
        "REDIS_URL",
        "AZURE_STORAGE_KEY",
        "ANALYTICS_STORE_PASSWORD",
        "VECTOR_STORE_API_KEY",
    ];

    public static async Task RunAsync(int count)
    {
        await using var azure = await KeyVaultServer.StartAsync();
        using var folders = new TemporaryFolder();
        await using var small = await SeededAsync(azure, folders.Combine("small"), environments: 2);
        await using var large = await SeededAsync(azure, folders.Combine("large"), environments: 200);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(
            new() { ExecutablePath = Tools.Chromium, Args = ["--no-sandbox", "--disable-gpu"] }
        );
        var (few, many) = (await SignedInAsync(browser, small), await SignedInAsync(browser, large));
        using var fewApi = await small.ClientAsync("admin-1");
        using var manyApi = await large.ClientAsync("admin-1");
        for (var warmUp = 0; warmUp < 3; warmUp++)
        {
            await OpenAsync(few, 10);
            await OpenAsync(many, 50);
            await AskAsync(fewApi, 10);
            await AskAsync(manyApi, 50);
        }

        azure.Log.Clear();
        var times = new Dictionary<string, List<double>>(StringComparer.Ordinal)
        {
            ["page, 10 secrets"] = [],
            ["page, 1,000 secrets"] = [],
            ["API, 10 secrets"] = [],
            ["API, 1,000 secrets"] = [],
        };
        for (var n = 0; n < count; n++)
        {
            times["page, 10 secrets"].Add(await OpenAsync(few, 10));
            times["page, 1,000 secrets"].Add(await OpenAsync(many, 50));
            times["API, 10 secrets"].Add(await AskAsync(fewApi, 10));
            times["API, 1,000 secrets"].Add(await AskAsync(manyApi, 50));
        }

        Console.WriteLine($"{count} times each; seconds   median      max");
        foreach (var (what, seconds) in times)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-24} {Median(seconds),8:F3} {seconds.Max(),8:F3}"));
        }

        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"ratio of medians, page: {Median(times["page, 1,000 secrets"]) / Median(times["page, 10 secrets"]):F2}; calls of the vault: {azure.Log.Calls.Count}"
            )
        );
    }

    private static async Task<PortalProcess> SeededAsync(KeyVaultServer azure, string folder, int environments)
    {
        var variables = new Dictionary<string, string?>(azure.Environment, StringComparer.Ordinal)
        {
            ["Portal__Roles__0"] = "web",
            ["Portal__Vault__Kind"] = "azure",
            ["Portal__Vault__Address"] = azure.Address.ToString(),
        };
        Directory.CreateDirectory(folder);
        var portal = await PortalProcess.StartAsync(new PortalOptions { DataFolder = folder, Variables = variables });
        await portal.StopAsync();
        await SeedAsync(Path.Combine(folder, "portal.db"), environments);
        await portal.RestartAsync();
        return portal;
    }

    private static async Task SeedAsync(string file, int environments)
    {
        await using var db = new PortalDbContext(
            (
                (DbContextOptionsBuilder<PortalDbContext>)
                    new DbContextOptionsBuilder<PortalDbContext>().UsePortalSqlite($"Data Source={file};Pooling=False")
            ).Options
        );
        var (teams, cluster, now) = (
            await db.Teams.OrderBy(t => t.Name).ToListAsync(),
            await db.Clusters.FirstOrDefaultAsync(),
            DateTime.UtcNow
        );
        if (cluster is null)
        {
            cluster = new Cluster
            {
                Name = "sandbox",
                DisplayName = "Sandbox",
                KubeconfigSource = "file:/nowhere",
            };
            db.Add(cluster);
        }

        for (var i = 0; i < environments; i++)
        {
            var team = teams[i % teams.Count];
            var environment = new GatewayEnvironment
            {
                Id = Guid.CreateVersion7(),
                Name = $"env-{i:000}",
                TeamId = team.Id,
                ClusterId = cluster.Id,
                Namespace = $"{team.Name}-env-{i:000}",
                ReleaseName = "portkey-gateway",
                Edition = Edition.Enterprise,
                Profile = "dev",
                CreatedAt = now,
                CreatedBy = "lead-payments",
            };
            environment.MoveTo(EnvironmentState.Ready);
            db.Add(environment);
            foreach (var (n, key) in Keys.Index())
            {
                var days = ((i * Keys.Length) + n) % 120;
                var reference = new SecretReference
                {
                    EnvironmentId = environment.Id,
                    TeamId = team.Id,
                    Key = key,
                    VaultName = $"env-{environment.Id:N}-{n}",
                    ExpiresAt = n == 0 ? null : now.AddDays(days + 1),
                    LastRotatedAt = now.AddDays(-days),
                };
                db.Add(reference);
                db.Add(
                    new SecretVersion
                    {
                        SecretReferenceId = reference.Id,
                        Number = 1,
                        VaultVersion = Guid.NewGuid().ToString("N"),
                        State = SecretVersionState.Disabled,
                        CreatedBy = "lead-payments",
                        CreatedAt = now.AddDays(-days - 90),
                    }
                );
                db.Add(
                    new SecretVersion
                    {
                        SecretReferenceId = reference.Id,
                        Number = 2,
                        VaultVersion = Guid.NewGuid().ToString("N"),
                        State = SecretVersionState.Current,
                        CreatedBy = "lead-payments",
                        CreatedAt = now.AddDays(-days),
                    }
                );
            }
        }

        await db.SaveChangesAsync();
    }

    private static async Task<IPage> SignedInAsync(IBrowser browser, PortalProcess portal)
    {
        var context = await browser.NewContextAsync(
            new()
            {
                BaseURL = portal.BaseUrl.ToString(),
                ViewportSize = new() { Width = 1440, Height = 900 },
            }
        );
        var page = await context.NewPageAsync();
        await page.GotoAsync("/dev/sign-in?persona=admin-1");
        return page;
    }

    // A whole load: document, circuit, query, rows.
    private static async Task<double> OpenAsync(IPage page, int rows)
    {
        var started = Stopwatch.GetTimestamp();
        await page.GotoAsync("/credentials", new() { WaitUntil = WaitUntilState.Commit });
        await page.GetByTestId("credential-row").Nth(rows - 1).WaitForAsync();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<double> AskAsync(HttpClient api, int rows)
    {
        var started = Stopwatch.GetTimestamp();
        var page = await api.GetFromJsonAsync<JsonNode>("/api/v1/credentials");
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return page!["items"]!.AsArray().Count == rows
            ? seconds
            : throw new InvalidOperationException($"{page["items"]!.AsArray().Count} rows instead of {rows}.");
    }

    private static double Median(List<double> seconds) => seconds.Order().ElementAt(seconds.Count / 2);
}
