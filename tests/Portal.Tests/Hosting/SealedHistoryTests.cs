using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Tests.Hosting;

/// <summary>The whole portal, while somebody who owns its database makes it forget.</summary>
public sealed class SealedHistoryTests
{
    [Fact]
    public async Task LastEventsDeleted_AndTheHeadPutBack_IsSaidByTheLogAndTheApi()
    {
        await using var portal = await PortalProcess.StartAsync(
            new PortalOptions
            {
                Variables = new Dictionary<string, string?>(StringComparer.Ordinal)
                {
                    ["Portal__Roles__0"] = "web",
                    ["Portal__SealSeconds"] = "1",
                },
            }
        );
        using var auditor = await portal.ClientAsync("auditor");
        var before = await SealedAsync(auditor);
        Assert.True((bool)before["intact"]!, before.ToJsonString());

        await using (var database = new SqliteConnection($"Data Source={Path.Combine(portal.DataFolder, "portal.db")};Default Timeout=15"))
        {
            await database.OpenAsync(TestContext.Current.CancellationToken);
            await using var attack = database.CreateCommand();
            attack.CommandText = """
                DROP TRIGGER audit_events_no_update; DROP TRIGGER audit_events_no_delete;
                DELETE FROM audit_events WHERE id = (SELECT max(id) FROM audit_events WHERE chain = 'portal');
                UPDATE audit_chain_heads SET ("index", hash) = (SELECT "index", hash FROM audit_events WHERE chain = 'portal' ORDER BY id DESC LIMIT 1) WHERE chain = 'portal';
                """;
            await attack.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await Eventually.TrueAsync(
            () => portal.Log.Contains("THE HISTORY DOES NOT AGREE WITH ITS SEALS: Chain portal goes back", StringComparison.Ordinal),
            "the sealer says so"
        );
        var verdict = await VerifyAsync(auditor);
        Assert.False((bool)verdict["intact"]!);
        Assert.Equal((long)before["seals"]!, (long)verdict["seals"]!);

        await portal.RestartAsync();
        await Eventually.TrueAsync(
            () => portal.Log.Contains("Chain portal", StringComparison.Ordinal),
            "the sealer says so after a start, too"
        );
        using var again = await portal.ClientAsync("auditor");
        Assert.False((bool)(await VerifyAsync(again))["intact"]!);
    }

    private static async Task<JsonNode> VerifyAsync(HttpClient auditor) =>
        JsonNode.Parse(await auditor.GetStringAsync("/api/v1/audit/verify"))!;

    private static async Task<JsonNode> SealedAsync(HttpClient auditor)
    {
        JsonNode? verdict = null;
        await Eventually.TrueAsync(async () => (long)(verdict = await VerifyAsync(auditor))["seals"]! > 0, "a seal is written");
        return verdict!;
    }
}
