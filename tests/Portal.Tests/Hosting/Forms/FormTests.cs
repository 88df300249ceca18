using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Web.Hosting.Forms;

namespace Portkey.Portal.Tests.Hosting.Forms;

public sealed class FormTests(PortalHost host) : IClassFixture<PortalHost>
{
    private static readonly Caller Lead = new("lead-payments", "", "test");

    [Fact]
    public async Task Wizard_SubmittedTwice_MakesOneRequestAndTakesTheDraftAway()
    {
        var draft = await SaveAsync(PortalHost.Create("from-wizard"));
        using var browser = await BrowserAsync();
        var first = await PostAsync(browser, "/forms/requests", ("draft", draft.ToString()), ("secret.REDIS_URL", ""));
        var second = await PostAsync(browser, "/forms/requests", ("draft", draft.ToString()));
        Assert.Equal(HttpStatusCode.SeeOther, first.StatusCode);
        Assert.StartsWith("/requests/", first.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.Null(await host.Services.GetRequiredService<DraftService>().LoadAsync(Lead, draft, default));
    }

    [Fact]
    public async Task Wizard_SecretThatThePortalDoesNotKnow_GoesFromTheFormToTheVault()
    {
        var body = PortalHost.Create("from-wizard-unknown");
        body["ask"] = new JsonArray("MY_SECRET");
        var draft = await SaveAsync(body);
        using var browser = await BrowserAsync();
        var made = await PostAsync(browser, "/forms/requests", ("draft", draft.ToString()), ("secret.MY_SECRET", "canary-form-secret"));
        using var lead = await host.ClientAsync("lead-payments");
        var request = await (await lead.GetAsync($"/api/v1{made.Headers.Location}")).NodeAsync();
        Assert.Equal("MY_SECRET", (string)request["unknownVariables"]!.AsArray().Single()!["key"]!);
        Assert.DoesNotContain("canary", request.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wizard_BadDraft_GoesBackWithProblemsForThisPersonOnly()
    {
        var body = PortalHost.Create("Not A Label");
        var draft = await SaveAsync(body);
        using var browser = await BrowserAsync();
        var answer = await PostAsync(browser, "/forms/requests", ("draft", draft.ToString()));
        var location = answer.Headers.Location!.ToString();
        Assert.StartsWith($"/new?draft={draft}&problems=", location, StringComparison.Ordinal);
        var problems = host.Services.GetRequiredService<FormProblems>();
        var key = location[(location.LastIndexOf('=') + 1)..];
        Assert.Contains(problems.Read("lead-payments", key), p => p.Field == "name");
        Assert.Empty(problems.Read("lead-search", key));
    }

    [Fact]
    public async Task Spec_EditedAsYaml_IsTakenIntoTheDraftOrRefusedByField()
    {
        var draft = await SaveAsync(PortalHost.Create("as-yaml"));
        using var browser = await BrowserAsync();
        var taken = await PostAsync(
            browser,
            "/forms/spec",
            ("draft", draft.ToString()),
            ("text", "edition: oss\nreplicas: 2\nsettings: {REQUEST_TIMEOUT: 45000}\n")
        );
        Assert.Equal($"/new?draft={draft}&step=review", taken.Headers.Location!.ToString());
        var json = (await host.Services.GetRequiredService<DraftService>().LoadAsync(Lead, draft, default))!;
        Assert.Contains("\"REQUEST_TIMEOUT\":\"45000\"", json, StringComparison.Ordinal);
        Assert.Contains("as-yaml", json, StringComparison.Ordinal);

        foreach (
            var (text, field) in new[]
            {
                ("edition: oss\nreplica: 2\n", "replica"),
                ("edition: oss\nsecrets: {REDIS_URL: canary-secret}\n", "secrets.REDIS_URL"),
                ("edition: oss\nsettings: {MY_TOKEN: canary-secret}\n", "spec.settings.MY_TOKEN"),
                ("edition: [", "text"),
                ("edition: oss\nedition: oss\n", "edition"),
            }
        )
        {
            var location = (
                await PostAsync(browser, "/forms/spec", ("draft", draft.ToString()), ("text", text))
            ).Headers.Location!.ToString();
            Assert.StartsWith($"/new?draft={draft}&step=yaml&problems=", location, StringComparison.Ordinal);
            Assert.Contains(
                host.Services.GetRequiredService<FormProblems>().Read("lead-payments", location[(location.LastIndexOf('=') + 1)..]),
                p => p.Field == field
            );
            Assert.Equal(json, await host.Services.GetRequiredService<DraftService>().LoadAsync(Lead, draft, default));
        }
    }

    [Fact]
    public async Task Wizard_SomeoneElsesDraft_Is404()
    {
        var draft = await SaveAsync(PortalHost.Create("not-yours"));
        using var browser = await BrowserAsync("lead-search");
        await (await PostAsync(browser, "/forms/requests", ("draft", draft.ToString()))).ProblemAsync(404);
    }

    [Fact]
    public async Task Secret_StoredByForm_GoesBackWithTheVersionAndNeverTheValue()
    {
        using var lead = await host.ClientAsync("lead-payments");
        using var admin = await host.ClientAsync("admin-1");
        var body = PortalHost.Create("with-secret");
        body["spec"]!["secrets"] = new JsonObject { ["REDIS_URL"] = "redis://cache:6379" };
        body["spec"]!["settings"] = new JsonObject { ["CACHE_STORE"] = "redis" };
        var answer = await lead.PostAsync("/api/v1/requests", HttpText.Json(body));
        var made = await answer.NodeAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Created, made.ToJsonString());
        await admin.PostAsync(
            $"/api/v1/requests/{made["id"]}/approve",
            HttpText.Json(new JsonObject { ["digest"] = (string)made["digest"]! })
        );

        using var browser = await BrowserAsync();
        var stored = await PostAsync(
            browser,
            $"/forms/environments/{made["environmentId"]}/secrets/REDIS_URL",
            ("value", "redis://canary-91:6379")
        );
        Assert.Equal(HttpStatusCode.SeeOther, stored.StatusCode);
        Assert.Contains("stored=REDIS_URL&version=v2", stored.Headers.Location!.ToString(), StringComparison.Ordinal);
        var secrets = await lead.GetStringAsync($"/api/v1/environments/{made["environmentId"]}/secrets");
        Assert.Contains("v2", secrets, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", secrets, StringComparison.Ordinal);

        var dated = await PostAsync(
            browser,
            $"/forms/environments/{made["environmentId"]}/secrets/REDIS_URL",
            ("value", "redis://canary-92:6379"),
            ("expires", "2099-01-31")
        );
        Assert.Contains("version=v3", dated.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Contains(
            "2099-01-31T00:00:00",
            await lead.GetStringAsync($"/api/v1/environments/{made["environmentId"]}/secrets"),
            StringComparison.Ordinal
        );
        var past = (
            await PostAsync(
                browser,
                $"/forms/environments/{made["environmentId"]}/secrets/REDIS_URL",
                ("value", "redis://canary-93:6379"),
                ("expires", "2020-01-31")
            )
        ).Headers.Location!.ToString();
        Assert.Contains(
            host.Services.GetRequiredService<FormProblems>().Read("lead-payments", past[(past.LastIndexOf('=') + 1)..]),
            p => p.Field == "expires"
        );
    }

    private Task<Guid> SaveAsync(JsonObject body) =>
        host.Services.GetRequiredService<DraftService>().SaveAsync(Lead, null, body.ToJsonString(), default);

    private async Task<HttpClient> BrowserAsync(string persona = "lead-payments")
    {
        var browser = host.CreateClient(new() { AllowAutoRedirect = false });
        await browser.GetAsync($"/dev/sign-in?persona={persona}");
        return browser;
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient browser, string path, params (string Name, string Value)[] fields)
    {
        var token = (string)(await (await browser.GetAsync("/api/v1/antiforgery")).NodeAsync())["token"]!;
        using var form = new FormUrlEncodedContent(
            fields.Append(("__RequestVerificationToken", token)).Select(f => KeyValuePair.Create(f.Item1, f.Item2))
        );
        return await browser.PostAsync(path, form);
    }
}
