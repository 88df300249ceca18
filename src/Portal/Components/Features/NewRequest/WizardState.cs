using System.Text.Json;
using System.Text.Json.Serialization;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Catalog;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Provisioning.Imports;
using Portkey.Portal.Provisioning.Reading;
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

    /// <summary>Environment that a change is about; null for a new one.</summary>
    internal Guid? EnvironmentId { get; set; }

    internal bool IsChange => EnvironmentId is not null;

    /// <summary>What the wizard does not ask for, such as autoscaling or an image tag, goes on as it was.</summary>
    internal EnvironmentSpec Kept { get; set; } = new();

    internal int? Replicas { get; set; }

    /// <summary>Secrets of a change that get a new value. Not part of the draft: after a reload they are chosen again.</summary>
    internal HashSet<string> Replaced { get; } = new(StringComparer.Ordinal);

    internal Edition Edition { get; set; } = Edition.Oss;

    internal string Team { get; set; } = "";

    internal string Name { get; set; } = "";

    internal string Cluster { get; set; } = "";

    internal string Profile { get; set; } = "dev";

    /// <summary>Import whose secrets are in the vault already; null for none.</summary>
    internal Guid? ImportId { get; set; }

    /// <summary>Chart version of a new environment; empty for the edition's default.</summary>
    internal string ChartVersion { get; set; } = "";

    internal Dictionary<string, string> Settings { get; } = new(StringComparer.Ordinal);

    /// <summary>Secrets taken from shared credentials: setting and name.</summary>
    internal Dictionary<string, string> Shared { get; } = new(StringComparer.Ordinal);

    internal Exposure Exposure { get; set; } = Exposure.Internal;

    internal string Host { get; set; } = "";

    internal string TlsSecret { get; set; } = "";

    internal string McpHost { get; set; } = "";

    internal bool InternalLoadBalancer { get; set; }

    internal string AllowedRanges { get; set; } = "";

    internal string OpenEgressReason { get; set; } = "";

    internal string Egress { get; set; } = "";

    internal ControlPlaneInbound ControlPlaneInbound { get; set; }

    internal string ControlPlaneRanges { get; set; } = "";

    // What the form no longer shows is not asked for.
    private ControlPlaneInbound Inbound => Exposure == Exposure.Internal || Edition == Edition.Oss ? ControlPlaneInbound.None : ControlPlaneInbound;

    internal int? TtlHours { get; set; }

    internal string Reason { get; set; } = "";

    /// <summary>SERVICE_NAME is the environment's name until a person says otherwise.</summary>
    internal string Setting(SettingView setting) =>
        Settings.TryGetValue(setting.Key, out var value) ? value : setting.Key == "SERVICE_NAME" ? Name : setting.Default;

    internal string Value(string key) => Settings.GetValueOrDefault(key, key == "SERVICE_NAME" ? Name : "");

    internal EnvironmentSpec Spec() => Kept with
    {
        Edition = Edition,
        Settings = Sent(),
        SharedSecrets = Shared.Count == 0 ? null : new SortedDictionary<string, string>(Shared, StringComparer.Ordinal),
        Replicas = Replicas,
        Network = new NetworkSpec
        {
            Exposure = Exposure,
            IngressClass = Exposure == Exposure.Ingress ? Kept.Network.IngressClass : null,
            Host = Exposure == Exposure.Ingress ? Null(Host) : null,
            TlsSecret = Exposure == Exposure.Ingress ? Null(TlsSecret) : null,
            McpHost = Exposure == Exposure.Ingress ? Null(McpHost) : null,
            InternalLoadBalancer = Exposure == Exposure.LoadBalancer && InternalLoadBalancer,
            AllowedRanges = Exposure == Exposure.LoadBalancer ? Lines(AllowedRanges) : [],
            Egress = Lines(Egress),
            Providers = Kept.Network.Providers,
            OpenEgressReason = Lines(Egress).Length == 0 && Kept.Network.Providers.Count == 0 ? Null(OpenEgressReason) : null,
            ControlPlaneInbound = Inbound,
            ControlPlaneRanges = Inbound is ControlPlaneInbound.Addresses or ControlPlaneInbound.Peering ? Lines(ControlPlaneRanges) : [],
        },
        TtlHours = TtlHours,
    };

    /// <summary>For a dry run; secrets that will be asked for stand in by their example.</summary>
    internal ProposeCommand Command(IEnumerable<SettingView> secretsToCome) => new()
    {
        Kind = IsChange ? RequestKind.Change : RequestKind.Create,
        EnvironmentId = EnvironmentId,
        Team = IsChange ? null : Team,
        Name = IsChange ? null : Name,
        Cluster = IsChange ? null : Null(Cluster),
        Profile = Profile,
        ChartVersion = IsChange ? null : Null(ChartVersion),
        ImportId = ImportId,
        Spec = Spec(),
        Reason = Reason,
        Secrets = secretsToCome.ToDictionary(s => s.Key, s => new SecretValue(s.Example.Length > 0 ? s.Example : "to-be-entered"), StringComparer.Ordinal),
    };

    internal string ToJson() => JsonSerializer.Serialize(
        IsChange
            ? new Body(RequestKind.Change, EnvironmentId, null, null, null, Profile, null, null, Spec(), Reason)
            : new Body(RequestKind.Create, null, Null(Team), Null(Name), Null(Cluster), Profile, Null(ChartVersion), ImportId, Spec(), Reason),
        Json);

    /// <summary>What is in force, as the start of a change.</summary>
    internal static WizardState Of(Guid environment, string profile, EnvironmentSpec spec)
    {
        var state = new WizardState { EnvironmentId = environment, Profile = profile };
        state.Take(spec);
        return state;
    }

    /// <summary>What was imported, as the start of a request.</summary>
    internal static WizardState Of(ImportView import, string team)
    {
        var state = new WizardState { ImportId = import.Id, Team = team };
        state.Take(import.Spec);
        return state;
    }

    internal static WizardState FromJson(string json)
    {
        var body = BoundedJson.Read<Body>(json, ReadLimits.Stored, Json) ?? throw new JsonException("An empty draft.");
        var state = new WizardState
        {
            EnvironmentId = body.EnvironmentId, Team = body.Team ?? "", Name = body.Name ?? "", Cluster = body.Cluster ?? "", Profile = body.Profile ?? "dev",
            ChartVersion = body.ChartVersion ?? "", ImportId = body.Import, Reason = body.Reason ?? "",
        };
        if (body.Spec is { } spec)
        {
            state.Take(spec);
        }

        return state;
    }

    /// <summary>The same request with another spec.</summary>
    internal WizardState With(EnvironmentSpec spec)
    {
        Settings.Clear();
        Shared.Clear();
        Take(spec);
        return this;
    }

    private void Take(EnvironmentSpec spec)
    {
        Kept = spec;
        (Edition, TtlHours, Replicas) = (spec.Edition, spec.TtlHours, spec.Replicas);
        foreach (var (key, value) in spec.Settings.Where(s => IsChange || s.Key != "SERVICE_NAME" || s.Value != Name))
        {
            Settings[key] = value;
        }

        foreach (var (key, name) in spec.SharedSecrets ?? new Dictionary<string, string>())
        {
            Shared[key] = name;
        }

        (Exposure, Host, TlsSecret) = (spec.Network.Exposure, spec.Network.Host ?? "", spec.Network.TlsSecret ?? "");
        (McpHost, InternalLoadBalancer, OpenEgressReason) = (spec.Network.McpHost ?? "", spec.Network.InternalLoadBalancer, spec.Network.OpenEgressReason ?? "");
        AllowedRanges = string.Join('\n', spec.Network.AllowedRanges);
        Egress = string.Join('\n', spec.Network.Egress);
        (ControlPlaneInbound, ControlPlaneRanges) = (spec.Network.ControlPlaneInbound, string.Join('\n', spec.Network.ControlPlaneRanges));
    }

    private Dictionary<string, string> Sent()
    {
        var sent = Settings.Where(s => s.Value.Length > 0).ToDictionary(StringComparer.Ordinal);
        if (!IsChange && !Settings.ContainsKey("SERVICE_NAME") && Name.Length > 0)
        {
            sent["SERVICE_NAME"] = Name;
        }

        return sent;
    }

    private static string? Null(string text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static string[] Lines(string text) => text.Split(['\n', ',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private sealed record Body(RequestKind Kind, Guid? EnvironmentId, string? Team, string? Name, string? Cluster, string? Profile, string? ChartVersion, Guid? Import, EnvironmentSpec? Spec, string? Reason);
}
