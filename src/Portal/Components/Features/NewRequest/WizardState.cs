using System.Text.Json;
using System.Text.Json.Serialization;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Catalog;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Provisioning.Requests;
using Portkey.Portal.Provisioning.Secrets;

namespace Portkey.Portal.Web.Components.Features.NewRequest;

/// <summary>What the wizard knows so far; saved as the body that POST /requests would take. Values of secrets are never in it.</summary>
public sealed class WizardState
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    internal Edition Edition { get; set; } = Edition.Oss;

    internal string Team { get; set; } = "";

    internal string Name { get; set; } = "";

    internal string Cluster { get; set; } = "";

    internal string Profile { get; set; } = "dev";

    internal Dictionary<string, string> Settings { get; } = new(StringComparer.Ordinal);

    internal Exposure Exposure { get; set; } = Exposure.Internal;

    internal string Host { get; set; } = "";

    internal string TlsSecret { get; set; } = "";

    internal string AllowedRanges { get; set; } = "";

    internal string Egress { get; set; } = "";

    internal int? TtlHours { get; set; }

    internal string Reason { get; set; } = "";

    /// <summary>SERVICE_NAME is the environment's name until a person says otherwise.</summary>
    internal string Setting(SettingView setting) =>
        Settings.TryGetValue(setting.Key, out var value) ? value : setting.Key == "SERVICE_NAME" ? Name : setting.Default;

    internal string Value(string key) => Settings.GetValueOrDefault(key, key == "SERVICE_NAME" ? Name : "");

    internal EnvironmentSpec Spec() => new()
    {
        Edition = Edition,
        Settings = Sent(),
        Network = new NetworkSpec
        {
            Exposure = Exposure,
            Host = Exposure == Exposure.Ingress ? Null(Host) : null,
            TlsSecret = Exposure == Exposure.Ingress ? Null(TlsSecret) : null,
            AllowedRanges = Exposure == Exposure.LoadBalancer ? Lines(AllowedRanges) : [],
            Egress = Lines(Egress),
        },
        TtlHours = TtlHours,
    };

    /// <summary>For a dry run; secrets that will be asked for stand in by their example.</summary>
    internal ProposeCommand Command(IEnumerable<SettingView> secretsToCome) => new()
    {
        Kind = RequestKind.Create,
        Team = Team,
        Name = Name,
        Cluster = Null(Cluster),
        Profile = Profile,
        Spec = Spec(),
        Reason = Reason,
        Secrets = secretsToCome.ToDictionary(s => s.Key, s => new SecretValue(s.Example.Length > 0 ? s.Example : "to-be-entered"), StringComparer.Ordinal),
    };

    internal string ToJson() => JsonSerializer.Serialize(
        new Body(RequestKind.Create, Null(Team), Null(Name), Null(Cluster), Profile, new SpecBody(Edition, Sent(), Spec().Network, TtlHours), Reason), Json);

    internal static WizardState FromJson(string json)
    {
        var body = JsonSerializer.Deserialize<Body>(json, Json) ?? throw new JsonException("An empty draft.");
        var state = new WizardState { Team = body.Team ?? "", Name = body.Name ?? "", Cluster = body.Cluster ?? "", Profile = body.Profile ?? "dev", Reason = body.Reason ?? "" };
        if (body.Spec is { } spec)
        {
            state.Edition = spec.Edition;
            state.TtlHours = spec.TtlHours;
            foreach (var (key, value) in (spec.Settings ?? new Dictionary<string, string>()).Where(s => s.Key != "SERVICE_NAME" || s.Value != body.Name))
            {
                state.Settings[key] = value;
            }

            var network = spec.Network ?? new NetworkSpec();
            state.Exposure = network.Exposure;
            state.Host = network.Host ?? "";
            state.TlsSecret = network.TlsSecret ?? "";
            state.AllowedRanges = string.Join('\n', network.AllowedRanges);
            state.Egress = string.Join('\n', network.Egress);
        }

        return state;
    }

    private Dictionary<string, string> Sent()
    {
        var sent = Settings.Where(s => s.Value.Length > 0).ToDictionary(StringComparer.Ordinal);
        if (!Settings.ContainsKey("SERVICE_NAME") && Name.Length > 0)
        {
            sent["SERVICE_NAME"] = Name;
        }

        return sent;
    }

    private static string? Null(string text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static string[] Lines(string text) => text.Split(['\n', ',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private sealed record Body(RequestKind Kind, string? Team, string? Name, string? Cluster, string? Profile, SpecBody? Spec, string? Reason);

    private sealed record SpecBody(Edition Edition, IReadOnlyDictionary<string, string>? Settings, NetworkSpec? Network, int? TtlHours);
}
