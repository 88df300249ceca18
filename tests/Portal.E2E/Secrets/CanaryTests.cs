using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.Secrets;

/// <summary>A secret that is known to the test goes to the cluster and is found nowhere else; and the search would find it.</summary>
[Collection(ProductCollection.Name)]
public sealed class CanaryTests(Product product)
{
    [Fact]
    public async Task Secret_OfAnEnterpriseGateway_IsInTheClusterAndNowhereElse()
    {
        var canary = "canary-" + Guid.NewGuid().ToString("N");
        var next = "canary-" + Guid.NewGuid().ToString("N");
        var evidence = await Evidence.OfDeploymentAsync(product, Proposals.Enterprise("payments-canary", canary), next);
        Assert.Empty(new LeakScan(canary).In(evidence));
        Assert.Empty(new LeakScan(next).In(evidence));
        Assert.DoesNotContain(evidence.Secrets, s => new LeakScan(canary).Finds(s.ToJsonString())); // rotated away, so its Secret is gone
        var holding = Assert.Single(evidence.Secrets, s => new LeakScan(next).Finds(s.ToJsonString()));
        var data = Assert.IsType<JsonObject>(holding["data"]);
        Assert.Equal(next, Encoding.UTF8.GetString(Convert.FromBase64String(data.Text("PORTKEY_CLIENT_AUTH"))));
    }

    // The counter-test: the same search over the same places, with text that is no secret and so does get there, or is put there.
    [Fact]
    public async Task Search_WhereSomethingWasPlanted_FindsItInEveryPlace()
    {
        var planted = "planted-" + Guid.NewGuid().ToString("N");
        var (argument, variable) = ("argument-" + planted, "variable-" + planted);
        var proposal = Proposals.Enterprise("payments-planted", "not-a-real-key", organisations: planted, reason: $"because of {planted}");
        var evidence = await Evidence.OfDeploymentAsync(
            product,
            proposal,
            meanwhile: async page =>
            {
                await page.EvaluateAsync("text => localStorage.setItem('planted', text)", planted);
                using var api = await product.ApiAsync("lead-payments");
                await api.GetAsync($"/api/v1/environments?search={planted}"); // the log names addresses
                await HelmAsync(argument, variable);
            }
        );
        var found = new LeakScan(planted).In(evidence);
        Assert.All(
            Evidence.Places,
            place =>
                Assert.True(
                    found.Any(f => f.StartsWith(place + ":", StringComparison.Ordinal)),
                    $"nothing found in {place}, only in:\n{string.Join('\n', found)}"
                )
        );

        // Places of many parts: in each of those that hold the text.
        string[] parts =
        [
            "API answers: POST requests",
            "API answers: requests/ID",
            "API answers: requests/ID/preview",
            "API answers: environments/ID",
            "API answers: environments/ID/revisions",
            "API answers: audit?limit=200",
            "API answers: audit/export?format=csv",
            "API answers: audit/export?format=jsonl",
            "cluster objects: Deployment portkey-gateway",
        ];
        Assert.All(parts, part => Assert.Contains(part, found));
        Assert.Contains(found, f => f is "files: portal.db" or "files: portal.db-wal");
        var processes = evidence.Pieces.Single(p => p.Place == Evidence.Processes).Text;
        Assert.Contains(argument, processes, StringComparison.Ordinal);
        Assert.Contains(variable, processes, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("x", "y")]
    [InlineData("{\"a\":\"", "\"}")]
    [InlineData("key=", "\n\n")]
    public void Scan_OfEncodedText_FindsTheSecretWhereverItStands(string before, string after)
    {
        const string Secret = "canary-5f0c";
        var scan = new LeakScan(Secret);
        var bytes = Encoding.UTF8.GetBytes(before + Secret + after);
        Assert.All(
            (string[])
                [
                    before + Secret + after,
                    Convert.ToBase64String(bytes),
                    Convert.ToHexString(bytes),
                    Convert.ToHexStringLower(bytes),
                    Encoding.Latin1.GetString(bytes),
                ],
            text => Assert.True(scan.Finds(text), text)
        );
        Assert.False(scan.Finds(Convert.ToBase64String(Encoding.UTF8.GetBytes(before + "canary-6f0c" + after))));
    }

    // Reads values from standard input, which stays open long enough to be seen.
    private static async Task HelmAsync(string argument, string variable)
    {
        var start = new ProcessStartInfo(Tools.Helm, ["template", argument, Path.Combine(Repository.Charts, "guardrails"), "-f", "-"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PLANTED"] = variable;
        using var helm = Process.Start(start)!;
        await Task.Delay(500);
        helm.Kill();
        await helm.WaitForExitAsync();
    }
}
