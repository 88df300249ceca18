using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Requests;

/// <summary>Specs, profiles and render inputs of the sizes that the portal is seeded with.</summary>
internal static class Inputs
{
    public static readonly Guid Environment = Guid.Parse("0199a000-0000-7000-8000-000000000001");

    public static IReadOnlyDictionary<string, string> None { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public static Profile Profile(string name) =>
        name switch
        {
            "dev" => Size(name, 1, 1, 1, grace: 30, builtInRedis: true),
            "standard" => Size(name, 2, 2, 1, grace: 120, builtInRedis: false),
            "mission-critical" => Size(name, 3, 10, 3, grace: 300, builtInRedis: false),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, message: null),
        };

    public static EnvironmentSpec Oss(params (string Key, string Value)[] settings) =>
        new() { Edition = Edition.Oss, Settings = Map(settings) };

    /// <summary>The least that an enterprise gateway needs, with a cache of one's own.</summary>
    public static EnvironmentSpec Enterprise(params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["SERVICE_NAME"] = "payments-gateway",
            ["ORGANISATIONS_TO_SYNC"] = "1b0c6f5e-1111-4222-8333-444455556666",
            ["CACHE_STORE"] = "custom",
        };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        return new() { Edition = Edition.Enterprise, Settings = all };
    }

    public static IReadOnlyDictionary<string, string> EnterpriseSecrets { get; } =
        Map(("PORTKEY_CLIENT_AUTH", "pk-client"), ("REDIS_URL", "redis://cache.example.com:6379"));

    public static RenderInput Render(
        EnvironmentSpec spec,
        string profile,
        ChartVersion chart,
        IReadOnlyDictionary<string, SecretPin>? secrets = null
    ) =>
        new(
            Environment,
            "payments-checkout",
            "portkey-gateway",
            spec,
            Profile(profile),
            chart,
            secrets ?? new Dictionary<string, SecretPin>()
        );

    public static ChartVersion Chart(Edition edition) =>
        new()
        {
            Edition = edition,
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

    public static IReadOnlyDictionary<string, SecretPin> Pins(params string[] keys) =>
        keys.ToDictionary(
            k => k,
            k => new SecretPin($"env-x-{k.ToLowerInvariant().Replace('_', '-')}", 1, "version-1"),
            StringComparer.Ordinal
        );

    public static IReadOnlyDictionary<string, string> Map(params (string Key, string Value)[] entries) =>
        entries.ToDictionary(e => e.Key, e => e.Value, StringComparer.Ordinal);

    private static Profile Size(string name, int replicas, int max, int zones, int grace, bool builtInRedis) =>
        new()
        {
            Name = name,
            DisplayName = name,
            Description = name,
            Order = 1,
            GraceSeconds = grace,
            Replicas = replicas,
            MaxReplicas = max,
            Zones = zones,
            CpuRequest = "250m",
            CpuLimit = "1",
            MemoryRequest = "512Mi",
            MemoryLimit = "1Gi",
            NodeCpu = 2,
            NodeMemoryGiB = 4,
            BuiltInRedisAllowed = builtInRedis,
        };
}
