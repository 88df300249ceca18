using System.Net;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.Journeys;

/// <summary>A chart that an administrator allows from a registry, up to the gateway that it brings.</summary>
[Collection(ProductCollection.Name)]
public sealed class RemoteChartJourneyTests(Product product)
{
    [Fact]
    public async Task Chart_RegisteredFromAnOciRegistry_BringsUpAGatewayEvenWhenTheRegistryIsGone()
    {
        using var admin = await product.ApiAsync("admin-1");
        using var lead = await product.ApiAsync("lead-payments");
        await using (var publisher = await ChartPublisher.StartAsync())
        {
            await publisher.PublishAsync(Path.Combine(Repository.Charts, "gateway"), "1.0.1-oci");
            var body = new
            {
                source = "oci",
                location = publisher.OciOf("gateway"),
                version = "1.0.1-oci",
                edition = "oss",
            };
            (await lead.PostAsync("/api/v1/charts", body)).ExpectProblem(HttpStatusCode.Forbidden);
            var chart = (await admin.PostAsync("/api/v1/charts", body)).Expect(HttpStatusCode.Created);
            Assert.StartsWith("sha256:", chart.Text("digest"), StringComparison.Ordinal);
            (await admin.PostAsync("/api/v1/charts", body)).ExpectProblem(HttpStatusCode.Conflict);
            (await admin.PostAsync("/api/v1/charts", body with { version = "9.9.9" })).ExpectProblem(HttpStatusCode.BadRequest);
        }

        var request = await lead.CreatedAsync(
            new
            {
                kind = "create",
                team = "payments",
                name = "payments-oci",
                cluster = "sandbox",
                profile = "dev",
                chartVersion = "1.0.1-oci",
                reason = "",
                spec = new
                {
                    edition = "oss",
                    settings = new Dictionary<string, string>(StringComparer.Ordinal),
                    network = new { exposure = "internal" },
                },
            }
        );
        var environment = await admin.AppliedAsync(await admin.ApproveAsync(request));

        Assert.Equal("gateway 1.0.1-oci", environment.Text("chart"));
        using var client = new HttpClient();
        Assert.Contains(
            "AI Gateway says hey!",
            await client.GetStringAsync(new Uri(environment.Text("endpoint"))),
            StringComparison.Ordinal
        );
    }
}
