using System.Text.Json.Nodes;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Tests.Features.Requests;

/// <summary>
/// Every setting of the catalogue, set through the API as a script would: what else it needs is what the API asks for. Rendered with both
/// layouts of Portkey's chart, it reaches the gateway as plain text or by reference to a Secret, or the version that does not take it says
/// so.
/// </summary>
public sealed class EverySettingTests(PortalHost host) : IClassFixture<PortalHost>
{
    private static int numbers;

    [Theory]
    [InlineData("1.7.7")]
    [InlineData("1.0.8")]
    public async Task Setting_SetThroughTheApi_ReachesTheGateway(string layout)
    {
        using var lead = await host.ClientAsync("lead-payments");
        using var admin = await host.ClientAsync("admin-1");
        var version = layout == "1.0.8" ? await RegisteredAsync(admin, layout) : null; // the portal's own chart has the newer layout
        var known = (await (await lead.GetAsync("/api/v1/settings")).NodeAsync())["items"]!
            .AsArray()
            .ToDictionary(s => (string)s!["key"]!, s => s!, StringComparer.Ordinal);
        var (wrong, newer) = (new List<string>(), 0);
        var keys = known.Where(k => k.Value["editions"]!.AsArray().Any(e => (string)e! == "enterprise")).Select(k => k.Key);
        foreach (var few in keys.GroupBy(k => (string)known[k]["appliesWhen"]!, StringComparer.Ordinal).SelectMany(g => g.Chunk(6)))
        {
            // Those that apply in the same case are asked for together. What is refused, or does not reach the gateway, is asked for alone.
            var failed =
                few.Length > 1
                    ? await AskedAsync(lead, known, few, version)
                    : few.ToDictionary(k => k, _ => "", StringComparer.Ordinal);
            foreach (var key in failed.Keys)
            {
                if ((await AskedAsync(lead, known, [key], version)).GetValueOrDefault(key) is not { } why)
                {
                    continue;
                }

                var isNewer = why.Contains("1.7.7", StringComparison.Ordinal);
                newer += isNewer ? 1 : 0;
                if (layout == "1.7.7" || !isNewer)
                {
                    wrong.Add($"{key}: {why}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.Equal(layout == "1.0.8", newer > 0); // the old layout lacks some, and names each
    }

    // Those that did not reach the gateway, each with why not.
    private static async Task<Dictionary<string, string>> AskedAsync(
        HttpClient lead,
        Dictionary<string, JsonNode> known,
        string[] keys,
        string? version
    )
    {
        var (request, settings, refusal) = await AskAsync(lead, known, keys, version);
        if (request is null)
        {
            return keys.ToDictionary(k => k, _ => refusal, StringComparer.Ordinal);
        }

        var manifest = (string)(await (await lead.GetAsync($"/api/v1/requests/{request["id"]}/preview")).NodeAsync())["manifest"]!;
        return keys.Select(key => (key, Why: WhyNot(key, (bool)known[key]["isSecret"]! ? null : settings[key], manifest)))
            .Where(k => k.Why is not null)
            .ToDictionary(k => k.key, k => k.Why!, StringComparer.Ordinal);
    }

    private static async Task<(JsonNode? Request, Dictionary<string, string> Settings, string Refusal)> AskAsync(
        HttpClient lead,
        Dictionary<string, JsonNode> known,
        string[] keys,
        string? version
    )
    {
        var name = $"every-{Interlocked.Increment(ref numbers)}";
        var settings = Prerequisites((string)known[keys[0]]["appliesWhen"]!);
        var secrets = new Dictionary<string, string>(StringComparer.Ordinal);
        if (keys.Contains("REGISTRY_SERVER"))
        {
            settings["REGISTRY_USERNAME"] = "portkey-customer"; // a registry without a user is one that needs no pull secret
        }

        foreach (var key in keys)
        {
            ((bool)known[key]["isSecret"]! ? secrets : settings)[key] = settings.GetValueOrDefault(key) ?? Example(known[key]);
        }

        for (var round = 0; ; round++)
        {
            var body = PortalHost.Create(name);
            body["chartVersion"] = version;
            body["spec"] = new JsonObject
            {
                ["edition"] = "enterprise",
                ["settings"] = Object(settings),
                ["secrets"] = Object(secrets),
            };
            var answer = await lead.PostAsync("/api/v1/requests", HttpText.Json(body));
            if ((int)answer.StatusCode == 201)
            {
                return (await answer.NodeAsync(), settings, "");
            }

            var errors = (await answer.ProblemAsync(400, "invalid"))["errors"]!.AsObject();
            var before = (settings.Count, secrets.Count);
            foreach (var field in errors.Select(e => e.Key))
            {
                var missing = field[(field.LastIndexOf('.') + 1)..];
                if (known.TryGetValue(missing, out var needed))
                {
                    ((bool)needed["isSecret"]! ? secrets : settings).TryAdd(missing, Example(needed));
                }
            }

            if (round == 8 || before == (settings.Count, secrets.Count))
            {
                return (null, settings, errors.ToJsonString());
            }
        }
    }

    private static async Task<string> RegisteredAsync(HttpClient admin, string layout)
    {
        var folder = Path.Combine(Repository.Root, "tests", "Shared", "Charts", "gateway-" + layout);
        var answer = await admin.PostAsync(
            "/api/v1/charts",
            HttpText.Json(
                new JsonObject
                {
                    ["source"] = "directory",
                    ["location"] = folder,
                    ["edition"] = "enterprise",
                }
            )
        );
        Assert.True((int)answer.StatusCode == 201, await answer.Content.ReadAsStringAsync());
        return (string)(await answer.NodeAsync())["version"]!;
    }

    // The first way in which it applies.
    private static Dictionary<string, string> Prerequisites(string condition) =>
        condition
            .Split(';')[0]
            .Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(c => c.Split('=', 2))
            .Where(c => c[0] != "edition")
            .ToDictionary(c => c[0], c => c[1].Split('|')[0], StringComparer.Ordinal);

    private static string Example(JsonNode setting) =>
        (string)setting["key"]! switch
        {
            "REDIS_URL" => "redis://cache.example.com:6379",
            "REDIS_TLS_ENABLED" => "false",
            "MONGO_DB_CONNECTION_URL" => "mongodb://u:p@cosmos.example.com:10255",
            var key when key.EndsWith("_ID", StringComparison.Ordinal) => "11111111-2222-4333-8444-555555555555",
            _ => setting["allowedValues"]!.AsArray().Select(v => (string)v!).FirstOrDefault(v => v.Length > 0)
                ?? ((string)setting["example"]! is { Length: > 0 } example ? example : "example"),
        };

    private static JsonObject Object(Dictionary<string, string> map) =>
        new(map.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value)));

    private static string? WhyNot(string key, string? plain, string manifest) =>
        key switch
        {
            "REGISTRY_PASSWORD" => manifest.Contains("portkey-gateway-pull-", StringComparison.Ordinal) ? null : "no pull secret is named",
            "REGISTRY_USERNAME" or "REGISTRY_SERVER" => manifest.Contains("imagePullSecrets", StringComparison.Ordinal)
                ? null
                : "no pull secret is named",
            "AZURE_WORKLOAD_CLIENT_ID" => manifest.Contains($"azure.workload.identity/client-id: {plain}", StringComparison.Ordinal)
            || manifest.Contains($"azure.workload.identity/client-id: \"{plain}\"", StringComparison.Ordinal)
                ? null
                : "the service account has no annotation",
            _ when plain is null => manifest.Contains("portkey-gateway-env-", StringComparison.Ordinal)
            && !manifest.Contains(": example\n", StringComparison.Ordinal)
                ? null
                : "no Secret is named",
            _ => manifest.Split('\n').Any(l => l.Contains(key, StringComparison.Ordinal))
            && manifest.Contains(plain, StringComparison.Ordinal)
                ? null
                : $"'{plain}' is not in what is rendered",
        };
}
