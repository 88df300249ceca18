using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Tests.Features.Requests;

/// <summary>One spec has one price, wherever it is named; and what cannot run is refused before anybody decides.</summary>
public sealed class CostApiTests(PortalHost host) : IClassFixture<PortalHost>
{
    // The traffic with which the sizing helper comes to the profile, and to pods of its number or more.
    [Theory]
    [InlineData("dev", 30)]
    [InlineData("standard", 600)]
    [InlineData("mission-critical", 20_000)]
    [InlineData("mission-critical", 50_000)]
    public async Task Price_OfOneSpec_IsTheSameAtSizingProfilePreviewEnvironmentAndChange(string profile, int perMinute)
    {
        using var lead = await host.ClientAsync("lead-payments");
        using var admin = await host.ClientAsync("admin-1");
        var size = await (await lead.GetAsync($"/api/v1/sizing?requestsPerMinute={perMinute}")).NodeAsync();
        Assert.Equal(profile, (string?)size["profile"]);
        var price = size["cost"]!.ToJsonString();
        Assert.Equal((int)size["cost"]!["usd"]!, (int)size["computeUsd"]!);
        var known = ((JsonArray)(await (await lead.GetAsync("/api/v1/profiles")).NodeAsync())["items"]!).Single(p =>
            (string?)p!["name"] == profile
        )!;
        Assert.Equal((int)known["cost"]!["usd"]!, (int)known["monthlyCostUsd"]!);
        var isProfiles = (int)size["replicas"]! == (int)known["replicas"]! && (int)size["maxReplicas"]! == (int)known["maxReplicas"]!;
        if (isProfiles)
        {
            Assert.Equal(price, known["cost"]!.ToJsonString());
        }

        var create = PortalHost.Create($"price-{profile}-{perMinute}");
        create["profile"] = profile;
        if (!isProfiles)
        {
            create["spec"]!["autoscaling"] = new JsonObject { ["min"] = (int)size["replicas"]!, ["max"] = (int)size["maxReplicas"]! };
        }

        var made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(create))).NodeAsync();
        var preview = await (await admin.GetAsync($"/api/v1/requests/{made["id"]}/preview")).NodeAsync();
        Assert.Equal(price, preview["after"]!["cost"]!.ToJsonString());
        (
            await admin.PostAsync(
                $"/api/v1/requests/{made["id"]}/approve",
                HttpText.Json(new JsonObject { ["digest"] = (string)made["digest"]!, ["reason"] = "fine, and it was not looked at" })
            )
        ).EnsureSuccessStatusCode();
        Assert.Equal(
            price,
            (await (await lead.GetAsync($"/api/v1/environments/{made["environmentId"]}")).NodeAsync())["cost"]!.ToJsonString()
        );
    }

    [Fact]
    public async Task Price_OfTwentyPodsOfEightCores_IsThatOfNodesThatTheyFit()
    {
        using var lead = await host.ClientAsync("lead-payments");
        var create = PortalHost.Create("twenty-large");
        create["spec"]!["replicas"] = 20;
        create["spec"]!["resources"] = new JsonObject
        {
            ["cpuRequest"] = "8",
            ["cpuLimit"] = "8",
            ["memoryRequest"] = "16Gi",
            ["memoryLimit"] = "16Gi",
        };

        var made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(create))).NodeAsync();
        var cost = (await (await lead.GetAsync($"/api/v1/requests/{made["id"]}/preview")).NodeAsync())["after"]!["cost"]!;

        Assert.True((int)cost["nodeVcpu"]! > 8, cost.ToJsonString());
        Assert.True((int)cost["nodes"]! * (int)cost["nodeVcpu"]! > 160, cost.ToJsonString());
        Assert.True((int)cost["usd"]! > 160 * 30, cost.ToJsonString());
    }

    [Theory]
    [InlineData("resources", """{"cpuRequest":"120","cpuLimit":"120"}""", "spec.resources.cpuRequest", "Standard_D96s_v5")]
    [InlineData("resources", """{"memoryRequest":"900Gi","memoryLimit":"900Gi"}""", "spec.resources.memoryRequest", "Standard_E96s_v5")]
    [InlineData(
        "network",
        """{"exposure":"internal","egress":["10.0.0.0/8"]}""",
        "spec.network.egress",
        "LOG_STORE (gatewaylogs.blob.core.windows.net:443)"
    )]
    [InlineData("network", """{"exposure":"internal","egress":["10.0.0.0/8"]}""", "spec.network.egress", "api.portkey.ai:443")]
    [InlineData(
        "network",
        """{"exposure":"internal","egress":["203.0.113.0/24:443"]}""",
        "spec.network.egress",
        "opens port 6380, which REDIS_URL (cache.example.com:6380) needs"
    )]
    public async Task Propose_WhatCannotWork_IsRefusedByFieldBeforeAnybodyDecides(string part, string json, string field, string says)
    {
        using var lead = await host.ClientAsync("lead-payments");
        var create = Enterprise($"refused-{Guid.NewGuid():N}"[..20]);
        create["spec"]![part] = JsonNode.Parse(json);

        var problem = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(create))).ProblemAsync(400);

        Assert.True(problem["errors"]![field]?.ToJsonString().Contains(says, StringComparison.Ordinal) == true, problem.ToJsonString());
        Assert.DoesNotContain((string)create["name"]!, await lead.GetStringAsync("/api/v1/requests"), StringComparison.Ordinal);
    }

    // Whoever may be called on 443, the stores that a spec names get their own ports: 443 alone would cut the gateway off from them.
    [Theory]
    [InlineData("[]")]
    [InlineData("""["0.0.0.0/0:443"]""")]
    public async Task Propose_OpenEgress_OpensThePortsOfItsOwnStoresAndSaysSo(string egress)
    {
        using var lead = await host.ClientAsync("lead-payments");
        var create = Enterprise($"open-{egress.Length}");
        create["spec"]!["network"]!["egress"] = JsonNode.Parse(egress);
        var made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(create))).NodeAsync();

        Assert.True(made["findings"] is JsonArray, made.ToJsonString());
        Assert.Contains(
            ((JsonArray)made["findings"]!).Select(f => (string?)f!["message"]),
            m => m!.Contains("6380 (for REDIS_URL)", StringComparison.Ordinal)
        );
        var manifest = (string?)(await (await lead.GetAsync($"/api/v1/requests/{made["id"]}/preview")).NodeAsync())["manifest"];
        Assert.Contains("port: 6380", manifest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Grace_OfAProfileByConfiguration_IsRendered_AndLessOfASpecIsAFinding()
    {
        using var configured = host.WithWebHostBuilder(b => b.UseSetting("Portal:Profiles:standard:GraceSeconds", "200"));
        using var lead = configured.CreateClient();
        lead.DefaultRequestHeaders.Authorization = new("Bearer", await lead.GetStringAsync("/dev/token/lead-payments"));
        var known = ((JsonArray)(await (await lead.GetAsync("/api/v1/profiles")).NodeAsync())["items"]!).Single(p =>
            (string?)p!["name"] == "standard"
        )!;
        Assert.Equal(200, (int)known["graceSeconds"]!);
        var create = PortalHost.Create("configured-grace");
        create["profile"] = "standard";
        var made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(create))).NodeAsync();
        Assert.Contains(
            "terminationGracePeriodSeconds: 200",
            (string?)(await (await lead.GetAsync($"/api/v1/requests/{made["id"]}/preview")).NodeAsync())["manifest"],
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("spec.graceSeconds", made["findings"]!.ToJsonString(), StringComparison.Ordinal);

        create["name"] = "shorter-grace";
        create["spec"]!["graceSeconds"] = 20;
        made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(create))).NodeAsync();
        using var admin = await host.ClientAsync("admin-1");
        var read = await (await admin.GetAsync($"/api/v1/requests/{made["id"]}")).NodeAsync();
        Assert.Contains(
            ((JsonArray)read["findings"]!).Select(f => (string?)f!["message"]),
            m => m!.Contains("less than the 200 s of profile standard", StringComparison.Ordinal)
        );
        Assert.Contains("profile.changed", await admin.GetStringAsync("/api/v1/audit?action=profile.changed"), StringComparison.Ordinal);
    }

    // What a worker's sweep writes down.
    [Fact]
    public async Task Propose_PodLargerThanEveryNodeOfTheCluster_IsRefusedOnceItsNodesAreKnown()
    {
        using var lead = await host.ClientAsync("lead-payments");
        var create = PortalHost.Create("too-large-for-it");
        create["spec"]!["resources"] = new JsonObject { ["cpuRequest"] = "8", ["cpuLimit"] = "8" };
        await KnowAsync("""[{"cpu":3.9,"memory":15000000000,"count":3}]""");
        try
        {
            var problem = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(create))).ProblemAsync(400);
            Assert.Contains(
                "no node of sandbox is large enough: the largest has 3.9 CPU",
                problem["errors"]!["spec.resources.cpuRequest"]!.ToJsonString(),
                StringComparison.Ordinal
            );
        }
        finally
        {
            await KnowAsync("[]");
        }

        Assert.Equal(HttpStatusCode.Created, (await lead.PostAsync("/api/v1/requests", HttpText.Json(create))).StatusCode);

        Task<int> KnowAsync(string nodes) =>
            host
                .Services.GetRequiredService<UnitOfWork>()
                .WriteAsync(
                    db =>
                        db.Clusters.ExecuteUpdateAsync(s => s.SetProperty(c => c.NodesJson, nodes), TestContext.Current.CancellationToken),
                    TestContext.Current.CancellationToken
                );
    }

    private static JsonObject Enterprise(string name)
    {
        var create = PortalHost.Create(name);
        create["spec"] = JsonNode.Parse(
            """
            {"edition":"enterprise","network":{"exposure":"internal"},
             "settings":{"SERVICE_NAME":"payments","ORGANISATIONS_TO_SYNC":"1b0c6f5e-1111-4222-8333-444455556666","CACHE_STORE":"custom","REDIS_TLS_ENABLED":"true",
                         "LOG_STORE":"azure","AZURE_STORAGE_ACCOUNT":"gatewaylogs","AZURE_STORAGE_CONTAINER":"logs","AZURE_AUTH_MODE":"managed"},
             "secrets":{"PORTKEY_CLIENT_AUTH":"pk-client","REDIS_URL":"rediss://:hidden@cache.example.com:6380"}}
            """
        );
        return create;
    }
}
