using System.Text.Json;
using System.Text.Json.Serialization;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common.Reading;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Imports;
using Portkey.Portal.Provisioning.UseCases.Requests;

namespace Portkey.Portal.Web.Features.NewRequest;

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

    /// <summary>
    /// The spec as far as it is known: what it started from, with what was entered. A field of the form that needs no text of its own is
    /// bound to it directly, and what the wizard does not ask for goes on as it was.
    /// </summary>
    internal EnvironmentSpec Kept { get; set; } = new();

    internal int? Replicas
    {
        get => Kept.Replicas;
        set => Kept = Kept with { Replicas = value };
    }

    /// <summary>Secrets of a change that get a new value; their names are in the draft.</summary>
    internal HashSet<string> Replaced { get; } = new(StringComparer.Ordinal);

    /// <summary>Secrets that the settings do not ask for by themselves, such as those that the portal does not know; their names are in the
    /// draft.</summary>
    internal SortedSet<string> FurtherSecrets { get; } = new(StringComparer.Ordinal);

    internal Edition Edition
    {
        get => Kept.Edition;
        set => Kept = Kept with { Edition = value };
    }

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

    internal Exposure Exposure
    {
        get => Kept.Network.Exposure;
        set => Kept = Kept with { Network = Kept.Network with { Exposure = value } };
    }

    internal string Host { get; set; } = "";

    internal string TlsSecret { get; set; } = "";

    internal int? Port
    {
        get => Kept.Network.Port;
        set => Kept = Kept with { Network = Kept.Network with { Port = value } };
    }

    /// <summary>Annotations of the Service, <c>name=value</c>, one a line.</summary>
    internal string ServiceAnnotations { get; set; } = "";

    /// <summary>Annotations of the ingress, <c>name=value</c>, one a line.</summary>
    internal string IngressAnnotations { get; set; } = "";

    internal string ImageRepository { get; set; } = "";

    internal string ImageTag { get; set; } = "";

    internal string AccountName { get; set; } = "";

    /// <summary>Annotations of the service account, <c>name=value</c>, one a line.</summary>
    internal string AccountAnnotations { get; set; } = "";

    /// <summary>Certificates of the company's authorities, PEM.</summary>
    internal string CaPem { get; set; } = "";

    /// <summary>ConfigMap that holds them, in place of <see cref="CaPem"/>.</summary>
    internal string CaConfigMap { get; set; } = "";

    internal string CaKey { get; set; } = "";

    /// <summary>Seconds that a pod has to finish what it began; null for the profile's.</summary>
    internal int? GraceSeconds
    {
        get => Kept.GraceSeconds;
        set => Kept = Kept with { GraceSeconds = value };
    }

    /// <summary>Variables that the portal does not know, <c>NAME=value</c>, one a line.</summary>
    internal string Variables { get; set; } = "";

    internal IReadOnlyCollection<string> VariableNames => Pairs(Variables)?.Keys ?? (IReadOnlyCollection<string>)[];

    internal string McpHost { get; set; } = "";

    internal bool InternalLoadBalancer
    {
        get => Kept.Network.InternalLoadBalancer;
        set => Kept = Kept with { Network = Kept.Network with { InternalLoadBalancer = value } };
    }

    internal string AllowedRanges { get; set; } = "";

    internal string OpenEgressReason { get; set; } = "";

    internal string Egress { get; set; } = "";

    internal ControlPlaneInbound ControlPlaneInbound
    {
        get => Kept.Network.ControlPlaneInbound;
        set => Kept = Kept with { Network = Kept.Network with { ControlPlaneInbound = value } };
    }

    internal string ControlPlaneRanges { get; set; } = "";

    // What the form no longer shows is not asked for.
    private ControlPlaneInbound Inbound =>
        Exposure == Exposure.Internal || Edition == Edition.Oss ? ControlPlaneInbound.None : ControlPlaneInbound;

    internal int? TtlHours
    {
        get => Kept.TtlHours;
        set => Kept = Kept with { TtlHours = value };
    }

    internal string Reason { get; set; } = "";

    /// <summary>SERVICE_NAME is the environment's name until a person says otherwise.</summary>
    internal string Setting(SettingView setting) =>
        Settings.TryGetValue(setting.Key, out var value) ? value
        : setting.Key == "SERVICE_NAME" ? Name
        : setting.Default;

    internal string Value(string key) => Settings.GetValueOrDefault(key, key == "SERVICE_NAME" ? Name : "");

    internal EnvironmentSpec Spec() =>
        Kept with
        {
            Settings = Sent(),
            SharedSecrets = Shared.Count == 0 ? null : new SortedDictionary<string, string>(Shared, StringComparer.Ordinal),
            ImageRepository = Null(ImageRepository),
            ImageTag = Null(ImageTag),
            ServiceAccount =
                Null(AccountName) is null && Pairs(AccountAnnotations) is null
                    ? null
                    : (Kept.ServiceAccount ?? new()) with
                    {
                        Name = Null(AccountName),
                        Annotations = Pairs(AccountAnnotations) ?? [],
                    },
            CaBundle =
                Null(CaPem) is null && Null(CaConfigMap) is null && Null(CaKey) is null
                    ? null
                    : (Kept.CaBundle ?? new()) with
                    {
                        Pem = Null(CaPem) is null ? null : CaPem,
                        ConfigMap = Null(CaConfigMap),
                        Key = Null(CaKey),
                    },
            Network = Kept.Network with
            {
                ServiceAnnotations = Pairs(ServiceAnnotations),
                IngressAnnotations = Exposure == Exposure.Ingress ? Pairs(IngressAnnotations) : null,
                IngressClass = Exposure == Exposure.Ingress ? Kept.Network.IngressClass : null,
                Host = Exposure == Exposure.Ingress ? Null(Host) : null,
                TlsSecret = Exposure == Exposure.Ingress ? Null(TlsSecret) : null,
                McpHost = Exposure == Exposure.Ingress ? Null(McpHost) : null,
                InternalLoadBalancer = Exposure == Exposure.LoadBalancer && InternalLoadBalancer,
                AllowedRanges = Exposure == Exposure.LoadBalancer ? Lines(AllowedRanges) : [],
                Egress = Lines(Egress),
                OpenEgressReason = Lines(Egress).Length == 0 && Kept.Network.Providers.Count == 0 ? Null(OpenEgressReason) : null,
                ControlPlaneInbound = Inbound,
                ControlPlaneRanges = Inbound is ControlPlaneInbound.Addresses or ControlPlaneInbound.Peering
                    ? Lines(ControlPlaneRanges)
                    : [],
            },
        };

    /// <summary>For a dry run; secrets that will be asked for stand in by their example.</summary>
    internal ProposeCommand Command(IEnumerable<SettingView> secretsToCome) =>
        new()
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
            Secrets = secretsToCome.ToDictionary(
                s => s.Key,
                s => new SecretValue(s.Example.Length > 0 ? s.Example : "to-be-entered"),
                StringComparer.Ordinal
            ),
        };

    /// <summary>As a draft: the body, and the names of secrets that are to be asked for.</summary>
    internal string ToJson() =>
        JsonSerializer.Serialize(BodyOf(SpecToKeep()) with { Replace = Names(Replaced), Ask = Names(FurtherSecrets) }, Json);

    /// <summary>As POST /requests takes it.</summary>
    internal string ToRequest() => JsonSerializer.Serialize(BodyOf(Spec()), Json);

    private Body BodyOf(EnvironmentSpec spec) =>
        IsChange
            ? new Body(RequestKind.Change, EnvironmentId, null, null, null, Profile, null, null, spec, Reason)
            : new Body(
                RequestKind.Create,
                null,
                Null(Team),
                Null(Name),
                Null(Cluster),
                Profile,
                Null(ChartVersion),
                ImportId,
                spec,
                Reason
            );

    // A secret that was typed where settings go is refused; until it is taken out, what is stored has its name only.
    private EnvironmentSpec SpecToKeep()
    {
        var spec = Spec();
        return spec with
        {
            Settings = spec.Settings.ToDictionary(
                s => s.Key,
                s => SpecValidator.IsSecretInPlainSight(s.Key, s.Value) ? "" : s.Value,
                StringComparer.Ordinal
            ),
        };
    }

    private static string[]? Names(IReadOnlyCollection<string> names) => names.Count == 0 ? null : [.. names.Order(StringComparer.Ordinal)];

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
            EnvironmentId = body.EnvironmentId,
            Team = body.Team ?? "",
            Name = body.Name ?? "",
            Cluster = body.Cluster ?? "",
            Profile = body.Profile ?? "dev",
            ChartVersion = body.ChartVersion ?? "",
            ImportId = body.Import,
            Reason = body.Reason ?? "",
        };
        if (body.Spec is { } spec)
        {
            state.Take(spec);
        }

        state.Replaced.UnionWith(body.Replace ?? []);
        state.FurtherSecrets.UnionWith(body.Ask ?? []);
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
        Variables = Text(spec.Settings.Where(s => !SettingsCatalog.ByKey.ContainsKey(s.Key)));
        (ServiceAnnotations, IngressAnnotations) = (Text(spec.Network.ServiceAnnotations), Text(spec.Network.IngressAnnotations));
        (ImageRepository, ImageTag, CaPem) = (spec.ImageRepository ?? "", spec.ImageTag ?? "", spec.CaBundle?.Pem ?? "");
        (CaConfigMap, CaKey) = (spec.CaBundle?.ConfigMap ?? "", spec.CaBundle?.Key ?? "");
        (AccountName, AccountAnnotations) = (spec.ServiceAccount?.Name ?? "", Text(spec.ServiceAccount?.Annotations));
        foreach (
            var (key, value) in spec.Settings.Where(s =>
                SettingsCatalog.ByKey.ContainsKey(s.Key) && (IsChange || s.Key != "SERVICE_NAME" || s.Value != Name)
            )
        )
        {
            Settings[key] = value;
        }

        foreach (var (key, name) in spec.SharedSecrets ?? new Dictionary<string, string>())
        {
            Shared[key] = name;
        }

        (Host, TlsSecret, McpHost) = (spec.Network.Host ?? "", spec.Network.TlsSecret ?? "", spec.Network.McpHost ?? "");
        OpenEgressReason = spec.Network.OpenEgressReason ?? "";
        AllowedRanges = string.Join('\n', spec.Network.AllowedRanges);
        Egress = string.Join('\n', spec.Network.Egress);
        ControlPlaneRanges = string.Join('\n', spec.Network.ControlPlaneRanges);
    }

    private Dictionary<string, string> Sent()
    {
        var sent = Settings.Where(s => s.Value.Length > 0).ToDictionary(StringComparer.Ordinal);
        if (!IsChange && !Settings.ContainsKey("SERVICE_NAME") && Name.Length > 0)
        {
            sent["SERVICE_NAME"] = Name.Trim();
        }

        foreach (var (key, value) in Pairs(Variables) ?? [])
        {
            sent[key] = value;
        }

        return sent;
    }

    private static string? Null(string text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static string Text(IEnumerable<KeyValuePair<string, string>>? pairs) =>
        string.Join('\n', (pairs ?? []).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}"));

    // A line without = is a name without a value, which validation speaks about by name; the last of two of one name counts.
    private static Dictionary<string, string>? Pairs(string text)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var at = line.IndexOf('=', StringComparison.Ordinal);
            pairs[(at < 0 ? line : line[..at]).TrimEnd()] = at < 0 ? "" : line[(at + 1)..].TrimStart();
        }

        return pairs.Count == 0 ? null : pairs;
    }

    private static string[] Lines(string text) =>
        text.Split(['\n', ',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private sealed record Body(
        RequestKind Kind,
        Guid? EnvironmentId,
        string? Team,
        string? Name,
        string? Cluster,
        string? Profile,
        string? ChartVersion,
        Guid? Import,
        EnvironmentSpec? Spec,
        string? Reason
    )
    {
        public string[]? Replace { get; init; }

        public string[]? Ask { get; init; }
    }
}
