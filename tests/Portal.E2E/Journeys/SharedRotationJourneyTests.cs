using System.Net;
using Portkey.Portal.E2E.Secrets;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.Journeys;

/// <summary>One credential of three environments: made, used, and rotated in waves, by people in the browser.</summary>
[Collection(ProductCollection.Name)]
public sealed class SharedRotationJourneyTests(Product product)
{
    [Fact]
    public async Task Rotation_OfASharedCredential_GoesInWaves_StopsAtAFailure_GoesOn_AndDisablesTheOldVersionLast()
    {
        using var lead = await product.ApiAsync("lead-payments");
        using var admin = await product.ApiAsync("admin-1");
        var credential = await StoredInTheBrowserAsync("team-key", "shared-key-one");
        var environments = new List<string>();
        foreach (var name in (string[])["payments-a", "payments-b", "payments-c"])
        {
            environments.Add(
                (
                    await admin.AppliedAsync(
                        await admin.ApproveAsync(await lead.CreatedAsync(Proposals.EnterpriseSharing(name, "team-key")))
                    )
                ).Text("id")
            );
        }

        Assert.Equal("v1 current", await VersionsAsync(admin, credential));
        (await lead.PutTextAsync($"/api/v1/credentials/{credential}/value", "shared-key-two")).Expect(HttpStatusCode.OK);
        (await lead.PostAsync($"/api/v1/environments/{environments[0]}/rotate", new { key = "PORTKEY_CLIENT_AUTH" })).ExpectProblem(
            HttpStatusCode.BadRequest
        );

        // Asked for by the lead, who sees what it touches; approved by an administrator, who sees the same.
        var page = await product.PageAsync("lead-payments");
        await page.GotoAsync($"/credentials/{credential}/rotate");
        await page.SeesAsync("rotation-touches", "It touches 3 environments");
        await page.UntilAsync(
            () => page.ById("wave-size").SelectOptionAsync("1"),
            async p => (await p.ById("waves").InnerTextAsync()).Contains("Wave 3", StringComparison.Ordinal),
            "the waves are redrawn"
        );
        await page.ClickUntilAsync("rotation-submit", p => p.Url.Contains("/rotations/", StringComparison.Ordinal));
        await page.SeesAsync("rotation-state", "Pending");
        var rotation = page.Url.Split('/')[^1];
        var member = (await admin.GetAsync($"/api/v1/rotations/{rotation}")).Expect(HttpStatusCode.OK)["waves"]![0]![0]!.Text("requestId");
        var alone = await admin.RequestAsync(member);
        Assert.Equal(
            "part-of-rotation",
            (await admin.PostAsync($"/api/v1/requests/{member}/approve", new { digest = alone.Text("digest"), reason = "x" }))
                .ExpectProblem(HttpStatusCode.Conflict)
                .Text("code")
        );
        Assert.Equal(
            "forbidden",
            (await lead.PostAsync($"/api/v1/rotations/{rotation}/approve", new { digest = "sha256:0", reason = "x" }))
                .ExpectProblem(HttpStatusCode.Forbidden)
                .Text("code")
        );
        Assert.Equal(
            "stale-digest",
            (await admin.PostAsync($"/api/v1/rotations/{rotation}/approve", new { digest = "sha256:0", reason = "x" }))
                .ExpectProblem(HttpStatusCode.Conflict)
                .Text("code")
        );

        // What the second wave will run into.
        var second = await admin.EnvironmentAsync(environments[1]);
        await QuotaAsync(second.Text("namespace"));
        var approver = await product.PageAsync("admin-1");
        await approver.GotoAsync("/approvals");
        await approver.SeesAsync("waiting-rotations", "team-key");
        await approver.GotoAsync($"/rotations/{rotation}");
        await approver.UntilAsync(
            async () =>
            {
                await approver.ById("decide-reason").FillAsync("seen", new() { Timeout = 3000 });
                await approver.ById("approve").ClickAsync(new() { Timeout = 3000 });
            },
            async p =>
                await p.ById("rotation-state").CountAsync() > 0
                && !(await p.ById("rotation-state").InnerTextAsync()).Contains("Pending", StringComparison.Ordinal),
            "the rotation is approved"
        );
        await approver.SeesAsync("rotation-state", "Stopped", 120);
        await approver.SeesAsync("member-payments-a", "Rotated");
        await approver.SeesAsync("member-payments-b", "Failed");
        await approver.SeesAsync("member-payments-c", "Not touched");
        await approver.SeesAsync("rotation-outcome", "v1 and v2 are both valid");
        Assert.Equal("v1 current, v2 pending", await VersionsAsync(admin, credential));
        Assert.Equal("v2 v1 v1", await UsedAsync(admin, environments));

        // Mended, it goes on with those that are left.
        await Cluster.RunAsync(
            Tools.Kubectl,
            product.Sandbox.Kubeconfig,
            "delete",
            "resourcequota",
            "too-small",
            "-n",
            second.Text("namespace")
        );
        await RetriedAsync(admin, environments[1]);
        var again = (await lead.PostAsync($"/api/v1/credentials/{credential}/rotations", new { reason = "go on" })).Expect(
            HttpStatusCode.Created
        );
        Assert.Equal("payments-c", again["waves"]!.AsArray().SelectMany(w => w!.AsArray()).Single()!.Text("name"));
        (
            await admin.PostAsync(
                $"/api/v1/rotations/{again["rotation"]!.Text("id")}/approve",
                new { digest = again.Text("digest"), reason = "" }
            )
        ).Expect(HttpStatusCode.OK);
        await page.GotoAsync($"/rotations/{again["rotation"]!.Text("id")}");
        await page.SeesAsync("rotation-state", "Succeeded", 120);
        Assert.Equal("v1 disabled, v2 current", await VersionsAsync(admin, credential));
        Assert.Equal("v2 v2 v2", await UsedAsync(admin, environments));
        using var auditor = await product.ApiAsync("auditor");
        Assert.Equal("true", (await auditor.GetAsync("/api/v1/audit/verify")).Expect(HttpStatusCode.OK).Text("intact"));
    }

    [Fact]
    public async Task Rotation_ThatIsDueByPolicy_IsAskedForByItself_AndWaitsForAnApproval()
    {
        using var lead = await product.ApiAsync("lead-payments");
        using var admin = await product.ApiAsync("admin-1");
        var credential = (
            await lead.PostTextAsync("/api/v1/credentials?name=due-key&key=PORTKEY_CLIENT_AUTH&team=payments", "due-key-one")
        ).Expect(HttpStatusCode.Created)["credential"]!.Text("id");
        await admin.AppliedAsync(await admin.ApproveAsync(await lead.CreatedAsync(Proposals.EnterpriseSharing("payments-due", "due-key"))));
        (await lead.SendAsync(HttpMethod.Put, $"/api/v1/credentials/{credential}/provider", new { provider = "random" })).Expect(
            HttpStatusCode.OK
        );
        var policy = new
        {
            expiresAt = DateTime.UtcNow.AddDays(5).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
            rotateBeforeDays = 30,
            unattended = true,
        };
        var refused = (await admin.SendAsync(HttpMethod.Put, $"/api/v1/credentials/{credential}/policy", policy)).ExpectProblem(
            HttpStatusCode.BadRequest
        );
        Assert.Contains("a person approves it", refused["errors"]!["unattended"]!.ToJsonString(), StringComparison.Ordinal);
        (
            await lead.SendAsync(
                HttpMethod.Put,
                $"/api/v1/credentials/{credential}/policy",
                new { policy.expiresAt, policy.rotateBeforeDays }
            )
        ).Expect(HttpStatusCode.OK);

        var rotation = await Eventually.GetAsync(
            async () =>
                (await admin.GetAsync($"/api/v1/rotations?credential={credential}&waitingForMe=true")).Expect(HttpStatusCode.OK)[
                    "items"
                ]!.AsArray()
                    is [{ } first, ..]
                    ? first
                    : null,
            "the rotation is asked for",
            TimeSpan.FromSeconds(60)
        );
        Assert.Equal("system", rotation!.Text("requestedBy"));
        var id = rotation.Text("id");
        var digest = (await admin.GetAsync($"/api/v1/rotations/{id}")).Expect(HttpStatusCode.OK).Text("digest");
        (await admin.PostAsync($"/api/v1/rotations/{id}/approve", new { digest, reason = "" })).Expect(HttpStatusCode.OK);
        await Eventually.TrueAsync(
            async () => (await admin.GetAsync($"/api/v1/rotations/{id}")).Json["rotation"]!.Text("state") == "succeeded",
            "the rotation succeeds",
            TimeSpan.FromSeconds(90)
        );
        Assert.Equal("v1 disabled, v2 current", await VersionsAsync(admin, credential));
    }

    private async Task<string> StoredInTheBrowserAsync(string name, string value)
    {
        var page = await product.PageAsync("lead-payments");
        await page.GotoAsync("/credentials/new");
        await page.SettledAsync();
        await page.ById("shared-name").FillAsync("Not A Label");
        await page.ById("shared-key").SelectOptionAsync("PORTKEY_CLIENT_AUTH");
        await page.ById("shared-value").FillAsync(value);
        await page.ById("shared-submit").ClickAsync();
        await page.SeesAsync("error-shared-name", "lower-case letters");
        await page.ById("shared-name").FillAsync(name);
        await page.ById("shared-value").FillAsync(value);
        await page.ById("shared-submit").ClickAsync();
        await page.SeesAsync("credential-stored", "Stored v1");
        return new Uri(page.Url).AbsolutePath.Split('/')[^1];
    }

    private async Task QuotaAsync(string ns)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(
            folder.Combine("quota.yaml"),
            "apiVersion: v1\nkind: ResourceQuota\nmetadata: { name: too-small }\nspec: { hard: { pods: \"0\" } }\n"
        );
        await Cluster.RunAsync(Tools.Kubectl, product.Sandbox.Kubeconfig, "apply", "-f", folder.Combine("quota.yaml"), "-n", ns);
    }

    private static async Task RetriedAsync(Api admin, string environment)
    {
        var last = (await admin.EnvironmentAsync(environment))["lastOperation"]!.Text("id");
        var retry = (await admin.PostAsync($"/api/v1/operations/{last}/retry", new { reason = "the quota is gone" })).Expect(
            HttpStatusCode.OK
        );
        await admin.SucceededAsync(retry.Text("id"));
    }

    private static async Task<string> VersionsAsync(Api api, string credential) =>
        string.Join(
            ", ",
            (await api.GetAsync($"/api/v1/credentials/{credential}")).Expect(HttpStatusCode.OK)["versions"]!
                .AsArray()
                .Reverse()
                .Select(v => $"{v!.Text("version")} {v!.Text("state")}")
        );

    private static async Task<string> UsedAsync(Api api, IEnumerable<string> environments)
    {
        var used = new List<string>();
        foreach (var environment in environments)
        {
            used.Add(
                (await api.GetAsync($"/api/v1/environments/{environment}/secrets")).Expect(HttpStatusCode.OK)["items"]!
                    .AsArray()
                    .Single(s => s!.Text("key") == "PORTKEY_CLIENT_AUTH")!
                    .Text("currentVersion")
            );
        }

        return string.Join(' ', used);
    }
}
