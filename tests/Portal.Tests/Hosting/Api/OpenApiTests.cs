using System.Text.Json.Nodes;

namespace Portkey.Portal.Tests.Hosting.Api;

/// <summary>What /openapi/v1.json promises is what the API does.</summary>
public sealed class OpenApiTests(PaymentsWorld world) : IClassFixture<PaymentsWorld>
{
    // What an example names that is not here: then the field that names it is refused, and nothing else of the example.
    private static readonly Dictionary<string, string> Elsewhere = new(StringComparer.Ordinal)
    {
        ["RegisterChart"] = "location",
        ["RegisterCluster"] = "kubeconfig",
        ["ReplaceKubeconfig"] = "kubeconfig",
        ["ProposeUpgrade"] = "chartVersion",
        ["ProposeRollback"] = "revision",
        ["ProposeRotation"] = "credential",
        ["SetCredentialProvider"] = "provider",
    };

    [Fact]
    public async Task Document_OfEveryCall_SaysWhatItIsAndTakesAndAnswers()
    {
        var wrong = new List<string>();
        foreach (var (name, path, verb, call) in Calls(await DocumentAsync()))
        {
            Check(call["operationId"] is not null && name.Length > 0, "no operationId");
            Check(call["tags"]!.AsArray().Count == 1, "not one tag");
            Check((string?)call["summary"] is { Length: > 0 } && (string?)call["description"] is { Length: > 0 }, "no description");
            var parameters = call["parameters"]?.AsArray() ?? [];
            Check(
                parameters.All(p => (string?)p!["description"] is { Length: > 0 } && p["schema"]?["type"] is not null),
                "a parameter without description or type"
            );
            Check(
                path.Split('/')
                    .Where(p => p.StartsWith('{'))
                    .All(p => parameters.Any(x => (string)x!["in"]! == "path" && (string)x["name"]! == p.Trim('{', '}'))),
                "a part of its path is not described"
            );
            var answers = call["responses"]!.AsObject();
            Check(answers.Any(a => a.Key is ['2', ..]), "no answer of success");
            Check(
                answers
                    .Where(a => a.Key is ['2', ..] and not "204")
                    .All(a => a.Value!["content"]?.AsObject().All(c => c.Value!["schema"] is not null) == true),
                "an answer without a schema"
            );
            Check(
                answers
                    .Where(a => a.Key is ['4' or '5', ..])
                    .All(a =>
                        (string?)a.Value!["content"]?["application/problem+json"]?["schema"]?["$ref"]
                        == "#/components/schemas/ProblemDetails"
                    ),
                "an error that is no problem"
            );
            Check(((string[])["400", "401", "403", "500"]).All(answers.ContainsKey), "not every error");
            Check(verb == "get" || call["requestBody"] is null || Example(call) is not null, "a body without an example");

            void Check(bool right, string what)
            {
                if (!right)
                {
                    wrong.Add($"{verb} {path}: {what}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Fact]
    public async Task Document_OfEveryShape_HasOneTypeForEachProperty_AndIntegersAreIntegers()
    {
        var wrong = new List<string>();
        Walk((await DocumentAsync())["components"]!["schemas"]!, "", wrong);
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Theory]
    [InlineData("ProposeBody", "kind")]
    [InlineData("SpecBody", "edition")]
    [InlineData("NetworkSpec", "")]
    [InlineData("AutoscalingSpec", "min max")]
    [InlineData("TolerationSpec", "key")]
    [InlineData("DecisionBody", "digest")]
    [InlineData("ReasonBody", "")]
    [InlineData("RegisterClusterBody", "name kubeconfig")]
    [InlineData("PolicyBody", "")]
    public async Task Document_OfABody_RequiresWhatTheApiRequires(string shape, string required)
    {
        var schema = (await DocumentAsync())["components"]!["schemas"]![shape]!;
        Assert.Equal(
            required.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            (schema["required"]?.AsArray() ?? []).Select(r => (string)r!)
        );
        Assert.False((bool)schema["additionalProperties"]!);
    }

    [Theory]
    [InlineData("Edition", "oss enterprise")]
    [InlineData("Exposure", "internal loadBalancer ingress")]
    [InlineData("RequestKind", "create change upgrade rotate rollback delete")]
    public async Task Document_OfAnEnum_SpellsItAsTheApiDoes(string shape, string words)
    {
        var schema = (await DocumentAsync())["components"]!["schemas"]![shape]!;
        Assert.Equal("string", (string)schema["type"]!);
        Assert.Superset(
            words.Split(' ').ToHashSet(StringComparer.Ordinal),
            schema["enum"]!.AsArray().Select(w => (string)w!).ToHashSet(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task Document_OfSecrets_TakesThemAndNeverGivesThemBack()
    {
        var schemas = (await DocumentAsync())["components"]!["schemas"]!;
        var secrets = schemas["SpecBody"]!["properties"]!["secrets"]!["additionalProperties"]!;
        Assert.Equal(("string", true, 25 * 1024), ((string)secrets["type"]!, (bool)secrets["writeOnly"]!, (int)secrets["maxLength"]!));
        Assert.Null(schemas["EnvironmentSpec"]!["properties"]!["secrets"]);
    }

    [Fact]
    public async Task EveryCall_WithAParameterThatItDoesNotHave_NamesItAndThoseThatThereAre()
    {
        using var admin = await world.Host.ClientAsync("admin-1");
        var wrong = new List<string>();
        foreach (var (_, path, verb, call) in Calls(await DocumentAsync()))
        {
            using var message = new HttpRequestMessage(new HttpMethod(verb), $"{Filled(path)}?nope=1")
            {
                Content = verb == "get" ? null : HttpText.Json("{}"),
            };
            using var answer = await admin.SendAsync(message, HttpCompletionOption.ResponseHeadersRead);
            var said =
                (int)answer.StatusCode == 400
                    ? (string?)(await answer.NodeAsync())["errors"]?["nope"]?[0] ?? ""
                    : $"{(int)answer.StatusCode}";
            var own = (call["parameters"]?.AsArray() ?? [])
                .Where(p => (string)p!["in"]! == "query")
                .Select(p => (string)p!["name"]!)
                .ToList();
            if (
                !said.StartsWith("There is no such parameter", StringComparison.Ordinal)
                || !own.TrueForAll(p => said.Contains(p, StringComparison.Ordinal))
            )
            {
                wrong.Add($"{verb} {path}: {said}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Fact]
    public async Task Parameters_ManyThingsWrong_NamesEachAtOnce()
    {
        using var admin = await world.Host.ClientAsync("admin-1");
        var problem = await (
            await admin.GetAsync("/api/v1/requests?limit=0&state=lost&mine=perhaps&team=a&team=b&sate=pending")
        ).ProblemAsync(400, "invalid");
        Assert.Equal(
            ["limit", "mine", "sate", "state", "team"],
            problem["errors"]!.AsObject().Select(e => e.Key).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task EveryPublishedExample_IsTaken()
    {
        using var lead = await world.Host.ClientAsync("lead-payments");
        using var admin = await world.Host.ClientAsync("admin-2");
        var (wrong, posted) = (new List<string>(), 0);
        foreach (
            var (name, path, verb, call) in Calls(await DocumentAsync())
                .Where(c => Example(c.Call) is not null)
                .OrderBy(c => c.Name == "ProposeDelete")
        )
        {
            var (example, type) = Example(call)!.Value;
            var query = string.Concat(
                (call["parameters"]?.AsArray() ?? [])
                    .Where(p => (bool?)p!["required"] == true && (string)p["in"]! == "query")
                    .Select(p => $"&{p!["name"]}={((string)p["name"]! == "key" ? "REDIS_URL" : "example")}")
            );
            using var content = new StringContent(
                type == "text/plain" ? (string)example! : example.ToJsonString(),
                System.Text.Encoding.UTF8,
                type
            );
            using var message = new HttpRequestMessage(new HttpMethod(verb), Filled(path) + (query.Length > 0 ? "?" + query[1..] : ""))
            {
                Content = content,
            };
            using var answer = await (
                path.Contains("/clusters", StringComparison.Ordinal)
                || path.Contains("/charts", StringComparison.Ordinal)
                || path.Contains("/changes", StringComparison.Ordinal)
                || name.StartsWith("Approve", StringComparison.Ordinal)
                    ? admin
                    : lead
            ).SendAsync(message);
            posted++;
            var status = (int)answer.StatusCode;
            var named = status == 400 ? (await answer.NodeAsync())["errors"]?.AsObject().Select(e => e.Key).ToList() ?? ["?"] : [];
            if (
                status is 415 or 405 or >= 500
                || (named.Count > 0 && !(named is [var field] && Elsewhere.GetValueOrDefault(name) == field))
            )
            {
                wrong.Add($"{verb} {path}: {await answer.Content.ReadAsStringAsync()}");
            }

            Assert.True(name != "Propose" || status == 201, await answer.Content.ReadAsStringAsync());
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.True(posted > 25, $"{posted} examples");
    }

    [Fact]
    public async Task SmallestRequest_OfWhatIsRequired_IsTaken()
    {
        using var lead = await world.Host.ClientAsync("lead-payments");
        var answer = await lead.PostAsync(
            "/api/v1/requests",
            HttpText.Json("""{"kind":"create","team":"payments","name":"smallest","profile":"dev","spec":{"edition":"oss"}}""")
        );
        Assert.True((int)answer.StatusCode == 201, await answer.Content.ReadAsStringAsync());
    }

    private static void Walk(JsonNode? node, string path, List<string> wrong)
    {
        if (node is JsonArray list)
        {
            for (var i = 0; i < list.Count; i++)
            {
                Walk(list[i], $"{path}[{i}]", wrong);
            }
        }
        else if (node is JsonObject map)
        {
            if (map["properties"] is JsonObject properties)
            {
                wrong.AddRange(
                    properties
                        .Where(p => p.Value is not JsonObject o || (o["type"] ?? o["$ref"] ?? o["oneOf"] ?? o["enum"]) is null)
                        .Select(p => $"{path}.{p.Key} has no type")
                );
            }

            if (map["type"] is JsonArray types && types.Select(t => (string)t!).Except(["null"], StringComparer.Ordinal).Count() != 1)
            {
                wrong.Add($"{path} is {types.ToJsonString()}");
            }

            foreach (var (key, value) in map)
            {
                Walk(value, $"{path}.{key}", wrong);
            }
        }
    }

    private static (JsonNode Body, string Type)? Example(JsonNode call) =>
        call["requestBody"]
            ?["content"]?.AsObject()
            .Where(c => c.Value!["example"] is not null)
            .Select(c => ((JsonNode, string)?)(c.Value!["example"]!, c.Key))
            .FirstOrDefault();

    private static IEnumerable<(string Name, string Path, string Verb, JsonNode Call)> Calls(JsonNode document) =>
        document["paths"]!
            .AsObject()
            .SelectMany(p => p.Value!.AsObject().Select(c => ((string)c.Value!["operationId"]!, p.Key, c.Key, c.Value!)));

    private string Filled(string path)
    {
        var of = path.Split('/')[3];
        var id = of switch
        {
            "environments" => "env",
            "operations" => "op",
            "requests" => "req",
            "rotations" => "rot",
            "changes" => "chg",
            "sessions" => "ses",
            "audit" => "evt",
            "charts" => "chart",
            _ => path.Contains("orphans", StringComparison.Ordinal) ? "orphan" : "cred",
        };
        return path.Replace("{id}", world.Ids[id], StringComparison.Ordinal)
            .Replace("{key}", "REDIS_URL", StringComparison.Ordinal)
            .Replace("{cluster}", "sandbox", StringComparison.Ordinal);
    }

    private async Task<JsonNode> DocumentAsync()
    {
        using var client = await world.Host.ClientAsync("admin-1");
        return await (await client.GetAsync("/openapi/v1.json")).NodeAsync();
    }
}
