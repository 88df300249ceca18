using System.Text;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>What a spec is judged with.</summary>
/// <param name="Spec">Spec.</param>
/// <param name="Profile">Profile.</param>
/// <param name="NewSecrets">Values that come with it, by key; checked, never stored.</param>
/// <param name="StoredSecrets">Keys that are in the vault already.</param>
public sealed record SpecCandidate(
    EnvironmentSpec Spec,
    Profile Profile,
    IReadOnlyDictionary<string, string> NewSecrets,
    IReadOnlySet<string> StoredSecrets
)
{
    /// <summary>Those of <see cref="StoredSecrets"/> that no approval has named yet, since they come from an import.</summary>
    public IReadOnlySet<string> ImportedSecrets { get; init; } = new HashSet<string>();

    /// <summary>Chart version that it is for; null where only the spec is judged.</summary>
    public SpecChart? Chart { get; init; }

    /// <summary>Providers for which there are address ranges.</summary>
    public IReadOnlyCollection<string> KnownProviders { get; init; } = [];

    /// <summary>Image tag that the chart version pins; empty where only the spec is judged.</summary>
    public string ChartImageTag { get; init; } = "";

    /// <summary>Data service tag that the chart version pins; empty where it pins none, or only the spec is judged.</summary>
    public string ChartDataServiceTag { get; init; } = "";

    /// <summary>What runs now; null for what is new.</summary>
    public RunningImages? Running { get; init; }

    /// <summary>Version of the chart; empty where only the spec is judged.</summary>
    public string ChartVersion { get; init; } = "";

    /// <summary>Those ranges, by provider.</summary>
    public IReadOnlyDictionary<string, string[]> ProviderRanges { get; init; } = new Dictionary<string, string[]>();

    /// <summary>Address of each stored secret that names one, <see cref="SecretPin.Address"/>; empty where it is not known.</summary>
    public IReadOnlyDictionary<string, string> StoredAddresses { get; init; } = new Dictionary<string, string>();

    /// <summary>Public services that a spec needs without naming them.</summary>
    public ServiceAddresses Services { get; init; } = ServiceAddresses.Public;

    /// <summary>What the spec needs to call, with the secrets that come with it.</summary>
    public EgressOutlook Outlook =>
        EgressNeeds.Of(
            Spec,
            StoredAddresses
                .Where(s => !NewSecrets.ContainsKey(s.Key))
                .Concat(NewSecrets.Select(s => KeyValuePair.Create(s.Key, EgressNeeds.AddressOf(s.Value) ?? "")))
                .ToDictionary(StringComparer.Ordinal),
            Services
        );

    /// <summary>What administrators allow.</summary>
    public SpecPolicy Policy { get; init; } = new();

    /// <summary>When, for what expires; null where that is not looked at.</summary>
    public DateTimeOffset? Now { get; init; }
}

/// <summary>What administrators allow in specs, by configuration.</summary>
public sealed record SpecPolicy
{
    /// <summary>Whether variables may be given that the portal does not know.</summary>
    public bool UnknownVariables { get; init; } = true;

    /// <summary>Repositories that images may come from, such as <c>registry.example.com/portkeyai/*</c>; empty for any, with a finding
    /// where it is not Portkey's.</summary>
    public IReadOnlyList<string> ImageRepositories { get; init; } = [];

    /// <summary>As configured.</summary>
    public static SpecPolicy Of(ProvisioningOptions options) =>
        new() { UnknownVariables = options.UnknownVariables != "forbidden", ImageRepositories = [.. options.ImageRepositories] };
}

/// <summary>Judges a spec: every problem at once, and what is merely worth knowing. Pure.</summary>
public static class SpecValidator
{
    /// <summary>Longest value of a setting, characters.</summary>
    public const int MaxSettingLength = 4096;

    /// <summary>Longest secret, bytes in UTF-8; what Azure Key Vault takes.</summary>
    public const int MaxSecretLength = 25 * 1024;

    /// <summary>Longest text of certificates, characters.</summary>
    public const int MaxPemLength = 256 * 1024;

    /// <summary>Longest name of an image, repository or tag, characters.</summary>
    public const int MaxImageLength = 512;

    /// <summary>Longest time that a pod has to finish what it began.</summary>
    public const int MaxGraceSeconds = 3600;

    /// <summary>Most pods.</summary>
    public const int MaxReplicas = 50;

    /// <summary>Judges.</summary>
    public static (IReadOnlyList<FieldProblem> Problems, IReadOnlyList<FindingView> Findings) Judge(SpecCandidate candidate)
    {
        var problems = new List<FieldProblem>();
        var findings = new List<FindingView>();
        Settings(candidate, problems, findings);
        Secrets(candidate, problems, findings);
        Contradictions(candidate, problems, findings);
        SpecLimits.Judge(candidate.Spec, problems);
        Size(candidate, problems);
        WorkloadRules.Judge(candidate.Spec, candidate.Profile, problems);
        ImageSpecRules.Judge(candidate, problems, findings);
        TrustRules.Judge(candidate, problems, findings);
        Network(candidate.Spec.Network, problems, findings);
        AnnotationRules.Judge(candidate.Spec, problems, findings);
        NetworkRules.Judge(candidate, problems, findings);
        ChartRules.Judge(candidate, problems, findings);
        VendorNotes.Judge(candidate, problems, findings);
        return (problems, findings);
    }

    private static void Settings(SpecCandidate candidate, List<FieldProblem> problems, List<FindingView> findings)
    {
        var spec = candidate.Spec;
        foreach (var (key, value) in spec.Settings)
        {
            var field = $"spec.settings.{key}";
            var setting = SettingsCatalog.ByKey.GetValueOrDefault(key);
            if (setting is null)
            {
                Unknown(candidate, field, key, problems, findings);
                if (VariableRules.WhyNot(key) is null && VariableRules.LooksSecret(key, value))
                {
                    problems.Add(
                        new(
                            field,
                            $"It looks like a secret, and settings are read by approvers. Give it under spec.secrets, where it goes to the vault.{Suggest(key)}"
                        )
                    );
                }
            }
            else if (setting.View.IsSecret)
            {
                problems.Add(new(field, "This is a secret. Give it under spec.secrets, where it goes to the vault."));
                continue;
            }
            else if (VariableRules.HasPassword(value))
            {
                problems.Add(
                    new(
                        field,
                        setting.MayBeSecret
                            ? "The address holds a password. Give it under spec.secrets, where it goes to the vault."
                            : "The address holds a password, and settings are read by approvers. Give one without."
                    )
                );
                continue;
            }

            if (candidate.NewSecrets.ContainsKey(key) || candidate.StoredSecrets.Contains(key))
            {
                problems.Add(
                    new(
                        field,
                        candidate.NewSecrets.ContainsKey(key)
                            ? "It is given under spec.secrets, too. Give it once."
                            : "It is a secret in the vault already. Store the new value there, and leave it out here."
                    )
                );
            }

            if (value.Length > MaxSettingLength)
            {
                problems.Add(new(field, $"The value has {value.Length} characters; at most {MaxSettingLength} are allowed."));
                continue;
            }

            if (value.Any(char.IsControl))
            {
                problems.Add(new(field, "The value holds control characters or line breaks. Remove them."));
                continue;
            }

            if (setting is null)
            {
                continue;
            }

            if (key == "SERVER_MODE" && value == "gateway")
            {
                problems.Add(
                    new(
                        field,
                        "The word gateway disables the gateway. Leave SERVER_MODE empty for the AI gateway alone, or use all or mcp."
                    )
                );
            }
            else if (setting.View.AllowedValues.Count > 0 && !setting.View.AllowedValues.Contains(value))
            {
                problems.Add(
                    new(
                        field,
                        $"'{Shorten(value)}' is not one of: {string.Join(", ", setting.View.AllowedValues.Select(v => v.Length == 0 ? "(empty)" : v))}."
                    )
                );
            }
            else if (value.Length > 0 && SettingPatterns.Check(setting.Pattern, value) is { } wrong)
            {
                problems.Add(new(field, wrong));
            }

            if (!setting.AppliesTo(spec.Edition) && value.Length > 0)
            {
                findings.Add(
                    new(
                        Severity.Warning,
                        "validation",
                        field,
                        "The open-source gateway does not read this setting; it is passed on and has no effect."
                    )
                );
            }
            else if (value.Length > 0 && !setting.HasEffect(spec.Edition, Value(spec)))
            {
                findings.Add(
                    new(
                        Severity.Warning,
                        "validation",
                        field,
                        $"It has no effect: the gateway reads it where {SettingCondition.EnumNames(setting.View.AppliesWhen)}."
                    )
                );
            }
        }

        foreach (var setting in SettingsCatalog.All.Where(s => !s.View.IsSecret && s.View.Default.Length == 0))
        {
            if (setting.IsRequired(spec.Edition, Value(spec)) && Value(spec)(setting.Key).Length == 0)
            {
                problems.Add(new($"spec.settings.{setting.Key}", $"{setting.View.Title} is needed{Because(setting)}. {setting.View.Help}"));
            }
        }
    }

    private static void Secrets(SpecCandidate candidate, List<FieldProblem> problems, List<FindingView> findings)
    {
        var spec = candidate.Spec;
        foreach (var (key, value) in candidate.NewSecrets)
        {
            var field = $"spec.secrets.{key}";
            var setting = SettingsCatalog.ByKey.GetValueOrDefault(key);
            if (setting is null)
            {
                Unknown(candidate, field, key, problems, findings);
                if (CheckSecret(value) is { } unfit)
                {
                    problems.Add(new(field, unfit));
                }
            }
            else if (!setting.View.IsSecret && !setting.MayBeSecret)
            {
                problems.Add(new(field, "This setting is not a secret. Give it under spec.settings, where approvers can read it."));
            }
            else if (CheckSecret(setting, value) is { } wrong)
            {
                problems.Add(new(field, wrong));
            }
            else if (!setting.AppliesTo(spec.Edition))
            {
                findings.Add(
                    new(
                        Severity.Warning,
                        "validation",
                        field,
                        "The open-source gateway does not read this secret; it is passed on and has no effect."
                    )
                );
            }
        }

        // Approvers are also told what is already in the vault. One that an approval named stays: nothing removes a secret from an
        // environment.
        foreach (
            var key in candidate
                .StoredSecrets.Where(k => !candidate.NewSecrets.ContainsKey(k) && UnknownVariables.IsUnknown(k))
                .Order(StringComparer.Ordinal)
        )
        {
            Unknown(
                candidate.ImportedSecrets.Contains(key) ? candidate : candidate with { Policy = new() },
                $"spec.secrets.{key}",
                key,
                problems,
                findings
            );
        }

        foreach (var setting in SettingsCatalog.All.Where(s => s.View.IsSecret && s.IsRequired(spec.Edition, Value(spec))))
        {
            if (!candidate.NewSecrets.ContainsKey(setting.Key) && !candidate.StoredSecrets.Contains(setting.Key))
            {
                problems.Add(new($"spec.secrets.{setting.Key}", $"{setting.View.Title} is needed{Because(setting)}. {setting.View.Help}"));
            }
        }
    }

    /// <summary>What is wrong with the value of a secret, or null. The answer never holds any of the value.</summary>
    public static string? CheckSecret(Setting setting, string value) =>
        CheckSecret(value) ?? SettingPatterns.Check(setting.MayBeSecret ? "" : setting.Pattern, value);

    /// <summary>What is wrong with the value of any secret, or null. The answer never holds any of the value.</summary>
    public static string? CheckSecret(string value) =>
        value.Length == 0 ? "The value is empty. Give the secret, or leave the key out."
        : Encoding.UTF8.GetByteCount(value) is > MaxSecretLength and var bytes
            ? $"The value has {bytes} bytes in UTF-8; a vault takes at most {MaxSecretLength}."
        : value.Contains('\0') ? "The value holds a NUL character, which no environment variable can carry."
        : null;

    /// <summary>Whether a plain setting is refused because it is, holds, or looks like a secret; such a value is stored nowhere.</summary>
    public static bool IsSecretInPlainSight(string key, string value) =>
        SettingsCatalog.ByKey.TryGetValue(key, out var setting)
            ? setting.View.IsSecret || VariableRules.HasPassword(value)
            : VariableRules.LooksSecret(key, value);

    // Passed on as it is: gateways get new variables every week, and approvers are told.
    private static void Unknown(SpecCandidate candidate, string field, string key, List<FieldProblem> problems, List<FindingView> findings)
    {
        if (VariableRules.WhyNot(key) is { } why)
        {
            problems.Add(new(field, why));
        }
        else if (VariableRules.IsOfFamily(key))
        {
            findings.Add(
                new(Severity.Info, "validation", field, "One of a family of Portkey's settings; its value is passed on as it is.")
            );
        }
        else if (!candidate.Policy.UnknownVariables)
        {
            problems.Add(
                new(
                    field,
                    $"The portal knows no setting of this name, and administrators forbid such variables (Portal:UnknownVariables).{Suggest(key)} GET /api/v1/settings lists the known ones."
                )
            );
        }
        else
        {
            findings.Add(
                new(
                    Severity.Warning,
                    "unknown-variable",
                    field,
                    $"Not known to the portal: {key} is passed on to the container as it is.{Suggest(key)}"
                )
            );
        }
    }

    private static void Contradictions(SpecCandidate candidate, List<FieldProblem> problems, List<FindingView> findings)
    {
        var value = Value(candidate.Spec);
        if (candidate.NewSecrets.TryGetValue("REDIS_URL", out var url))
        {
            var tls = value("REDIS_TLS_ENABLED") == "true";
            if (url.StartsWith("rediss://", StringComparison.Ordinal) && !tls)
            {
                problems.Add(
                    new(
                        "spec.settings.REDIS_TLS_ENABLED",
                        "REDIS_URL starts with rediss://, which is TLS, but REDIS_TLS_ENABLED is not true. Set it to true, or use redis://."
                    )
                );
            }
            else if (url.StartsWith("redis://", StringComparison.Ordinal) && tls)
            {
                problems.Add(
                    new(
                        "spec.settings.REDIS_TLS_ENABLED",
                        "REDIS_TLS_ENABLED is true, but REDIS_URL starts with redis://, which is not TLS. Use rediss://, or set it to false."
                    )
                );
            }
        }
        else if (
            candidate.Spec.Edition == Edition.Enterprise
            && value("CACHE_STORE") == "redis"
            && value("REDIS_TLS_ENABLED") == "true"
            && !candidate.StoredSecrets.Contains("REDIS_URL")
        )
        {
            problems.Add(
                new(
                    "spec.settings.REDIS_TLS_ENABLED",
                    "The built-in Redis speaks no TLS. Set it to false, or give REDIS_URL of a Redis that does."
                )
            );
        }

        if (candidate.Spec.Edition == Edition.Enterprise && value("CACHE_STORE") == "redis" && !candidate.Profile.BuiltInRedisAllowed)
        {
            problems.Add(
                new(
                    "spec.settings.CACHE_STORE",
                    $"The built-in Redis has no password and keeps nothing, so profile {candidate.Profile.Name} does not allow it. Use custom with REDIS_URL, or azure-redis."
                )
            );
        }

        var hasPassword =
            candidate.NewSecrets.ContainsKey(SettingKeys.RegistryPassword)
            || candidate.StoredSecrets.Contains(SettingKeys.RegistryPassword);
        if (value(SettingKeys.RegistryUsername).Length > 0 && !hasPassword)
        {
            problems.Add(
                new(
                    $"spec.secrets.{SettingKeys.RegistryPassword}",
                    $"{SettingKeys.RegistryUsername} is given, so its password is needed. Give it, or leave the user out where the nodes can already pull the image."
                )
            );
        }
        else if (value(SettingKeys.RegistryUsername).Length == 0 && hasPassword)
        {
            problems.Add(
                new($"spec.settings.{SettingKeys.RegistryUsername}", $"{SettingKeys.RegistryPassword} is given, so its user is needed.")
            );
        }

        if (value("FINETUNES_BUCKET").Length > 0 && value("LOG_STORE") is "azure" or "mongo")
        {
            findings.Add(
                new(
                    Severity.Warning,
                    "validation",
                    "spec.settings.FINETUNES_BUCKET",
                    "Fine-tunes are kept in S3 only; with an Azure log store this bucket needs its own AWS credentials."
                )
            );
        }

        if (value("LOG_STORE") == "mongo")
        {
            findings.Add(
                new(
                    Severity.Warning,
                    "validation",
                    "spec.settings.LOG_STORE",
                    "Portkey keeps the MongoDB log store in maintenance mode; one log entry may not exceed 16 MB."
                )
            );
        }

        if (value("LOG_STORE") == "control_plane")
        {
            findings.Add(
                new(
                    Severity.Info,
                    "validation",
                    "spec.settings.LOG_STORE",
                    "Request logs go to Portkey's control plane, and so leave your network."
                )
            );
        }

        if (candidate.Spec.CaBundle is not null && value("TLS_CA").Length > 0)
        {
            problems.Add(new("spec.settings.TLS_CA", "caBundle sets it already. Leave one of them out."));
        }

        if (candidate.Spec.Edition == Edition.Enterprise && value("LOG_STORE").Length == 0)
        {
            findings.Add(new(Severity.Info, "validation", "spec.settings.LOG_STORE", "Without a log store, requests are not kept."));
        }
    }

    private static void Size(SpecCandidate candidate, List<FieldProblem> problems)
    {
        var (spec, profile) = (candidate.Spec, candidate.Profile);
        if (spec.Replicas >= 1 && spec.Replicas < profile.Replicas)
        {
            problems.Add(
                new(
                    "spec.replicas",
                    $"Profile {profile.Name} promises at least {profile.Replicas} pods. Ask for as many, or choose a smaller profile."
                )
            );
        }

        if (spec is { Replicas: not null, Autoscaling: not null })
        {
            problems.Add(new("spec.replicas", "Replicas and autoscaling contradict each other. Give one of them."));
        }

        if (spec.Autoscaling is { } scaling)
        {
            if (scaling.Min >= 1 && scaling.Min < profile.Replicas)
            {
                problems.Add(new("spec.autoscaling.min", $"Use {profile.Replicas} to {MaxReplicas} pods."));
            }

            if (scaling.Max >= 1 && scaling.Max < scaling.Min)
            {
                problems.Add(new("spec.autoscaling.max", $"Use at least autoscaling.min and at most {MaxReplicas} pods."));
            }
        }
    }

    private static void Network(NetworkSpec network, List<FieldProblem> problems, List<FindingView> findings)
    {
        if (network.Exposure == Exposure.Ingress)
        {
            if (string.IsNullOrEmpty(network.Host))
            {
                problems.Add(new("spec.network.host", "An ingress needs a host name, such as gateway.example.com."));
            }
            else if (network.Host.Length > 253 || !network.Host.Split('.').All(SettingPatterns.IsDnsLabel) || !network.Host.Contains('.'))
            {
                problems.Add(new("spec.network.host", "Use a full DNS name in lower case, such as gateway.example.com."));
            }

            if (network.TlsSecret is null)
            {
                findings.Add(
                    new(
                        Severity.Warning,
                        "validation",
                        "spec.network.tlsSecret",
                        "Without a TLS secret the ingress serves plain HTTP; API keys would travel unprotected."
                    )
                );
            }
        }
        else
        {
            foreach (
                var (name, value) in new[]
                {
                    ("host", network.Host),
                    ("ingressClass", network.IngressClass),
                    ("tlsSecret", network.TlsSecret),
                }
            )
            {
                if (!string.IsNullOrEmpty(value))
                {
                    problems.Add(new($"spec.network.{name}", "This applies to exposure ingress only. Leave it out, or choose ingress."));
                }
            }
        }

        foreach (var (name, value) in new[] { ("ingressClass", network.IngressClass), ("tlsSecret", network.TlsSecret) })
        {
            if (network.Exposure == Exposure.Ingress && !string.IsNullOrEmpty(value) && !SettingPatterns.IsDnsLabel(value))
            {
                problems.Add(new($"spec.network.{name}", "Use lower-case letters, digits and hyphens."));
            }
        }

        for (var i = 0; i < network.AllowedRanges.Count; i++)
        {
            if (!EgressRule.IsRange(network.AllowedRanges[i]))
            {
                problems.Add(new($"spec.network.allowedRanges[{i}]", "Use a CIDR range whose host bits are zero, such as 10.0.0.0/8."));
            }
        }

        if (network.Exposure != Exposure.LoadBalancer && network.AllowedRanges.Count > 0)
        {
            findings.Add(
                new(
                    Severity.Warning,
                    "validation",
                    "spec.network.allowedRanges",
                    "These have no effect: they limit who may call a load balancer, and there is none. Choose loadBalancer, or leave them out."
                )
            );
        }

        if (network.Exposure == Exposure.LoadBalancer && network.AllowedRanges.Count == 0)
        {
            findings.Add(
                new(
                    Severity.Warning,
                    "validation",
                    "spec.network.allowedRanges",
                    "Anyone who can reach the load balancer may call the gateway. List the ranges that may."
                )
            );
        }

        for (var i = 0; i < network.Egress.Count; i++)
        {
            if (EgressRule.TryParse(network.Egress[i]) is null)
            {
                problems.Add(new($"spec.network.egress[{i}]", "Use a CIDR range with an optional port, such as 10.0.0.0/8:443."));
            }
        }
    }

    /// <summary>Value of a setting with the catalogue's default where it is not given, or given as nothing.</summary>
    public static Func<string, string> Value(EnvironmentSpec spec) =>
        key =>
            spec.Settings.TryGetValue(key, out var value) && value.Length > 0 ? value
            : SettingsCatalog.ByKey.TryGetValue(key, out var setting) && setting.AppliesTo(spec.Edition) ? setting.View.Default
            : "";

    private static string Because(Setting setting) =>
        setting.View.RequiredWhen switch
        {
            "" or "edition=enterprise" => " for the enterprise gateway",
            { } condition => $" where {SettingCondition.EnumNames(condition)}",
        };

    private static string Suggest(string key) => VariableRules.Near(key) is { } near ? $" Did you mean {near}?" : "";

    private static string Shorten(string value) => value.Length <= 60 ? value : value[..60] + "…";
}
