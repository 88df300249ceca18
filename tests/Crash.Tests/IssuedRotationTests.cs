using System.Net;
using System.Text.Json.Nodes;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Crash.Tests;

/// <summary>
/// Rotations whose new password the portal makes on a real Redis: by one press, and by policy without anybody; and those that fail, die or
/// may not happen, after which Redis lets in by the password in use and by no other.
/// </summary>
public sealed class IssuedRotationTests
{
    [Fact]
    public async Task Rotation_WithIssue_BringsANewPassword_AndTheOldOneIsRefused()
    {
        await using var world = await RotationWorld.StartAsync();
        var id = await PrepareAsync(world);

        var request = (
            await world.Lead.PostAsync(
                $"/api/v1/environments/{world.Environment}/rotate",
                new
                {
                    key = "REDIS_URL",
                    issue = true,
                    reason = "yearly",
                }
            )
        ).Expect(HttpStatusCode.Created);
        await world.Admin.SucceededAsync((await world.Admin.ApproveAsync(request)).Text("operationId"));

        Assert.Equal("v1 disabled, v2 current", await world.VersionsAsync());
        Assert.False(await world.Redis.LetsInAsync(RotationWorld.User, world.FirstPassword));
        Assert.Equal(1, await PasswordsAsync(world));
        var view = (await world.Lead.GetAsync($"/api/v1/credentials/{id}")).Expect(HttpStatusCode.OK);
        Assert.Equal("redis-acl", view.Text("provider"));

        // The admin's address is nobody's to rotate a gateway to.
        (await world.Lead.PostAsync($"/api/v1/environments/{world.Environment}/rotate", new { key = "REDIS_ADMIN_URL" })).ExpectProblem(
            HttpStatusCode.BadRequest
        );
        Assert.Empty(world.Traffic.Failed);
    }

    [Fact]
    public async Task Rotation_DueAndUnattended_HappensInItsWindowAlone_AndIsApprovedInTheNameOfWhoDecidedSo()
    {
        await using var world = await RotationWorld.StartAsync();
        var id = await PrepareAsync(world);
        await PolicyAsync(world, id, ClosedWindow(), HttpStatusCode.OK);
        await Task.Delay(TimeSpan.FromSeconds(4));
        Assert.Equal("v1 current", await world.VersionsAsync());
        Assert.Equal(1, await PasswordsAsync(world));

        await PolicyAsync(world, id, "", HttpStatusCode.OK);
        await Eventually.GetAsync(
            async () =>
                await world.VersionsAsync() is "v1 disabled, v2 current" and var done
                    ? done
                    : throw new InvalidOperationException($"{await world.VersionsAsync()} {(await FindingsAsync(world)).ToJsonString()}"),
            "the portal rotates by itself",
            TimeSpan.FromSeconds(90)
        );

        Assert.False(await world.Redis.LetsInAsync(RotationWorld.User, world.FirstPassword));
        Assert.Equal(1, await PasswordsAsync(world));
        var requests = (await world.Admin.GetAsync($"/api/v1/requests?environment={world.Environment}")).Expect(HttpStatusCode.OK)[
            "items"
        ]!.AsArray();
        var request = await world.Admin.RequestAsync(requests.Single(r => r!.Text("kind") == "rotate")!.Text("id"));
        Assert.Equal("system", request.Text("requestedBy"));
        Assert.Equal("admin-1", Assert.Single(request["decisions"]!.AsArray())!.Text("by"));
        Assert.StartsWith("By policy", request["decisions"]![0]!.Text("reason"), StringComparison.Ordinal);
        var approved = (await world.Admin.GetAsync($"/api/v1/audit?action=request.approved&environment={world.Environment}")).Expect(
            HttpStatusCode.OK
        )["items"]![0]!;
        Assert.Equal("system", approved.Text("actor"));
        Assert.Contains("admin-1", approved.Text("after"), StringComparison.Ordinal);
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.Equal("v1 disabled, v2 current", await world.VersionsAsync()); // once
        Assert.Empty(world.Traffic.Failed);
    }

    [Fact]
    public async Task Rotation_DueWithoutUnattended_WaitsForAnApproval_AndAfterANoItRests()
    {
        await using var world = await RotationWorld.StartAsync();
        var id = await PrepareAsync(world);
        await PolicyAsync(world, id, "", HttpStatusCode.OK, unattended: false);
        var request = await Eventually.GetAsync(async () => (await PendingAsync(world))!, "the portal asks", TimeSpan.FromSeconds(60));
        Assert.Equal("v1 current, v2 pending", await world.VersionsAsync());

        var seen = await world.Admin.RequestAsync(request.Text("id"));
        (
            await world.Admin.PostAsync(
                $"/api/v1/requests/{request.Text("id")}/reject",
                new { digest = seen.Text("digest"), reason = "not this week" }
            )
        ).Expect(HttpStatusCode.OK);
        await Task.Delay(TimeSpan.FromSeconds(4));
        Assert.Null(await PendingAsync(world));
    }

    [Fact]
    public async Task Rotation_ThatFailsHalfWay_RemovesTheNewPassword_AndRests()
    {
        await using var world = await RotationWorld.StartAsync();
        var id = await PrepareAsync(world);
        var before = await world.ServedSecretAsync();
        world.Points.Pause("helm.before");
        await PolicyAsync(world, id, "", HttpStatusCode.OK);
        await Eventually.TrueAsync(() => world.Points.IsPaused("helm.before"), "the rotation comes to Helm", TimeSpan.FromSeconds(60));
        Assert.Equal(2, await PasswordsAsync(world));
        await world.DeleteSecretsButAsync(before);
        world.Points.Resume("helm.before");

        await Eventually.TrueAsync(
            async () => await world.VersionsAsync() == "v1 current, v2 disabled",
            "the new version is taken back",
            TimeSpan.FromSeconds(180)
        );
        Assert.True(await world.Redis.LetsInAsync(RotationWorld.User, world.FirstPassword));
        Assert.Equal(1, await PasswordsAsync(world));
        Assert.Equal(before, await world.ServedSecretAsync());
        await Task.Delay(TimeSpan.FromSeconds(4));
        Assert.Equal("v1 current, v2 disabled", await world.VersionsAsync()); // not again on this day
        Assert.Contains((await FindingsAsync(world)), f => f!.Text("kind") == "operation");
        Assert.Empty(world.Traffic.Failed);
    }

    [Fact]
    public async Task Rotation_WrongAdminAddress_IsAFinding_AndNothingHappens()
    {
        await using var world = await RotationWorld.StartAsync();
        var id = await PrepareAsync(world, $"redis://default:not-the-password-canary@127.0.0.1:{world.Redis.Port}");
        (await world.Lead.PostAsync($"/api/v1/credentials/{id}/issue")).ExpectProblem(HttpStatusCode.Conflict);
        await PolicyAsync(world, id, "", HttpStatusCode.OK);

        var finding = await Eventually.GetAsync(
            async () => (await FindingsAsync(world)).Single(f => f!.Text("kind") == "rotation")!,
            "a finding says why",
            TimeSpan.FromSeconds(60)
        );
        Assert.Contains("does not let the portal in with REDIS_ADMIN_URL", finding.Text("message"), StringComparison.Ordinal);
        Assert.DoesNotContain("canary", finding.Text("message"), StringComparison.Ordinal);
        Assert.Equal("v1 current", await world.VersionsAsync());
        Assert.Equal(1, await PasswordsAsync(world));
        Assert.True(await world.Redis.LetsInAsync(RotationWorld.User, world.FirstPassword));
    }

    [Fact]
    public async Task Issue_KilledAtEveryPoint_LeavesNoPasswordThatNothingKnows()
    {
        await using var world = await RotationWorld.StartAsync();
        var id = await PrepareAsync(world);
        foreach (
            var point in CrashReport.Pick(
                new[]
                {
                    "issue-noted.after-commit",
                    "issue.noted",
                    "issue.made",
                    "issue.stored",
                    "issued.before-commit",
                    "issued.after-commit",
                },
                2
            )
        )
        {
            world.Points.Kill(point);
            try
            {
                await world.Lead.PostAsync($"/api/v1/credentials/{id}/issue");
            }
            catch (HttpRequestException)
            {
                // It was killed.
            }

            await Eventually.TrueAsync(() => world.Portal.HasExited, $"{point} is reached", TimeSpan.FromSeconds(60));
            await world.Portal.RelaunchAsync();
            await world.Portal.WaitReadyAsync();
            await world.SignInAsync();
        }

        // The right of one that died runs out; what is wanted is made then.
        var number = await Eventually.GetAsync(
            async () => (await world.Lead.PostAsync($"/api/v1/credentials/{id}/issue")).Expect(HttpStatusCode.OK).Text("version"),
            "a value is made",
            TimeSpan.FromMinutes(5)
        );
        Assert.EndsWith($"{number} pending", await world.VersionsAsync(), StringComparison.Ordinal);
        Assert.Equal(2, await PasswordsAsync(world)); // the one in use and the new one
        Assert.True(await world.Redis.LetsInAsync(RotationWorld.User, world.FirstPassword));
    }

    private static async Task<string> PrepareAsync(RotationWorld world, string? admin = null)
    {
        (
            await world.Lead.PutTextAsync(
                $"/api/v1/environments/{world.Environment}/secrets/REDIS_ADMIN_URL",
                admin ?? world.Redis.AdminUrl
            )
        ).Expect(HttpStatusCode.OK);
        var secrets = (await world.Lead.GetAsync($"/api/v1/environments/{world.Environment}/secrets")).Expect(HttpStatusCode.OK)[
            "items"
        ]!.AsArray();
        var id = secrets.Single(s => s!.Text("key") == "REDIS_URL")!.Text("credentialId");
        (
            await world.Lead.SendAsync(
                HttpMethod.Put,
                $"/api/v1/credentials/{id}/provider",
                new { provider = "redis-acl", settings = new { user = RotationWorld.User } }
            )
        ).Expect(HttpStatusCode.OK);
        return id;
    }

    // Due before it is set: it expires in a month, and is to be replaced two months before.
    private static async Task PolicyAsync(RotationWorld world, string id, string window, HttpStatusCode status, bool unattended = true) =>
        (
            await world.Admin.SendAsync(
                HttpMethod.Put,
                $"/api/v1/credentials/{id}/policy",
                new
                {
                    expiresAt = DateTime.UtcNow.Date.AddDays(30).ToString("yyyy-MM-dd"),
                    rotateBeforeDays = 60,
                    window,
                    unattended,
                }
            )
        ).Expect(status);

    // Open on another day of the week.
    private static string ClosedWindow() => $"{DateTime.UtcNow.AddDays(3).DayOfWeek.ToString()[..3]} 02:00-03:00";

    private static async Task<JsonNode?> PendingAsync(RotationWorld world) =>
        (await world.Admin.GetAsync($"/api/v1/requests?environment={world.Environment}&state=pending")).Expect(HttpStatusCode.OK)["items"]!
            .AsArray()
            .FirstOrDefault();

    private static async Task<JsonArray> FindingsAsync(RotationWorld world) =>
        (await world.Lead.GetAsync($"/api/v1/environments/{world.Environment}/findings")).Expect(HttpStatusCode.OK)["items"]!.AsArray();

    private static Task<int> PasswordsAsync(RotationWorld world) => world.Redis.PasswordsAsync(RotationWorld.User);
}
