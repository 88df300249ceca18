using CsCheck;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Tests.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Environments;

/// <summary>A spec that may be asked for, with what it is asked for with.</summary>
internal sealed record ValidSpec(EnvironmentSpec Spec, IReadOnlyDictionary<string, string> Secrets, string Profile)
{
    public SpecCandidate Candidate(SpecChart chart) =>
        new(Spec, Inputs.Profile(Profile), Secrets, new HashSet<string>(StringComparer.Ordinal))
        {
            Chart = chart,
            KnownProviders = AnySpec.Providers,
        };

    public override string ToString() => $"{Profile}: {Common(Spec)} with {string.Join(", ", Secrets.Keys)}";

    private static string Common(EnvironmentSpec spec) => Provisioning.Common.PortalJson.Write(spec);
}

/// <summary>Specs over all modes, settings, networks and options of the pods. The settings come from the catalogue: a new one is covered as
/// it is there.</summary>
internal static class AnySpec
{
    /// <summary>Providers whose ranges the tests know.</summary>
    public static readonly string[] Providers = ["anthropic", "openai"];

    // Whatever the validator lets through: no control characters, no halves of surrogate pairs.
    private static readonly Gen<string> Text = Gen.Frequency(
        (3, Gen.Char["abcXYZ019-_./:,=@ "].Array[1, 12].Select(c => new string(c))),
        (
            1,
            Gen.OneOf(
                "<org>/<date>",
                "{{ .Values }}",
                " a b ",
                "yes",
                "0123",
                "1e3",
                "null",
                "~",
                "a: b",
                "# no",
                "'",
                "\"",
                "${HOME}",
                "日本語 🚀",
                "a\u2028b",
                "-",
                "|",
                "KEY=value"
            )
        ),
        (
            1,
            Gen.String.Select(t => string.Concat(t.EnumerateRunes().Where(r => r.Value != 0xFFFD && !System.Text.Rune.IsControl(r))))
                .Where(t => t.Length > 0)
        )
    );

    private static readonly Gen<string> Label = Gen.Select(
        Gen.Char['a', 'z'],
        Gen.Char["abcdefghij0123456789-"].Array[0, 8],
        Gen.Char['0', '9'],
        (a, b, c) => $"{a}{new string(b)}{c}"
    );
    private static readonly Gen<string> Host = Gen.Select(Label, Label, (a, b) => $"{a}.{b}.example.com");
    private static readonly Gen<string> Range = Gen.OneOf(
        Gen.Select(Gen.Int[1, 223], Gen.Int[0, 255], (a, b) => $"{a}.{b}.0.0/16"),
        Gen.Int[1, 223].Select(a => $"{a}.0.0.0/8"),
        Gen.Int[0, 255].Select(a => $"192.0.2.{a}/32"),
        Gen.Int[1, 0xffff].Select(a => $"2001:db8:{a:x}::/48")
    );
    private static readonly Gen<string> Egress = Gen.Select(
        Range,
        Gen.Int[0, 65535],
        (range, port) =>
            port % 3 == 0 || port == 0 ? range
            : range.Contains(':') ? $"[{range}]:{port}"
            : $"{range}:{port}"
    );
    private static readonly Gen<string> Name = Gen.OneOf(
        Label,
        Gen.Select(Label, Label, (a, b) => $"{a}.example.com/{b}"),
        Gen.Select(Label, Label, (a, b) => $"{a}_{b}.X")
    );
    private static readonly Gen<string> Value = Gen.OneOf(Label, Gen.OneOf("", "true", "8", "1e3", "null", "on", "A_b.C"));

    /// <summary>Specs for a chart version that the validator accepts.</summary>
    public static Gen<ValidSpec> For(SpecChart chart) =>
        Gen.Select(
                Gen.Frequency((1, Gen.Const(Edition.Oss)), (4, Gen.Const(Edition.Enterprise))),
                Gen.OneOf("dev", "dev", "standard", "mission-critical"),
                Settings,
                Network,
                Pods,
                (edition, profile, settings, network, pods) =>
                    Completed(
                        new ValidSpec(pods with { Edition = edition, Network = network }, new Dictionary<string, string>(), profile),
                        settings,
                        chart
                    )
            )
            .Where(s => s is not null)
            .Select(s => s!);

    /// <summary>A legal value for each setting that there is, and which of them are given from the start.</summary>
    private static Gen<(Dictionary<string, string> Values, HashSet<string> Given)> Settings { get; } =
        new Each([
            .. SettingsCatalog.All.Select(s => (s.Key, Gen.Select(ValueOf(s), Gen.Int[0, s.View.AllowedValues.Count > 0 ? 1 : 4]))),
        ]).Gen.Select(all =>
            (
                all.ToDictionary(a => a.Key, a => a.Value, StringComparer.Ordinal),
                all.Where(a => a.Dice == 0).Select(a => a.Key).ToHashSet(StringComparer.Ordinal)
            )
        );

    private static Gen<string> ValueOf(Setting setting) =>
        setting.View.AllowedValues is { Count: > 0 } allowed
            ? Gen.OneOf<string>([.. allowed])
            : setting.Pattern switch
            {
                "" => Text,
                "dns-label" => Label,
                "port" => Gen.Int[1, 65535].Select(p => p.ToString()),
                "positive-integer" => Gen.Int[1, int.MaxValue].Select(p => p.ToString()),
                "fraction" => Gen.Int[0, 100].Select(p => $"{p / 100.0:0.##}"),
                "guid" => Gen.Guid.Select(g => g.ToString()),
                "http-url" => Gen.Select(
                    Gen.OneOf("http", "https"),
                    Host,
                    Gen.Int[1, 65535],
                    (scheme, host, port) => $"{scheme}://{host}:{port}/v1"
                ),
                "proxy-url" => Gen.Select(Host, Gen.Int[1, 65535], (host, port) => $"http://{host}:{port}"),
                "absolute-path" => Label.Select(l => $"/etc/{l}/ca.crt"),
                "redis-url" => Host.Select(h => $"redis://{h}:6379"),
                "mongo-url" => Gen.Select(Gen.OneOf("mongodb", "mongodb+srv"), Host, (scheme, host) => $"{scheme}://u:p@{host}/?ssl=true"),
                "azure-account" => Gen.Char["abc019"].Array[3, 24].Select(c => new string(c)),
                "azure-container" => Gen.Select(
                    Gen.Char["abc019"].Array[3, 20],
                    Gen.Char["xyz"].Array[1, 5],
                    (a, b) => $"{new string(a)}-{new string(b)}"
                ),
                var pattern => throw new InvalidOperationException(
                    $"{setting.Key} follows rule {pattern}, for which no values are made here yet. Add some."
                ),
            };

    private static Gen<NetworkSpec> Network { get; } =
        Gen.Select(
            Gen.Enum<Exposure>(),
            Gen.Select(Host, Maybe(Label), Maybe(Label), Maybe(Host)),
            Gen.Bool,
            Range.Array[0, 3],
            Egress.Array[0, 3],
            Gen.Shuffle(Providers, 0, 2),
            Gen.Select(Maybe(Text), Gen.Enum<ControlPlaneInbound>(), Range),
            (exposure, ingress, isInternal, ranges, egress, providers, more) =>
                new NetworkSpec
                {
                    ControlPlaneInbound = Fits(exposure, isInternal, more.Item2) ? more.Item2 : ControlPlaneInbound.None,
                    ControlPlaneRanges =
                        more.Item2 is ControlPlaneInbound.Addresses or ControlPlaneInbound.Peering && Fits(exposure, isInternal, more.Item2)
                            ? [more.Item3]
                            : [],
                    Exposure = exposure,
                    Host = exposure == Exposure.Ingress ? ingress.Item1 : null,
                    IngressClass = exposure == Exposure.Ingress ? ingress.Item2 : null,
                    TlsSecret = exposure == Exposure.Ingress ? ingress.Item3 : null,
                    McpHost = exposure == Exposure.Ingress ? ingress.Item4 : null,
                    InternalLoadBalancer = exposure == Exposure.LoadBalancer && isInternal,
                    AllowedRanges = ranges,
                    Egress = egress,
                    Providers = providers,
                    OpenEgressReason = egress.Length + providers.Length == 0 ? more.Item1 : null,
                }
        );

    private static bool Fits(Exposure exposure, bool isInternal, ControlPlaneInbound how) =>
        how switch
        {
            ControlPlaneInbound.None => true,
            ControlPlaneInbound.PrivateLink => exposure == Exposure.LoadBalancer && isInternal,
            ControlPlaneInbound.Peering => exposure == Exposure.Ingress || (exposure == Exposure.LoadBalancer && isInternal),
            _ => exposure != Exposure.Internal,
        };

    private static Gen<EnvironmentSpec> Pods { get; } =
        Gen.Select(
            Gen.Select(Gen.Int[0, 2], Gen.Int[3, 12], Gen.Int[0, 20], Maybe(Gen.Int[10, 95])),
            Maybe(
                Gen.Select(
                    Maybe(Quantity("m", 100, 900)),
                    Maybe(Quantity("", 2, 8)),
                    Maybe(Quantity("Mi", 100, 500)),
                    Maybe(Quantity("Gi", 2, 8)),
                    (a, b, c, d) =>
                        new ResourcesSpec
                        {
                            CpuRequest = a,
                            CpuLimit = b,
                            MemoryRequest = c,
                            MemoryLimit = d,
                        }
                )
            ),
            Maybe(
                Gen.Select(
                    Maybe(Gen.Int[1, 3]),
                    Pairs(Value),
                    Toleration.Array[0, 3],
                    (zones, selector, tolerations) =>
                        new SchedulingSpec
                        {
                            Zones = zones,
                            NodeSelector = selector,
                            Tolerations = tolerations,
                        }
                )
            ),
            Maybe(
                Gen.Select(
                    Maybe(Gen.Int[1, 300]),
                    Maybe(Gen.Int[1, 60]),
                    Maybe(Gen.Int[1, 60]),
                    Maybe(Gen.Int[1, 20]),
                    (a, b, c, d) =>
                        new ProbesSpec
                        {
                            LivenessPeriodSeconds = a,
                            ReadinessPeriodSeconds = b,
                            TimeoutSeconds = c,
                            FailureThreshold = d,
                        }
                )
            ),
            Gen.Select(Maybe(Pairs(Value)), Maybe(Pairs(Text))),
            Maybe(
                Gen.Select(
                    Label.Array[0, 2],
                    Label.Array[0, 2],
                    (secrets, maps) => new EnvFromSpec { Secrets = secrets, ConfigMaps = maps }
                )
            ),
            Gen.Select(Gen.Bool, Maybe(Gen.Char["abcXYZ019._-"].Array[1, 10].Select(c => new string(c))), Maybe(Gen.Int[1, 8760])),
            (size, resources, scheduling, probes, marks, from, rest) =>
                new EnvironmentSpec
                {
                    Replicas = size.Item1 == 1 ? size.Item2 : null,
                    Autoscaling =
                        size.Item1 == 2
                            ? new AutoscalingSpec
                            {
                                Min = size.Item2,
                                Max = size.Item2 + size.Item3,
                                TargetCpu = size.Item4,
                            }
                            : null,
                    Resources = resources,
                    Scheduling = scheduling,
                    Probes = probes,
                    Labels = marks.Item1,
                    Annotations = marks.Item2,
                    EnvFrom = from,
                    DataService = rest.Item1,
                    ImageTag = rest.Item2,
                    TtlHours = rest.Item3,
                }
        );

    private static Gen<TolerationSpec> Toleration =>
        Gen.Select(
            Name,
            Maybe(Value),
            Maybe(Gen.OneOf("NoSchedule", "PreferNoSchedule", "NoExecute")),
            (key, value, effect) =>
                new TolerationSpec
                {
                    Key = key,
                    Value = value,
                    Effect = effect,
                }
        );

    private static Gen<string> Quantity(string unit, int least, int most) => Gen.Int[least, most].Select(n => $"{n}{unit}");

    private static Gen<Dictionary<string, string>> Pairs(Gen<string> value) =>
        Gen.Select(Name, value)
            .Array[0, 3]
            .Select(all => all.DistinctBy(p => p.Item1).ToDictionary(p => p.Item1, p => p.Item2, StringComparer.Ordinal));

    private static Gen<string?> Maybe(Gen<string> gen) => Gen.Null(gen, 0.5);

    private static Gen<T?> Maybe<T>(Gen<T> gen)
        where T : class => Gen.Null(gen, 0.5);

    private static Gen<int?> Maybe(Gen<int> gen) => Gen.Nullable(gen, 0.5);

    // What the given settings make needed is added, what they or the chart rule out is taken away; null where that comes to no end.
    private static ValidSpec? Completed(ValidSpec start, (Dictionary<string, string> Values, HashSet<string> Given) from, SpecChart chart)
    {
        var all = from.Values.ToDictionary(StringComparer.Ordinal);
        all["REDIS_URL"] =
            all["REDIS_TLS_ENABLED"] == "true"
                ? all["REDIS_URL"].Replace("redis://", "rediss://", StringComparison.Ordinal)
                : all["REDIS_URL"];
        var settings = from
            .Given.Where(k => !SettingsCatalog.ByKey[k].View.IsSecret)
            .ToDictionary(k => k, k => all[k], StringComparer.Ordinal);
        var secrets = from
            .Given.Where(k => SettingsCatalog.ByKey[k].View.IsSecret)
            .ToDictionary(k => k, k => all[k], StringComparer.Ordinal);
        var spec = start.Spec;
        for (var round = 0; round < 6; round++)
        {
            var one = start with
            {
                Spec = spec with { Settings = settings.ToDictionary(StringComparer.Ordinal) },
                Secrets = secrets.ToDictionary(StringComparer.Ordinal),
            };
            var problems = SpecValidator.Judge(one.Candidate(chart)).Problems;
            if (problems.Count == 0)
            {
                return one;
            }

            foreach (var field in problems.Select(p => p.Field))
            {
                var key = field[(field.LastIndexOf('.') + 1)..];
                var part =
                    field.StartsWith("spec.settings.", StringComparison.Ordinal) ? settings
                    : field.StartsWith("spec.secrets.", StringComparison.Ordinal) ? secrets
                    : null;
                if (part is not null && key == "CACHE_STORE")
                {
                    part[key] = "custom"; // the built-in Redis is for development
                }
                else if (part is not null && !part.Remove(key))
                {
                    part[key] = all[key].Length > 0 ? all[key] : SettingsCatalog.ByKey[key].View.AllowedValues.First(v => v.Length > 0);
                }

                spec = field switch
                {
                    "spec.imageTag" => spec with { ImageTag = null },
                    "spec.dataService" => spec with { DataService = false },
                    "spec.network.mcpHost" => spec with { Network = spec.Network with { McpHost = null } },
                    "spec.network.egress" => spec with
                    {
                        Network = spec.Network with { Egress = [], Providers = [], OpenEgressReason = null },
                    },
                    "spec.network.exposure" => spec with { Network = new NetworkSpec() },
                    "spec.scheduling.zones" => spec with { Scheduling = spec.Scheduling! with { Zones = null } },
                    _ => spec,
                };
            }
        }

        return null;
    }

    // CsCheck has tuples of generators, but no list of different ones.
    private sealed class Each(IReadOnlyList<(string Key, Gen<(string Value, int Dice)> One)> all)
    {
        public Gen<List<(string Key, string Value, int Dice)>> Gen { get; } =
            all.Aggregate(
                CsCheck.Gen.Const(() => new List<(string, string, int)>()),
                (before, next) =>
                    CsCheck.Gen.Select(
                        before,
                        next.One,
                        (list, one) =>
                        {
                            list.Add((next.Key, one.Value, one.Dice));
                            return list;
                        }
                    )
            );
    }
}
