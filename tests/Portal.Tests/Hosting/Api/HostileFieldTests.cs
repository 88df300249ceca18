using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Portkey.Portal.Tests.Hosting.Api;

/// <summary>A megabyte, and text that a shell, Helm, SQL or a browser could take for its own, in every field that takes text.</summary>
public sealed class HostileFieldTests(PortalHost host) : IClassFixture<PortalHost>
{
    private const int Megabyte = 1_000_000;

    // What an answer may be long at most: what was sent must not come back as an echo.
    private const int LongestAnswer = 8000;

    private static readonly string[] Texts =
    [
        "{{ .Values }}",
        "{{ tpl \"{{ .Release }}\" . }}",
        "<img src=x onerror=alert(1)>",
        "<script>alert(1)</script>",
        "$(id)`id`;id|id",
        "'; drop table people; --",
        "../../etc/passwd",
        "%00%n%s",
        "\u202Eabc\u0007",
    ];

    // Fields with a shape of their own: hostile text is refused by name.
    private static readonly string[] Shaped =
    [
        "team",
        "name",
        "cluster",
        "profile",
        "chartVersion",
        "spec.edition",
        "spec.imageTag",
        "spec.ttlHours",
        "spec.replicas",
        "spec.autoscaling.min",
        "spec.settings.REQUEST_TIMEOUT",
        "spec.network.exposure",
        "spec.network.host",
        "spec.network.ingressClass",
        "spec.network.tlsSecret",
        "spec.network.allowedRanges[0]",
        "spec.network.egress[0]",
        "spec.secrets.REDIS_URL",
        "kind",
    ];

    // Fields that take any text.
    private static readonly string[] Free =
    [
        "reason",
        "spec.settings.SERVICE_NAME",
        "spec.settings.ORGANISATIONS_TO_SYNC",
        "spec.secrets.PORTKEY_CLIENT_AUTH",
    ];

    public static TheoryData<string> ShapedFields => [.. Shaped];

    public static TheoryData<string> AllFields => [.. Shaped.Concat(Free)];

    [Theory]
    [MemberData(nameof(ShapedFields))]
    public async Task Propose_HostileTextWhereAShapeIsWanted_IsRefusedByName(string field)
    {
        using var lead = await host.ClientAsync("lead-payments");
        foreach (var text in Texts)
        {
            var answer = await lead.PostAsync("/api/v1/requests", HttpText.Json(With(field, text)));
            await RefusedAsync(answer, field, text);
        }
    }

    [Theory]
    [MemberData(nameof(AllFields))]
    public async Task Propose_AMegabyte_IsRefusedByNameWithoutAnEcho(string field)
    {
        using var lead = await host.ClientAsync("lead-payments");
        await RefusedAsync(
            await lead.PostAsync("/api/v1/requests", HttpText.Json(With(field, new string('x', Megabyte)))),
            field,
            "a megabyte"
        );
    }

    [Fact]
    public async Task Propose_NamesOfFieldsThatAreHostile_AreRefusedWithoutAnEcho()
    {
        using var lead = await host.ClientAsync("lead-payments");
        foreach (var text in Texts.Append(new string('x', Megabyte)))
        {
            foreach (var parent in (string[])["settings", "secrets"])
            {
                var body = PortalHost.Create("hostile");
                body["spec"]![parent] = new JsonObject { [text] = "1" };
                await RefusedAsync(
                    await lead.PostAsync("/api/v1/requests", HttpText.Json(body)),
                    $"spec.{parent}.{text[..Math.Min(20, text.Length)]}",
                    text
                );
            }

            var other = PortalHost.Create("hostile");
            other[text] = "1";
            await RefusedAsync(await lead.PostAsync("/api/v1/requests", HttpText.Json(other)), text[..Math.Min(20, text.Length)], text);
        }
    }

    [Fact]
    public async Task Propose_HostileTextWhereAnyIsTaken_ComesBackAsItWas()
    {
        using var lead = await host.ClientAsync("lead-payments");
        var number = 0;
        foreach (var text in Texts.Where(t => !t.Any(char.IsControl)))
        {
            var body = With("spec.settings.ORGANISATIONS_TO_SYNC", text);
            (body["name"], body["reason"]) = ($"hostile-{++number}", text);
            var made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(body))).NodeAsync();
            Assert.Equal(text, (string?)made["reason"]);
            Assert.Equal(text, (string?)made["spec"]!["settings"]!["ORGANISATIONS_TO_SYNC"]);
            var row = Assert.Single(
                (await (await lead.GetAsync($"/api/v1/audit?environment={made["environmentId"]}")).NodeAsync())["items"]!.AsArray()
            );
            Assert.Equal(text, (string?)row!["reason"]);
        }
    }

    [Fact]
    public async Task OtherCalls_HostileTextAndMegabytes_AreProblemsAndNeverFaults()
    {
        using var lead = await host.ClientAsync("lead-payments");
        using var admin = await host.ClientAsync("admin-1");
        var made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(PortalHost.Create("to-decide")))).NodeAsync();
        var (id, environment) = ($"{made["id"]}", $"{made["environmentId"]}");
        var wrong = new List<string>();
        foreach (var text in Texts.Append(new string('x', Megabyte)))
        {
            (HttpMethod Verb, string Path, JsonObject Body)[] calls =
            [
                (HttpMethod.Post, $"requests/{id}/approve", new() { ["digest"] = text, ["reason"] = "x" }),
                (HttpMethod.Post, $"requests/{id}/reject", new() { ["digest"] = text, ["reason"] = text }),
                (HttpMethod.Post, $"requests/{id}/cancel", new() { ["digest"] = text, ["reason"] = text }),
                (HttpMethod.Post, "clusters", new() { ["name"] = text, ["kubeconfig"] = "x" }),
                (HttpMethod.Post, "clusters", new() { ["name"] = "fine", ["kubeconfig"] = text }),
                (
                    HttpMethod.Post,
                    "charts",
                    new()
                    {
                        ["source"] = "directory",
                        ["location"] = text,
                        ["edition"] = "oss",
                    }
                ),
                (
                    HttpMethod.Post,
                    "charts",
                    new()
                    {
                        ["source"] = "oci",
                        ["location"] = text,
                        ["version"] = text,
                        ["edition"] = "oss",
                    }
                ),
                (
                    HttpMethod.Post,
                    "charts",
                    new()
                    {
                        ["source"] = "repository",
                        ["location"] = text,
                        ["version"] = "1.0.0",
                        ["edition"] = "oss",
                    }
                ),
                (HttpMethod.Post, $"environments/{environment}/change", new() { ["profile"] = text, ["reason"] = text }),
                (HttpMethod.Post, $"environments/{environment}/upgrade", new() { ["chartVersion"] = text }),
                (HttpMethod.Post, $"environments/{environment}/rotate", new() { ["key"] = text }),
                (HttpMethod.Post, $"operations/{Guid.NewGuid()}/retry", new() { ["reason"] = text }),
            ];
            foreach (var (verb, path, body) in calls)
            {
                using var message = new HttpRequestMessage(verb, "/api/v1/" + path) { Content = HttpText.Json(body) };
                var answer = await admin.SendAsync(message);
                var said = await answer.Content.ReadAsStringAsync();
                if (
                    answer.StatusCode
                        is not (HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.Forbidden)
                    || said.Length > LongestAnswer
                )
                {
                    wrong.Add(
                        $"{path} with {text[..Math.Min(30, text.Length)]}: {(int)answer.StatusCode}, {said.Length} characters: {said[..Math.Min(200, said.Length)]}"
                    );
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal("pending", (string?)(await (await lead.GetAsync($"/api/v1/requests/{id}")).NodeAsync())["state"]);
    }

    [Theory]
    [InlineData("environments?search=")]
    [InlineData("environments?team=")]
    [InlineData("environments?cluster=")]
    [InlineData("audit?actor=")]
    [InlineData("audit?action=")]
    public async Task Filters_HostileText_FindNothingAndHarmNothing(string query)
    {
        using var admin = await host.ClientAsync("admin-1");
        foreach (var text in Texts)
        {
            var answer = await admin.GetAsync("/api/v1/" + query + Uri.EscapeDataString(text));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Empty((await answer.NodeAsync())["items"]!.AsArray());
        }

        await (await admin.GetAsync("/api/v1/" + query + new string('x', 5000))).ProblemAsync(400);
    }

    [Fact]
    public async Task Header_IdempotencyKeyTooLong_Is400()
    {
        using var lead = await host.ClientAsync("lead-payments");
        lead.DefaultRequestHeaders.Add("Idempotency-Key", new string('k', 5000));
        await (await lead.PostAsync("/api/v1/requests", HttpText.Json(PortalHost.Create("long-key")))).ProblemAsync(400, "invalid");
    }

    private static async Task RefusedAsync(HttpResponseMessage answer, string field, string sent)
    {
        var problem = await answer.ProblemAsync(400, "invalid");
        var errors = problem["errors"]!.AsObject();
        var index = field.IndexOf('[', StringComparison.Ordinal);
        var name = index < 0 ? field : field[..index];
        Assert.True(
            errors.Any(e => e.Key.StartsWith(name, StringComparison.Ordinal)),
            $"{field} is not named for {sent[..Math.Min(40, sent.Length)]}: {errors.ToJsonString()[..Math.Min(600, errors.ToJsonString().Length)]}"
        );
        Assert.True(problem.ToJsonString().Length < LongestAnswer, $"{field}: the answer has {problem.ToJsonString().Length} characters");
    }

    // A proposal with this text in this field; everything else is as it should be.
    private static JsonObject With(string field, string text)
    {
        var body = PortalHost.Create("hostile");
        if (field.StartsWith("spec.network.", StringComparison.Ordinal))
        {
            body["spec"]!["network"] = new JsonObject { ["exposure"] = "ingress", ["host"] = "gateway.example.com" };
        }

        var parts = field.Split('.');
        var at = body;
        foreach (var part in parts[..^1])
        {
            at = (at[part] ??= new JsonObject()).AsObject();
        }

        var last = parts[^1];
        if (last.EndsWith("[0]", StringComparison.Ordinal))
        {
            at[last[..^3]] = new JsonArray(text);
        }
        else
        {
            at[last] = text;
        }

        return body;
    }
}
