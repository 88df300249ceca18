using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.Journeys;

/// <summary>The block of Portkey's deployment guide, pasted as it stands, up to a gateway that runs.</summary>
[Collection(ProductCollection.Name)]
public sealed class ImportJourneyTests(Product product)
{
    private const string Guide = """
        replicaCount: 1
        imageCredentials:
          name: portkeyenterpriseregistrycredentials
          registry: kubernetes.io/dockerconfigjson
          username: portkey-customer
          password: canary-registry-password
        environment:
          create: true
          secret: true
          data:
            SERVICE_NAME="guide-gateway"
            PORTKEY_CLIENT_AUTH="canary-client-auth"
            PORTKEY_ORGANISATION_ID="1b0c6f5e-1111-4222-8333-444455556666"
            LOG_STORE="s3"
            AZURE_STORAGE_ACCOUNT_NAME="paymentslogs"
            AZURE_STORAGE_ACCOUNT_KEY="canary-storage-key"
            AZURE_CONTAINER_NAME="gateway-logs"
            CACHE_STORE=""
            REDIS_URL="rediss://:canary-redis@cache.example.com:6380"
            REDIS_TLS_ENABLED="false"
        service:
          type: NodePort
        """;

    [Fact]
    public async Task Import_TheGuidesBlock_ShowsEachCorrectionAndDeploys()
    {
        var lead = await product.PageAsync("lead-payments");
        await lead.GotoAsync("/new");
        await lead.SettledAsync();
        await lead.ClickUntilAsync("import-link", p => p.Url.Contains("/import", StringComparison.Ordinal));
        await lead.SettledAsync();
        await lead.ById("import-text").FillAsync(Guide);
        await lead.ById("import-submit").ClickAsync();
        await lead.ArrivesAsync("**/import?id=**");
        await lead.SeesAsync("import-summary", "4 secrets");
        foreach (
            var corrected in (string[])
                ["LOG_STORE", "CACHE_STORE", "REDIS_TLS_ENABLED", "AZURE_CONTAINER_NAME", "imageCredentials.registry", "service.type"]
        )
        {
            await lead.SeesAsync("import-corrections", corrected);
        }

        var content = await lead.ContentAsync();
        Assert.DoesNotContain("canary", content, StringComparison.Ordinal);
        await lead.ClickUntilAsync("import-continue", p => p.Url.Contains("step=where", StringComparison.Ordinal));
        await lead.SettledAsync();
        await lead.UntilAsync(
            async () =>
            {
                await lead.ById("field-name").FillAsync("payments-guide");
                await lead.ById("wizard-next").ClickAsync();
            },
            p => Task.FromResult(p.Url.Contains("step=size", StringComparison.Ordinal)),
            "the first step is done"
        );
        foreach (var step in (string[])["settings", "secrets", "network", "review"])
        {
            await lead.ById("wizard-next").ClickAsync();
            await lead.ArrivesAsync($"**step={step}**");
        }

        Assert.DoesNotContain("canary", await lead.ContentAsync(), StringComparison.Ordinal);
        await lead.ById("field-reason").FillAsync("as the guide says");
        await lead.ById("wizard-submit").ClickAsync();
        await lead.ArrivesAsync("**/requests/*");

        using var admin = await product.ApiAsync("admin-1");
        var request = await admin.RequestAsync(new Uri(lead.Url).Segments[^1]);
        var environment = await admin.AppliedAsync(await admin.ApproveAsync(request));
        Assert.Equal("azure", environment["spec"]!["settings"]!.AsObject()["LOG_STORE"]!.ToString());
    }
}
