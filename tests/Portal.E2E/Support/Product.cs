using System.Net;
using Microsoft.Playwright;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.Support;

/// <summary>The whole product, once for all tests: sandbox cluster, portal, and a browser in front of it.</summary>
public sealed class Product : IAsyncLifetime
{
    private readonly ChromiumBrowser browser = new();
    private SandboxProcess? sandbox;
    private PortalProcess? portal;
    private Task<Seed>? seed;
    private readonly TemporaryFolder chart = new();

    public SandboxProcess Sandbox => sandbox!;

    public PortalProcess Portal => portal!;

    public async ValueTask InitializeAsync()
    {
        sandbox = await SandboxProcess.StartAsync();
        portal = await PortalProcess.StartAsync(
            new PortalOptions
            {
                Kubeconfig = sandbox.Kubeconfig,
                // Charts of the tests come from this machine. A log that says more than in production, so that the search for secrets in it
                // is worth more.
                Variables = new Dictionary<string, string?>(StringComparer.Ordinal)
                {
                    ["Logging__LogLevel__Microsoft.AspNetCore.Hosting.Diagnostics"] = "Information",
                    ["Portal__KeyIssuing__ScheduleSeconds"] = "5",
                    ["Portal__Preflight__AllowedRanges__0"] = "127.0.0.1/32",
                    ["Portal__Sessions__CheckSeconds"] = "2",
                },
            }
        );
        await browser.InitializeAsync();
    }

    public async Task<Api> ApiAsync(string persona) => new(await Portal.ClientAsync(persona));

    /// <summary>A browser of its own, signed in as that persona, or as nobody.</summary>
    public Task<IPage> PageAsync(string? persona) => browser.PageAsync(Portal, persona);

    /// <summary>One environment that runs and one request that waits, made when first asked for.</summary>
    public Task<Seed> SeedAsync() => seed ??= MakeSeedAsync();

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        chart.Dispose();
        if (portal is not null)
        {
            await portal.DisposeAsync();
        }

        if (sandbox is not null)
        {
            await sandbox.DisposeAsync();
        }
    }

    // A shared credential that two environments use, and a rotation of it that waits for a decision.
    private static async Task<(string Credential, string Rotation)> SharedAsync(Api lead, Api admin)
    {
        var credential = (
            await lead.PostTextAsync("/api/v1/credentials?name=seed-shared&key=PORTKEY_CLIENT_AUTH&team=payments", "seed-shared-one")
        ).Expect(HttpStatusCode.Created)["credential"]!.Text("id");
        foreach (var name in (string[])["payments-shared-a", "payments-shared-b"])
        {
            await admin.AppliedAsync(await admin.ApproveAsync(await lead.CreatedAsync(Proposals.EnterpriseSharing(name, "seed-shared"))));
        }

        (await lead.PutTextAsync($"/api/v1/credentials/{credential}/value", "seed-shared-two")).Expect(HttpStatusCode.OK);
        return (
            credential,
            (await lead.PostAsync($"/api/v1/credentials/{credential}/rotations", new { reason = "yearly" })).Expect(HttpStatusCode.Created)[
                "rotation"
            ]!.Text("id")
        );
    }

    // A change that waits for a second administrator. There is one as soon as one was seen.
    private async Task<string> ChangeAsync(Api admin)
    {
        using var second = await ApiAsync("admin-2");
        (await second.GetAsync("/api/v1/teams")).Expect(HttpStatusCode.OK);
        (await admin.GetAsync("/api/v1/teams")).Expect(HttpStatusCode.OK);
        ChartCopy.Write(chart.Path, "1.9.9");
        var answer = await admin.PostAsync(
            "/api/v1/charts",
            new
            {
                source = "directory",
                location = chart.Path,
                version = "1.9.9",
                edition = "oss",
                podSecurityWaiver = "Its data service needs a writable root until its next version.",
            }
        );
        return answer.Expect(HttpStatusCode.Accepted)["change"]!.Text("id");
    }

    private async Task<Seed> MakeSeedAsync()
    {
        using var lead = await ApiAsync("lead-payments");
        using var admin = await ApiAsync("admin-1");
        var applied = await lead.CreatedAsync(Proposals.Oss("payments-seed"));
        var approved = await admin.ApproveAsync(applied);
        await admin.AppliedAsync(approved);
        var waiting = await lead.CreatedAsync(Proposals.Oss("payments-waiting"));
        // A credential that is in use and expires soon, so that the calendar and Home have something to show.
        await admin.AppliedAsync(
            await admin.ApproveAsync(await lead.CreatedAsync(Proposals.Enterprise("payments-keys", "seed-client-key")))
        );
        var credential = (await lead.GetAsync("/api/v1/credentials?search=payments-keys")).Expect(HttpStatusCode.OK)["items"]![0]!.Text(
            "id"
        );
        (
            await lead.SendAsync(
                HttpMethod.Put,
                $"/api/v1/credentials/{credential}/policy",
                new { expiresAt = DateTime.UtcNow.AddDays(5).ToString("yyyy-MM-dd"), rotateEveryDays = 90 }
            )
        ).Expect(HttpStatusCode.OK);
        var (shared, rotation) = await SharedAsync(lead, admin);
        return new Seed(
            approved.Text("environmentId"),
            approved.Text("operationId"),
            approved.Text("id"),
            waiting.Text("id"),
            credential,
            shared,
            rotation,
            await ChangeAsync(admin)
        )
        {
            UnknownRequest = (
                await lead.CreatedAsync(
                    Proposals.Oss(
                        "payments-variables",
                        settings: new Dictionary<string, string>(StringComparer.Ordinal)
                        {
                            ["MY_COMPANY_FLAG"] = "on",
                            ["REQUEST_TIMOUT"] = "5",
                        }
                    )
                )
            ).Text("id"),
        }.With(await ImportAsync());
    }

    // What a file of every kind of entry comes to: corrections, losses, unknown variables, certificates, autoscaling.
    private async Task<(string Import, string Draft)> ImportAsync()
    {
        const string Values = """
            replicaCount: 2
            autoscaling: {enabled: true, minReplicas: 2, maxReplicas: 6, targetMemoryUtilizationPercentage: 75}
            service: {type: NodePort, port: 9000, annotations: {example.com/owner: payments}}
            serviceAccount: {create: true, name: gateway, annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/gateway"}}
            podDisruptionBudget: {enabled: true}
            unheardOf: {a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9}
            environment:
              data:
                SERVICE_NAME: seed-import
                PORTKEY_CLIENT_AUTH: seed-import-key
                ORGANISATIONS_TO_SYNC: 1b0c6f5e-1111-4222-8333-444455556666
                MY_COMPANY_FLAG: "on"
                MY_COMPANY_API_KEY: seed-company-key
                HTTPS_PROXY: http://proxy.example.com:3128
                NODE_EXTRA_CA_CERTS: /etc/company/ca.crt
            volumes: [{name: company, configMap: {name: company-ca}}]
            volumeMounts: [{name: company, mountPath: /etc/company}]
            """;
        var page = await PageAsync("lead-payments");
        await page.GotoAsync("/import");
        await page.SettledAsync();
        await page.ById("import-text").FillAsync(Values);
        await page.ById("import-submit").ClickAsync();
        await page.ArrivesAsync("**/import?id=**");
        var query = System.Web.HttpUtility.ParseQueryString(new Uri(page.Url).Query);
        await page.Context.CloseAsync();
        return (query["id"]!, query["draft"]!);
    }
}

/// <summary>Ids of what the shared product holds.</summary>
public sealed record Seed(
    string Environment,
    string Operation,
    string AppliedRequest,
    string WaitingRequest,
    string Credential,
    string Shared,
    string Rotation,
    string Change
)
{
    public string UnknownRequest { get; init; } = "";

    public string Import { get; private init; } = "";

    public string Draft { get; private init; } = "";

    public Seed With((string Import, string Draft) imported) => this with { Import = imported.Import, Draft = imported.Draft };
}

/// <summary>Shares another <see cref="Product"/>, so that pages are looked at while journeys are made.</summary>
[CollectionDefinition(Name)]
public sealed class PagesCollection : ICollectionFixture<Product>
{
    public const string Name = "pages";
}

/// <summary>Shares one <see cref="Product"/>.</summary>
[CollectionDefinition(Name)]
public sealed class ProductCollection : ICollectionFixture<Product>
{
    public const string Name = "product";
}
