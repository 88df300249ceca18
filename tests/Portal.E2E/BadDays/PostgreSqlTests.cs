using System.Net;
using System.Text;
using Portkey.Portal.E2E.Secrets;
using Portkey.Portal.E2E.Support;

namespace Portkey.Portal.E2E.BadDays;

/// <summary>The whole life of an environment on PostgreSQL, whose connections break on the way.</summary>
[Collection(BadDaysCollection.Name)]
public sealed class PostgreSqlTests(BadDaysProduct product)
{
    private const string Hostile = "{{ .Values }}$(id)`id`<img src=x onerror=alert(1)>'\"\\ %s";

    [Fact]
    public async Task Environment_FromRequestToRemoval_IsDoneOnceAndRemembered()
    {
        using var lead = await product.ApiAsync("lead-payments");
        using var admin = await product.ApiAsync("admin-1");
        var request = await lead.CreatedAsync(Proposals.Enterprise("payments-pg", "first-value"));
        var environment = await admin.AppliedAsync(await admin.ApproveAsync(request));
        var id = environment.Text("id");
        var ns = environment.Text("namespace");

        // Text that a shell, Helm or YAML could take for its own reaches the pod's Secret as it was written.
        (await lead.PutTextAsync($"/api/v1/environments/{id}/secrets/PORTKEY_CLIENT_AUTH", Hostile)).Expect(HttpStatusCode.OK);
        var rotation = (
            await lead.PostAsync($"/api/v1/environments/{id}/rotate", new { key = "PORTKEY_CLIENT_AUTH", reason = "it is old" })
        ).Expect(HttpStatusCode.Created);
        var rotating = await admin.ApproveAsync(rotation);
        for (var i = 0; i < 40; i++)
        {
            await product.EndConnectionsAsync();
            var seen = await admin.GetAsync($"/api/v1/environments/{id}");
            Assert.True(seen.Status is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{seen.Status}: {seen.Body}");
            await Task.Delay(30);
        }

        await admin.SucceededAsync(rotating.Text("operationId"));
        var secrets = (await Cluster.KubectlAsync(product.Sandbox.Kubeconfig, "get", "secret", "-n", ns))["items"]!.AsArray();
        Assert.Contains(
            secrets,
            s =>
                s!["data"] is { } data
                && data.Text("PORTKEY_CLIENT_AUTH") is { Length: > 0 } value
                && Encoding.UTF8.GetString(Convert.FromBase64String(value)) == Hostile
        );

        var removal = (await lead.PostAsync($"/api/v1/environments/{id}/delete", new { reason = "no longer needed" })).Expect(
            HttpStatusCode.Created
        );
        await admin.SucceededAsync((await admin.ApproveAsync(removal)).Text("operationId"));
        Assert.Equal("deleted", (await lead.EnvironmentAsync(id)).Text("state"));
        var left = (await Cluster.KubectlAsync(product.Sandbox.Kubeconfig, "get", "namespace"))["items"]!.AsArray();
        Assert.DoesNotContain(left, n => n!["metadata"]!.Text("name") == ns);
        (await lead.PostAsync($"/api/v1/environments/{id}/delete")).ExpectProblem(HttpStatusCode.Conflict);

        using var auditor = await product.ApiAsync("auditor");
        var rows = (await auditor.GetAsync($"/api/v1/audit?environment={id}&limit=200")).Expect(HttpStatusCode.OK)["items"]!
            .AsArray()
            .Select(r => r!.Text("action"))
            .ToList();
        Assert.Equal(3, rows.Count(a => a == "request.proposed"));
        Assert.Equal(3, rows.Count(a => a == "request.approved"));
        Assert.Equal(2, rows.Count(a => a == "environment.applied"));
        Assert.Equal(1, rows.Count(a => a == "environment.deleted"));
        var verdict = (await auditor.GetAsync("/api/v1/audit/verify")).Expect(HttpStatusCode.OK);
        Assert.True(verdict.Text("intact") == "true", verdict.ToJsonString());
    }

    [Fact]
    public async Task Person_SwitchedOff_IsRefusedAtOnceWithWhatTheyHold()
    {
        using var lead = await product.ApiAsync("lead-payments");
        using var other = await product.ApiAsync("admin-2");
        using var browser = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false })
        {
            BaseAddress = product.Portal.BaseUrl,
        };
        (await browser.GetAsync("/dev/sign-in?persona=admin-2")).Dispose();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(browser, "/api/v1/me"));
        (await other.GetAsync("/api/v1/requests")).Expect(HttpStatusCode.OK);
        var request = await lead.CreatedAsync(Proposals.Oss("payments-undecided"));
        var decision = new { digest = request.Text("digest"), reason = "still here" };

        Assert.Equal(1, await product.ExecuteAsync("update people set is_enabled = false where id = 'admin-2'"));
        try
        {
            foreach (
                var path in (string[])
                    [
                        "me",
                        "requests",
                        "environments",
                        "clusters",
                        "audit",
                        "audit/export?format=csv",
                        $"requests/{request.Text("id")}",
                        $"requests/{request.Text("id")}/preview",
                    ]
            )
            {
                var refused = (await other.GetAsync("/api/v1/" + path)).ExpectProblem(HttpStatusCode.Forbidden);
                Assert.Equal("forbidden", refused.Text("code"));
                Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(browser, "/api/v1/" + path));
            }

            (await other.PostAsync($"/api/v1/requests/{request.Text("id")}/approve", decision)).ExpectProblem(HttpStatusCode.Forbidden);
            (await other.PostAsync("/api/v1/requests", Proposals.Oss("payments-from-nobody"))).ExpectProblem(HttpStatusCode.Forbidden);
            var page = await browser.GetStringAsync("/requests/" + request.Text("id"));
            Assert.DoesNotContain("payments-undecided", page, StringComparison.Ordinal);
            Assert.Equal("pending", (await lead.RequestAsync(request.Text("id"))).Text("state"));
        }
        finally
        {
            await product.ExecuteAsync("update people set is_enabled = true where id = 'admin-2'");
        }

        (await other.PostAsync($"/api/v1/requests/{request.Text("id")}/reject", decision)).Expect(HttpStatusCode.OK);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        return answer.StatusCode;
    }
}
