using System.Net;
using System.Text.Json.Nodes;

namespace Portkey.Portal.Tests.Features.Requests;

/// <summary>Variables that the portal does not know: named to whoever approves, or refused by name where administrators forbid
/// them.</summary>
public sealed class UnknownVariableApiTests(PortalHost host) : IClassFixture<PortalHost>
{
    private const string Value = "canary-unknown-secret";

    [Fact]
    public async Task Request_WithUnknownPlainAndSecret_NamesBothAndAChangeSaysWhatBecomesOfThem()
    {
        using var lead = await host.ClientAsync("lead-payments");
        using var admin = await host.ClientAsync("admin-1");
        var made = await SendAsync(
            lead,
            "/api/v1/requests",
            Create("unknown-both", ("MY_FLAG", "on"), ("OTHER_FLAG", "1")),
            HttpStatusCode.Created
        );
        var id = (string)made["id"]!;
        var request = await (await lead.GetAsync($"/api/v1/requests/{id}")).NodeAsync();
        Assert.Equal(["MY_FLAG", "OTHER_FLAG", "MY_SECRET secret"], Names(request));
        var preview = await (await lead.GetAsync($"/api/v1/requests/{id}/preview")).NodeAsync();
        Assert.Equal(["MY_FLAG:added::on", "OTHER_FLAG:added::1", "MY_SECRET:added::v1"], Changes(preview));
        Assert.DoesNotContain(Value, request.ToJsonString() + preview.ToJsonString(), StringComparison.Ordinal);

        await SendAsync(
            admin,
            $"/api/v1/requests/{id}/approve",
            new JsonObject { ["digest"] = (string)request["digest"]!, ["reason"] = "fine" },
            HttpStatusCode.OK
        );
        var body = Create("", ("OTHER_FLAG", "2"));
        body["spec"]!["secrets"] = null;
        var change = new JsonObject
        {
            ["kind"] = "change",
            ["environmentId"] = (string)request["environmentId"]!,
            ["reason"] = "less",
            ["spec"] = body["spec"]!.DeepClone(),
        };
        var second = await SendAsync(lead, "/api/v1/requests", change, HttpStatusCode.Created);
        Assert.Equal(
            ["MY_FLAG:removed:on:", "OTHER_FLAG:changed:1:2", "MY_SECRET:unchanged:v1:v1"],
            Changes(await (await lead.GetAsync($"/api/v1/requests/{(string)second["id"]!}/preview")).NodeAsync())
        );
    }

    [Fact]
    public async Task Request_OfAnImportWithAnUnknownSecret_TellsTheApprover()
    {
        using var lead = await host.ClientAsync("lead-payments");
        var import = await (
            await lead.PostAsync("/api/v1/import", new StringContent($"SERVICE_NAME=unknown-import\nVENDOR_API_KEY={Value}\n"))
        ).NodeAsync();
        var body = Create("unknown-import");
        body["import"] = (string)import["id"]!;
        body["spec"]!["secrets"] = null;
        var request = await SendAsync(lead, "/api/v1/requests", body, HttpStatusCode.Created);

        Assert.Equal(["VENDOR_API_KEY secret"], Names(request));
        Assert.Contains(
            request["findings"]!.AsArray(),
            f => (string?)f!["kind"] == "unknown-variable" && (string?)f["field"] == "spec.secrets.VENDOR_API_KEY"
        );
    }

    [Fact]
    public async Task Request_WhereAdministratorsForbidThem_IsRefusedByNameAsAreImports()
    {
        await using var closed = host.WithWebHostBuilder(b => b.UseSetting("Portal:UnknownVariables", "forbidden"));
        using var lead = closed.CreateClient(new() { AllowAutoRedirect = false });
        lead.DefaultRequestHeaders.Authorization = new("Bearer", await lead.GetStringAsync("/dev/token/lead-payments"));

        var problem = await (
            await lead.PostAsync("/api/v1/requests", HttpText.Json(Create("unknown-closed", ("MY_FLAG", "on"))))
        ).ProblemAsync(400);
        var text = problem.ToJsonString();
        Assert.Equal(2, text.Split("administrators forbid such variables").Length - 1);
        Assert.Contains("spec.settings.MY_FLAG", text, StringComparison.Ordinal);
        Assert.Contains("spec.secrets.MY_SECRET", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Value, text, StringComparison.Ordinal);

        var import = await (
            await lead.PostAsync("/api/v1/import", new StringContent($"SERVICE_NAME=closed\nMY_FLAG=on\nVENDOR_API_KEY={Value}\n"))
        ).NodeAsync();
        Assert.Equal(
            ["spec.secrets.VENDOR_API_KEY", "spec.settings.MY_FLAG"],
            import["problems"]!
                .AsArray()
                .Where(p => ((string)p!["message"]!).Contains("administrators forbid", StringComparison.Ordinal))
                .Select(p => (string)p!["field"]!)
                .Order(StringComparer.Ordinal)
        );
        Assert.Empty(import["secrets"]!.AsArray());
    }

    private static JsonObject Create(string name, params (string Key, string Value)[] settings)
    {
        var body = PortalHost.Create(name);
        foreach (var (key, value) in settings)
        {
            body["spec"]!["settings"]![key] = value;
        }

        body["spec"]!["secrets"] = new JsonObject { ["MY_SECRET"] = Value };
        return body;
    }

    private static async Task<JsonNode> SendAsync(HttpClient client, string path, JsonNode body, HttpStatusCode wanted)
    {
        using var answer = await client.PostAsync(path, HttpText.Json(body));
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == wanted, text);
        return JsonNode.Parse(text)!;
    }

    private static IEnumerable<string> Names(JsonNode request) =>
        request["unknownVariables"]!.AsArray().Select(v => (string)v!["key"]! + ((bool)v["isSecret"]! ? " secret" : ""));

    private static IEnumerable<string> Changes(JsonNode preview) =>
        preview["unknownVariables"]!
            .AsArray()
            .Select(v => $"{(string)v!["key"]!}:{(string)v["change"]!}:{(string)v["before"]!}:{(string)v["after"]!}");
}
