using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Portkey.Portal.E2E.Secrets;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.Journeys;

/// <summary>What only this company has: variables that nobody knows, and authorities of its own, from a file up to the pods.</summary>
[Collection(ProductCollection.Name)]
public sealed class UnknownVariableJourneyTests(Product product)
{
    private const string File = """
        environment:
          create: true
          data:
            SERVICE_NAME: company-gateway
            PORTKEY_CLIENT_AUTH: canary-client-auth
            ORGANISATIONS_TO_SYNC: 1b0c6f5e-1111-4222-8333-444455556666
            MY_COMPANY_FLAG: "on"
            MY_COMPANY_API_KEY: canary-company-key
            NODE_EXTRA_CA_CERTS: /etc/company/ca.crt
        volumes:
          - name: company
            configMap:
              name: company-ca
        volumeMounts:
          - name: company
            mountPath: /etc/company
        """;

    [Fact]
    public async Task Import_WithUnknownVariablesAndACaBundle_IsNamedToTheApproverAndReachesThePods()
    {
        var lead = await product.PageAsync("lead-payments");
        await lead.GotoAsync("/import");
        await lead.SettledAsync();
        await lead.ById("import-text").FillAsync(File);
        await lead.ById("import-submit").ClickAsync();
        await lead.ArrivesAsync("**/import?id=**");
        await lead.SeesAsync("import-secrets", "MY_COMPANY_API_KEY");
        await lead.ClickUntilAsync("import-continue", p => p.Url.Contains("step=where", StringComparison.Ordinal));
        await lead.SettledAsync();
        await lead.UntilAsync(
            async () =>
            {
                await lead.ById("field-name").FillAsync("payments-company");
                await lead.ById("wizard-next").ClickAsync();
            },
            p => Task.FromResult(p.Url.Contains("step=size", StringComparison.Ordinal)),
            "the first step is done"
        );
        await Microsoft.Playwright.Assertions.Expect(lead.Locator("h2").First).ToHaveTextAsync("Size");
        await NextAsync(lead, "settings");
        await Microsoft.Playwright.Assertions.Expect(lead.ById("field-variables")).ToHaveValueAsync("MY_COMPANY_FLAG=on");
        await NextAsync(lead, "secrets");
        await lead.SeesAsync("kept-MY_COMPANY_API_KEY", "Not known to the portal");
        await lead.Locator("[data-testid=further-secrets] > summary").ClickAsync();
        await lead.ById("field-secret-name").FillAsync("MY_COMPANY_TOKEN");
        await lead.ById("field-secret-name").PressAsync("Enter");
        await lead.SeesAsync("further-MY_COMPANY_TOKEN", "to be entered");
        await NextAsync(lead, "network");

        // A namespace that is new has no ConfigMap yet, so the certificates are pasted in its place.
        await Microsoft.Playwright.Assertions.Expect(lead.ById("field-ca-map")).ToHaveValueAsync("company-ca");
        await lead.ById("field-ca-map").FillAsync("");
        await lead.ById("field-ca").FillAsync(Authority());
        await NextAsync(lead, "review");
        await lead.ById("field-secret-MY_COMPANY_TOKEN").FillAsync("canary-company-token");
        await lead.UntilAsync(
            () => lead.ById("wizard-submit").ClickAsync(new() { Timeout = 3000 }),
            p => Task.FromResult(p.Url.Contains("/requests/", StringComparison.Ordinal)),
            "the request is sent"
        );
        var id = new Uri(lead.Url).Segments[^1];
        await lead.Context.CloseAsync();

        var admin = await product.PageAsync("admin-1");
        await admin.GotoAsync($"/requests/{id}");
        await admin.SettledAsync();
        await admin.SeesAsync("unknown-MY_COMPANY_FLAG", "on");
        await admin.SeesAsync("unknown-MY_COMPANY_API_KEY", "v1");
        await admin.SeesAsync("unknown-MY_COMPANY_TOKEN", "v1");
        Assert.DoesNotContain("canary", await admin.ContentAsync(), StringComparison.Ordinal);
        await admin.Context.CloseAsync();

        using var api = await product.ApiAsync("admin-1");
        var environment = await api.AppliedAsync(await api.ApproveAsync(await api.RequestAsync(id)));
        var all = await Cluster.KubectlAsync(
            product.Sandbox.Kubeconfig,
            "get",
            "deployment,configmap,secret",
            "-n",
            environment.Text("namespace")
        );
        string Of(string kind) =>
            string.Join('\n', all["items"]!.AsArray().Where(o => o!.Text("kind") == kind).Select(o => o!.ToJsonString()));
        Assert.Contains("MY_COMPANY_FLAG", Of("Deployment") + Of("ConfigMap"), StringComparison.Ordinal);
        Assert.Contains("MY_COMPANY_API_KEY", Of("Deployment") + Of("Secret"), StringComparison.Ordinal);
        Assert.Contains("MY_COMPANY_TOKEN", Of("Deployment") + Of("Secret"), StringComparison.Ordinal);
        Assert.Contains("NODE_EXTRA_CA_CERTS", Of("Deployment") + Of("ConfigMap"), StringComparison.Ordinal);
        Assert.Contains("BEGIN CERTIFICATE", Of("ConfigMap"), StringComparison.Ordinal);
    }

    private static async Task NextAsync(Microsoft.Playwright.IPage page, string step)
    {
        await page.ClickUntilAsync("wizard-next", p => p.Url.Contains($"step={step}", StringComparison.Ordinal));
        await Microsoft.Playwright.Assertions.Expect(page.Locator("h2").First).ToHaveTextAsync(char.ToUpperInvariant(step[0]) + step[1..]);
    }

    private static string Authority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Company Root", key, HashAlgorithmName.SHA256)
        {
            CertificateExtensions = { new X509BasicConstraintsExtension(true, false, 0, true) },
        };
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
        return certificate.ExportCertificatePem();
    }
}
