using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portkey.Portal.Data;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Tests.Hosting.Api;

/// <summary>Texts and charts that were made to end the portal, or to make it call somebody. It answers, says what is wrong, and goes
/// on.</summary>
public sealed class HostileTextTests(PortalHost host) : IClassFixture<PortalHost>, IDisposable
{
    private const int Many = 30_000;

    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("values.yaml")]
    [InlineData("Chart.yaml")]
    [InlineData("values.schema.json")]
    public async Task Charts_RegisterOneWithManyBrackets_Is400AndNamesTheFile(string file)
    {
        Directory.CreateDirectory(folder.Combine("templates"));
        await File.WriteAllTextAsync(folder.Combine("Chart.yaml"), "apiVersion: v2\nname: deep\nversion: 1.0.0\n");
        await File.WriteAllTextAsync(
            folder.Combine(file),
            (file.EndsWith("json", StringComparison.Ordinal) ? "" : "name: deep\nversion: 1.0.0\na: ")
                + new string('[', Many)
                + new string(']', Many)
        );
        var says = await RefusedAsync("directory", folder.Path);
        Assert.Contains($"{file} is nested deeper than 64 levels", says, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Charts_RegisterOneWhoseSchemaNamesAnAddress_Is400_AndNobodyIsCalled()
    {
        using var listener = new CountingListener();
        await File.WriteAllTextAsync(folder.Combine("Chart.yaml"), "apiVersion: v2\nname: curious\nversion: 1.0.0\n");
        await File.WriteAllTextAsync(
            folder.Combine("values.schema.json"),
            $$$"""{"properties": {"a": {"$ref": "http://127.0.0.1:{{{listener.Port}}}/x"} } }"""
        );
        Assert.Contains("has a $ref to another document", await RefusedAsync("directory", folder.Path), StringComparison.Ordinal);
        Assert.Equal(0, listener.Calls);
    }

    [Fact]
    public async Task Charts_RegisterOneFromTheLoopback_Is400_AndOpenOrClosedSaysTheSame()
    {
        using var listener = new CountingListener();
        var said = new HashSet<string>(StringComparer.Ordinal);
        foreach (var port in new[] { listener.Port, FreePort.Next() })
        {
            said.Add(
                (await RefusedAsync("repository", $"http://127.0.0.1:{port}/charts#x")).Replace($":{port}", "", StringComparison.Ordinal)
            );
            said.Add(
                (await RefusedAsync("repository", $"https://127.0.0.1:{port}/charts#x"))
                    .Replace($":{port}", "", StringComparison.Ordinal)
                    .Replace("https", "http", StringComparison.Ordinal)
            );
        }

        Assert.Contains("at an address that the portal does not call", Assert.Single(said), StringComparison.Ordinal);
        Assert.Equal(0, listener.Calls);
    }

    [Theory]
    [InlineData("repository", "https://charts.example.com/stable?token=hush-1234#x")]
    [InlineData("repository", "https://me:hush-1234@charts.example.com/stable#x")]
    [InlineData("oci", "oci://charts.example.com/x?token=hush-1234")]
    [InlineData("oci", "oci://hush-1234@charts.example.com/x")]
    public async Task Charts_RegisterOneWithACredentialInItsLocation_Is400AndDoesNotRepeatIt(string source, string location) =>
        Assert.DoesNotContain("hush", await RefusedAsync(source, location), StringComparison.Ordinal);

    [Fact]
    public async Task Charts_OfOneThatWasRegisteredWithAToken_ShowNobodyTheToken()
    {
        await using (var db = await host.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync())
        {
            var like = await db.ChartVersions.AsNoTracking().FirstAsync();
            db.ChartVersions.Add(
                new ChartVersion
                {
                    Edition = like.Edition,
                    Source = ChartSource.Repository,
                    Location = "https://charts.example.com/stable?token=hush-1234#old",
                    Name = "old",
                    Version = "1.0.0",
                    AppVersion = like.AppVersion,
                    Digest = "sha256:" + new string('1', 64),
                    ImageTag = like.ImageTag,
                    SettingsJson = like.SettingsJson,
                    RegisteredAt = like.RegisteredAt,
                    RegisteredBy = like.RegisteredBy,
                    PodSecurityWaiver = "",
                }
            );
            await db.SaveChangesAsync();
        }

        foreach (var persona in new[] { "lead-payments", "admin-1" })
        {
            using var client = await host.ClientAsync(persona);
            var text = await client.GetStringAsync("/api/v1/charts");
            Assert.DoesNotContain("hush", text, StringComparison.Ordinal);
            Assert.Contains("https://charts.example.com/stable?(hidden)#old", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("a: &a [x, *a]")]
    [InlineData("a: [1, 2\nb: }")]
    public async Task Import_OfATextThatIsNoValuesFile_Is400(string text) => await ImportRefusedAsync(text);

    [Fact]
    public async Task Import_OfManyBrackets_Is400()
    {
        await ImportRefusedAsync("a: " + new string('[', Many));
        await ImportRefusedAsync(string.Concat(Enumerable.Repeat("- ", Many)));
        await ImportRefusedAsync(string.Concat(Enumerable.Repeat("{a: ", Many)));
    }

    [Fact]
    public async Task Propose_OfManyBrackets_Is400()
    {
        using var client = await host.ClientAsync("lead-payments");
        foreach (
            var body in new[]
            {
                "{\"spec\":" + new string('[', Many) + new string(']', Many) + "}",
                string.Concat(Enumerable.Repeat("{\"spec\":", Many)),
                $"{{\"spec\":[{string.Join(',', Enumerable.Repeat("0", 60_000))}]}}",
            }
        )
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/requests")
            {
                Content = HttpText.Json(body),
                Headers = { { "Idempotency-Key", Guid.NewGuid().ToString() } },
            };
            var problem = await (await client.SendAsync(request)).ProblemAsync(400, "invalid");
            Assert.NotNull(problem["errors"]!["body"]);
        }
    }

    public void Dispose() => folder.Dispose();

    private async Task<string> RefusedAsync(string source, string location)
    {
        using var admin = await host.ClientAsync("admin-1");
        var body = new JsonObject
        {
            ["source"] = source,
            ["location"] = location,
            ["version"] = "1.0.0",
            ["edition"] = "oss",
        };
        var problem = await (await admin.PostAsync("/api/v1/charts", HttpText.Json(body))).ProblemAsync(400, "invalid");
        return problem["errors"]!["location"]!.ToJsonString();
    }

    private async Task ImportRefusedAsync(string text)
    {
        using var client = await host.ClientAsync("lead-payments");
        var problem = await (
            await client.PostAsync("/api/v1/import", new StringContent(text, System.Text.Encoding.UTF8, "application/yaml"))
        ).ProblemAsync(400, "invalid");
        Assert.NotNull(problem["errors"]!["text"]);
    }
}
