using Portkey.Portal.Web.Components.Shared;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bunit;
using Portkey.Portal.Components.Tests.Components.Shared;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Imports;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Shared;
using Portkey.Portal.Web.Features.NewRequest;
using Portkey.Portal.Web.Hosting.Api;

namespace Portkey.Portal.Components.Tests.Features.NewRequest;

/// <summary>
/// Every field of a spec, found by reflection: the API reads it, the wizard keeps it, the approver is shown it, YAML carries it, it reaches
/// what is applied, the form asks for it, and the review repeats it. A new field that one of these forgot fails here, by its name.
/// </summary>
public sealed class SpecFieldsTests : PageTest
{
    // What a field needs around it to mean anything.
    private static readonly Dictionary<string, string> Around = new(StringComparer.Ordinal)
    {
        ["network.host"] = """{"network":{"exposure":"ingress"}}""",
        ["network.ingressClass"] = """{"network":{"exposure":"ingress"}}""",
        ["network.tlsSecret"] = """{"network":{"exposure":"ingress"}}""",
        ["network.mcpHost"] = """{"network":{"exposure":"ingress"}}""",
        ["network.ingressAnnotations"] = """{"network":{"exposure":"ingress"}}""",
        ["network.internalLoadBalancer"] = """{"network":{"exposure":"loadBalancer"}}""",
        ["network.allowedRanges"] = """{"network":{"exposure":"loadBalancer"}}""",
        ["network.controlPlaneInbound"] = """{"network":{"exposure":"loadBalancer","internalLoadBalancer":true}}""",
        ["network.controlPlaneRanges"] =
            """{"network":{"exposure":"loadBalancer","allowedRanges":["10.0.0.0/8"],"controlPlaneInbound":"peering"}}""",
        ["dataServiceImage.repository"] = """{"dataService":true}""",
        ["dataServiceImage.tag"] = """{"dataService":true}""",
        ["caBundle.key"] = """{"caBundle":{"configMap":"company-ca"}}""",
        ["autoscaling.min"] = """{"autoscaling":{"min":1,"max":9}}""",
        ["autoscaling.max"] = """{"autoscaling":{"min":1,"max":9}}""",
        ["autoscaling.targetCpu"] = """{"autoscaling":{"min":1,"max":9}}""",
        ["autoscaling.targetMemory"] = """{"autoscaling":{"min":1,"max":9}}""",
    };

    // Values with a shape of their own.
    private static readonly Dictionary<string, JsonNode> Values = new(StringComparer.Ordinal)
    {
        ["settings"] = new JsonObject { ["LOG_LEVEL"] = "debug" },
        ["sharedSecrets"] = new JsonObject { ["REDIS_URL"] = "redis-eu" },
        ["network.controlPlaneInbound"] = "privateLink",
        ["network.controlPlaneRanges"] = new JsonArray("192.0.2.0/24"),
        ["network.allowedRanges"] = new JsonArray("192.0.2.0/24"),
        ["network.egress"] = new JsonArray("192.0.2.0/24:443"),
        ["network.providers"] = new JsonArray("openai"),
        ["autoscaling.min"] = 3,
        ["autoscaling.max"] = 7,
        ["caBundle.pem"] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    };

    private static readonly Dictionary<string, string> NotRendered = new(StringComparer.Ordinal)
    {
        ["ttlHours"] = "the portal itself counts the hours",
        ["sharedSecrets"] = "which value is used comes in with the secrets' versions",
        ["network.openEgressReason"] = "it is for the approver alone",
    };

    private static readonly Dictionary<string, string> NotAskedFor = new(StringComparer.Ordinal)
    {
        ["settings"] = "the settings step asks for each by its key",
        ["sharedSecrets"] = "the secrets step chooses them by their key",
        ["network.ingressClass"] = "kept; the YAML view sets it",
        ["network.providers"] = "kept; the YAML view sets them",
        ["resources.cpuRequest"] = "the profile says it; the YAML view sets it",
        ["resources.cpuLimit"] = "the profile says it; the YAML view sets it",
        ["resources.memoryRequest"] = "the profile says it; the YAML view sets it",
        ["resources.memoryLimit"] = "the profile says it; the YAML view sets it",
        ["scheduling.zones"] = "the profile says it; the YAML view sets it",
        ["scheduling.nodeSelector"] = "the YAML view sets it",
        ["scheduling.tolerations"] = "the YAML view sets it",
        ["probes.livenessPeriodSeconds"] = "the YAML view sets it",
        ["probes.readinessPeriodSeconds"] = "the YAML view sets it",
        ["probes.timeoutSeconds"] = "the YAML view sets it",
        ["probes.failureThreshold"] = "the YAML view sets it",
        ["labels"] = "the YAML view sets them",
        ["annotations"] = "the YAML view sets them",
        ["envFrom.secrets"] = "the YAML view sets them",
        ["envFrom.configMaps"] = "the YAML view sets them",
        ["dataService"] = "the YAML view sets it",
        ["dataServiceImage.repository"] = "the YAML view sets it",
        ["dataServiceImage.tag"] = "the YAML view sets it",
    };

    public static TheoryData<string> Fields => [.. Leaves(typeof(EnvironmentSpec), "").Select(l => l.Path)];

    [Theory]
    [MemberData(nameof(Fields))]
    public void Field_IsReadByTheApi(string path)
    {
        var json = PortalJson.Write(With(path));
        Assert.Equal(json, PortalJson.Write(ApiBody.Parse<SpecBody>(Encoding.UTF8.GetBytes(json)).Spec()));
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public void Field_IsKeptByTheWizard(string path)
    {
        var spec = With(path);
        var state = WizardState.Of(Guid.NewGuid(), "dev", spec);
        Assert.Equal(Sorted(spec), Sorted(state.Spec()));
        Assert.Equal(Sorted(spec), Sorted(WizardState.FromJson(state.ToJson()).Spec()));
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public void Field_IsShownToWhoeverApproves(string path) => Assert.NotEmpty(SpecChanges.Of("dev", Without(path), "dev", With(path)));

    [Theory]
    [MemberData(nameof(Fields))]
    public void Field_IsInTheYamlView(string path)
    {
        var spec = With(path);
        Assert.Equal(Sorted(spec), Sorted(ApiBody.Parse<SpecBody>(Encoding.UTF8.GetBytes(SpecYaml.ToJson(SpecYaml.Write(spec)))).Spec()));
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public void Field_ReachesWhatIsApplied_OrIsListedWithWhyNot(string path) =>
        Assert.Equal(!NotRendered.ContainsKey(path), Rendered(Without(path)) != Rendered(With(path)));

    [Theory]
    [MemberData(nameof(Fields))]
    public void Field_IsAskedForByTheForm_OrIsListedWithWhyNot(string path)
    {
        var forms = Directory
            .GetFiles(Path.Combine(Repository.Root, "src", "Portal", "Features", "NewRequest"), "*.razor")
            .Select(File.ReadAllText);
        Assert.Equal(!NotAskedFor.ContainsKey(path), forms.Any(f => f.Contains($"\"spec.{path}\"", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public void Field_IsInTheReview(string path) => Assert.NotEqual(Review(Without(path)), Review(With(path)));

    [Theory]
    [MemberData(nameof(Fields))]
    public void Field_ThatIsRefused_HasAWayToWhereItIsPutRight(string path)
    {
        var place = WizardFields.Of($"spec.{path}");

        Assert.True(place.Step is "yaml" || WizardSteps.Exists(place.Step), $"{path} is on step '{place.Step}'");
        Assert.NotEmpty(place.Element);
        Assert.False(place.Label == path || place.Label.Contains("spec.", StringComparison.Ordinal), $"{path} has no words of its own");
    }

    [Fact]
    public void Lists_NameFieldsThatThereAre()
    {
        var fields = Leaves(typeof(EnvironmentSpec), "").Select(l => l.Path).ToHashSet(StringComparer.Ordinal);
        Assert.True(fields.Count > 40, $"{fields.Count} fields");
        Assert.Empty(
            Around.Keys.Concat(Values.Keys).Concat(NotRendered.Keys).Concat(NotAskedFor.Keys).Except(fields, StringComparer.Ordinal)
        );
    }

    private string Review(EnvironmentSpec spec)
    {
        var source = new ReviewSource(WizardState.Of(Guid.NewGuid(), "dev", spec), [], [], new Dictionary<string, string>());
        return Render<ReviewFactList>(p => p.Add(l => l.Source, source).Add(l => l.Href, (_, _) => "")).Markup;
    }

    private static string Rendered(EnvironmentSpec spec)
    {
        var profile = new Profile
        {
            Name = "dev",
            DisplayName = "dev",
            Description = "dev",
            Order = 1,
            GraceSeconds = 30,
            Replicas = 1,
            MaxReplicas = 1,
            Zones = 1,
            CpuRequest = "250m",
            CpuLimit = "1",
            MemoryRequest = "512Mi",
            MemoryLimit = "1Gi",
            NodeCpu = 2,
            NodeMemoryGiB = 4,
            BuiltInRedisAllowed = true,
        };
        var chart = new ChartVersion
        {
            Edition = spec.Edition,
            Source = ChartSource.Directory,
            Location = "/nowhere",
            Name = "gateway",
            Version = "1.7.7",
            AppVersion = "2.13.0",
            Digest = "sha256:0",
            ImageTag = "1.15.2",
            RegisteredAt = DateTime.UnixEpoch,
            RegisteredBy = "system",
        };
        var input = new RenderInput(
            Guid.Empty,
            "payments-checkout",
            "portkey-gateway",
            spec,
            profile,
            chart,
            new Dictionary<string, SecretPin>()
        )
        {
            Facts = ChartFacts.Read(Path.Combine(Repository.Charts, "gateway")),
            Providers = new Dictionary<string, string[]> { ["openai"] = ["160.79.104.0/23:443"] },
        };
        return ValuesRenderer.Gateway(input) + ValuesRenderer.Guardrails(input);
    }

    private static EnvironmentSpec Without(string path) => PortalJson.Read<EnvironmentSpec>(Base(path).ToJsonString());

    private static EnvironmentSpec With(string path)
    {
        var json = Base(path);
        var parts = path.Split('.');
        var at = json;
        foreach (var part in parts[..^1])
        {
            at = (JsonObject)(at[part] ??= new JsonObject());
        }

        at[parts[^1]] = Values.TryGetValue(path, out var value)
            ? value.DeepClone()
            : Sample(Leaves(typeof(EnvironmentSpec), "").First(l => l.Path == path).Property);
        return PortalJson.Read<EnvironmentSpec>(json.ToJsonString());
    }

    private static JsonObject Base(string path)
    {
        var json = (JsonObject)JsonNode.Parse(Around.GetValueOrDefault(path, "{}"))!;
        json["edition"] = path == "edition" ? "oss" : "enterprise";
        return json;
    }

    private static JsonNode Sample(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return type == typeof(string) ? "sample"
            : type == typeof(bool) ? true
            : type == typeof(int) ? (int)(property.GetCustomAttribute<RangeAttribute>()?.Minimum ?? 1) + 1
            : type.IsEnum ? EnumNames.Of(type).Last()
            : type == typeof(IReadOnlyList<string>) ? new JsonArray("sample")
            : type == typeof(IReadOnlyDictionary<string, string>) ? new JsonObject { ["sample"] = "x" }
            : new JsonArray(
                new JsonObject(
                    type.GetGenericArguments()[0]
                        .GetProperties()
                        .Select(p => KeyValuePair.Create(JsonNamingPolicy.CamelCase.ConvertName(p.Name), (JsonNode?)Sample(p)))
                )
            );
    }

    private static IEnumerable<(string Path, PropertyInfo Property)> Leaves(Type type, string path) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .SelectMany(p =>
                p.PropertyType.IsClass && p.PropertyType.Namespace == type.Namespace
                    ? Leaves(p.PropertyType, $"{path}{JsonNamingPolicy.CamelCase.ConvertName(p.Name)}.")
                    : [(path + JsonNamingPolicy.CamelCase.ConvertName(p.Name), p)]
            );

    // As people read it: what is as it would be anyway is left out.
    private static string Sorted(EnvironmentSpec spec) => SpecYaml.Write(spec);
}
