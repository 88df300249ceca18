using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;

namespace Portkey.Portal.Tests.Hosting;

/// <summary>Who sends more than their share of what must be rendered is told when to come back; nobody else notices.</summary>
public sealed class TooManyRequestsTests(PortalHost host) : IClassFixture<PortalHost>
{
    [Fact]
    public async Task Check_MoreThanOnePersonMaySend_Is429WithRetryAfterForThemAlone()
    {
        await using var bounded = host.WithWebHostBuilder(builder => builder.UseSetting("Portal:RenderQueuePerPerson", "3"));
        using var busy = await ClientAsync(bounded, "lead-payments");
        using var other = await ClientAsync(bounded, "lead-search");

        var flood = Enumerable
            .Range(0, 20)
            .Select(n => busy.PostAsync("/api/v1/requests/check", HttpText.Json(PortalHost.Create($"flood-{n}"))))
            .ToList();
        var body = PortalHost.Create("of-another");
        body["team"] = "search";
        var calm = await other.PostAsync("/api/v1/requests/check", HttpText.Json(body));

        Assert.Equal(HttpStatusCode.OK, calm.StatusCode);
        var answers = await Task.WhenAll(flood);
        Assert.Contains(answers, a => a.StatusCode == HttpStatusCode.OK);
        var refused = answers.Where(a => a.StatusCode == HttpStatusCode.TooManyRequests).ToList();
        Assert.NotEmpty(refused);
        Assert.All(refused, a => Assert.InRange(a.Headers.RetryAfter?.Delta?.TotalSeconds ?? 0, 1, 60));
        Assert.Contains(
            "Try again in",
            (string)(await refused[0].ProblemAsync(429, "too-many-requests"))["detail"]!,
            StringComparison.Ordinal
        );

        // It is how much waits, not how much was sent.
        Assert.Equal(
            HttpStatusCode.OK,
            (await busy.PostAsync("/api/v1/requests/check", HttpText.Json(PortalHost.Create("afterwards")))).StatusCode
        );
    }

    private static async Task<HttpClient> ClientAsync(WebApplicationFactory<Program> host, string persona)
    {
        var client = host.CreateClient(new() { AllowAutoRedirect = false });
        client.DefaultRequestHeaders.Authorization = new("Bearer", await client.GetStringAsync($"/dev/token/{persona}"));
        return client;
    }
}
