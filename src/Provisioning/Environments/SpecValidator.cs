using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Catalog;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Environments;

/// <summary>What a spec is judged with.</summary>
/// <param name="Spec">Spec.</param>
/// <param name="Profile">Profile.</param>
/// <param name="NewSecrets">Values that come with it, by key; looked at, never kept.</param>
/// <param name="StoredSecrets">Keys that are in the vault already.</param>
public sealed record SpecCandidate(EnvironmentSpec Spec, Profile Profile, IReadOnlyDictionary<string, string> NewSecrets, IReadOnlySet<string> StoredSecrets)
{
    /// <summary>Chart version that it is for; null where only the spec is judged.</summary>
    public SpecChart? Chart { get; init; }

    /// <summary>Providers for which there are address ranges.</summary>
    public IReadOnlyCollection<string> KnownProviders { get; init; } = [];
}

/// <summary>Judges a spec: every problem at once, and what is merely worth knowing. Pure.</summary>
public static class SpecValidator
{
    /// <summary>Longest value of a setting, characters.</summary>
    public const int MaxSettingLength = 4096;

    /// <summary>Longest secret, characters; what Azure Key Vault takes.</summary>
    public const int MaxSecretLength = 25 * 1024;

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
        Size(candidate, problems);
        WorkloadRules.Judge(candidate.Spec, candidate.Profile, problems);
        Network(candidate.Spec.Network, problems, findings);
        NetworkRules.Judge(candidate, problems, findings);
        ChartRules.Judge(candidate, problems, findings);
        return (problems, findings);
    }

    private static void Settings(SpecCandidate candidate, List<FieldProblem> problems, List<FindingView> findings)
    {
        var spec = candidate.Spec;
        foreach (var (key, value) in spec.Settings)
        {
            var field = $"spec.settings.{key}";
            if (!SettingsCatalog.ByKey.TryGetValue(key, out var setting))
            {
                problems.Add(new(field, $"There is no setting of this name.{Suggest(key)} GET /api/v1/settings lists all of them."));
                continue;
            }

            if (setting.View.IsSecret)
            {
                problems.Add(new(field, "This is a secret. Give it under spec.secrets, where it goes to the vault."));
                continue;
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

            if (key == "SERVER_MODE" && value == "gateway")
            {
                problems.Add(new(field, "The word gateway disables the gateway. Leave SERVER_MODE empty for the AI gateway alone, or use all or mcp."));
            }
            else if (setting.View.AllowedValues.Count > 0 && !setting.View.AllowedValues.Contains(value))
            {
                problems.Add(new(field, $"'{Shorten(value)}' is not one of: {string.Join(", ", setting.View.AllowedValues.Select(v => v.Length == 0 ? "(empty)" : v))}."));
            }
            else if (value.Length > 0 && SettingPatterns.Check(setting.Pattern, value) is { } wrong)
            {
                problems.Add(new(field, wrong));
            }

            if (!setting.AppliesTo(spec.Edition) && value.Length > 0)
            {
                findings.Add(new(Severity.Warning, "validation", field, "The open-source gateway does not read this setting; it is passed on and has no effect."));
            }
            else if (value.Length > 0 && !setting.HasEffect(spec.Edition, Value(spec)))
            {
                findings.Add(new(Severity.Warning, "validation", field, $"It has no effect: the gateway reads it where {SettingCondition.Words(setting.View.AppliesWhen)}."));
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
            if (!SettingsCatalog.ByKey.TryGetValue(key, out var setting))
            {
                problems.Add(new(field, $"There is no secret of this name.{Suggest(key)} GET /api/v1/settings lists all of them."));
            }
            else if (!setting.View.IsSecret)
            {
                problems.Add(new(field, "This setting is not a secret. Give it under spec.settings, where approvers can read it."));
            }
            else if (CheckSecret(setting, value) is { } wrong)
            {
                problems.Add(new(field, wrong));
            }
            else if (!setting.AppliesTo(spec.Edition))
            {
                findings.Add(new(Severity.Warning, "validation", field, "The open-source gateway does not read this secret; it is passed on and has no effect."));
            }
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
        value.Length == 0 ? "The value is empty. Give the secret, or leave the key out."
        : value.Length > MaxSecretLength ? $"The value has {value.Length} characters; at most {MaxSecretLength} are allowed."
        : value.Contains('\0') ? "The value holds a NUL character, which no environment variable can carry."
        : SettingPatterns.Check(setting.Pattern, value);

    private static void Contradictions(SpecCandidate candidate, List<FieldProblem> problems, List<FindingView> findings)
    {
        var value = Value(candidate.Spec);
        if (candidate.NewSecrets.TryGetValue("REDIS_URL", out var url))
        {
            var tls = value("REDIS_TLS_ENABLED") == "true";
            if (url.StartsWith("rediss://", StringComparison.Ordinal) && !tls)
            {
                problems.Add(new("spec.settings.REDIS_TLS_ENABLED", "REDIS_URL starts with rediss://, which is TLS, but REDIS_TLS_ENABLED is not true. Set it to true, or use redis://."));
            }
            else if (url.StartsWith("redis://", StringComparison.Ordinal) && tls)
            {
                problems.Add(new("spec.settings.REDIS_TLS_ENABLED", "REDIS_TLS_ENABLED is true, but REDIS_URL starts with redis://, which is not TLS. Use rediss://, or set it to false."));
            }
        }
        else if (candidate.Spec.Edition == Edition.Enterprise && value("CACHE_STORE") == "redis" && value("REDIS_TLS_ENABLED") == "true" && !candidate.StoredSecrets.Contains("REDIS_URL"))
        {
            problems.Add(new("spec.settings.REDIS_TLS_ENABLED", "The built-in Redis speaks no TLS. Set it to false, or give REDIS_URL of a Redis that does."));
        }

        if (candidate.Spec.Edition == Edition.Enterprise && value("CACHE_STORE") == "redis" && !candidate.Profile.BuiltInRedisAllowed)
        {
            problems.Add(new("spec.settings.CACHE_STORE", $"The built-in Redis has no password and keeps nothing, so profile {candidate.Profile.Name} does not allow it. Use custom with REDIS_URL, or azure-redis."));
        }

        var hasPassword = candidate.NewSecrets.ContainsKey(SettingKeys.RegistryPassword) || candidate.StoredSecrets.Contains(SettingKeys.RegistryPassword);
        if (value(SettingKeys.RegistryUsername).Length > 0 && !hasPassword)
        {
            problems.Add(new($"spec.secrets.{SettingKeys.RegistryPassword}", $"{SettingKeys.RegistryUsername} is given, so its password is needed. Give it, or leave the user out where the nodes may pull the image already."));
        }
        else if (value(SettingKeys.RegistryUsername).Length == 0 && hasPassword)
        {
            problems.Add(new($"spec.settings.{SettingKeys.RegistryUsername}", $"{SettingKeys.RegistryPassword} is given, so the user is needed that it belongs to."));
        }

        if (value("FINETUNES_BUCKET").Length > 0 && value("LOG_STORE") is "azure" or "mongo")
        {
            findings.Add(new(Severity.Warning, "validation", "spec.settings.FINETUNES_BUCKET", "Fine-tunes are kept in S3 only; with an Azure log store this bucket needs AWS credentials of its own."));
        }

        if (value("LOG_STORE") == "mongo")
        {
            findings.Add(new(Severity.Warning, "validation", "spec.settings.LOG_STORE", "Portkey keeps the MongoDB log store in maintenance mode; one log entry may not exceed 16 MB."));
        }

        if (candidate.Spec.Edition == Edition.Enterprise && value("LOG_STORE").Length == 0)
        {
            findings.Add(new(Severity.Info, "validation", "spec.settings.LOG_STORE", "Without a log store, requests are not kept."));
        }
    }

    private static void Size(SpecCandidate candidate, List<FieldProblem> problems)
    {
        var (spec, profile) = (candidate.Spec, candidate.Profile);
        if (spec.Replicas is { } replicas)
        {
            if (replicas is < 1 or > MaxReplicas)
            {
                problems.Add(new("spec.replicas", $"Use 1 to {MaxReplicas} pods."));
            }
            else if (replicas < profile.Replicas)
            {
                problems.Add(new("spec.replicas", $"Profile {profile.Name} promises at least {profile.Replicas} pods. Ask for as many, or choose a smaller profile."));
            }

            if (spec.Autoscaling is not null)
            {
                problems.Add(new("spec.replicas", "Replicas and autoscaling contradict each other. Give one of them."));
            }
        }

        if (spec.Autoscaling is { } scaling)
        {
            if (scaling.Min < profile.Replicas || scaling.Min > MaxReplicas)
            {
                problems.Add(new("spec.autoscaling.min", $"Use {profile.Replicas} to {MaxReplicas} pods."));
            }

            if (scaling.Max < scaling.Min || scaling.Max > MaxReplicas)
            {
                problems.Add(new("spec.autoscaling.max", $"Use at least autoscaling.min and at most {MaxReplicas} pods."));
            }

            if (scaling.TargetCpu is < 10 or > 95)
            {
                problems.Add(new("spec.autoscaling.targetCpu", "Use 10 to 95 percent."));
            }
        }

        if (spec.TtlHours is < 1 or > 24 * 365)
        {
            problems.Add(new("spec.ttlHours", "Use 1 to 8760 hours, or leave it out for no end."));
        }

        if (spec.ImageTag is { } tag && (tag.Length is 0 or > 128 || tag[0] is '.' or '-' || !tag.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')))
        {
            problems.Add(new("spec.imageTag", "Use letters, digits, dots, hyphens and underscores, at most 128, and neither a dot nor a hyphen first."));
        }
        else if (spec.ImageTag is { } moving && ImageRules.IsFloatingTag(moving))
        {
            problems.Add(new("spec.imageTag", $"The tag {moving} is another image tomorrow, without anybody's approval. Name a version, or leave it out for the chart's own."));
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
                findings.Add(new(Severity.Warning, "validation", "spec.network.tlsSecret", "Without a TLS secret the ingress serves plain HTTP; API keys would travel unprotected."));
            }
        }
        else
        {
            foreach (var (name, value) in new[] { ("host", network.Host), ("ingressClass", network.IngressClass), ("tlsSecret", network.TlsSecret) })
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
            findings.Add(new(Severity.Warning, "validation", "spec.network.allowedRanges", "These have no effect: they limit who may call a load balancer, and there is none. Choose loadBalancer, or leave them out."));
        }

        if (network.Exposure == Exposure.LoadBalancer && network.AllowedRanges.Count == 0)
        {
            findings.Add(new(Severity.Warning, "validation", "spec.network.allowedRanges", "Anyone who can reach the load balancer may call the gateway. List the ranges that may."));
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
    public static Func<string, string> Value(EnvironmentSpec spec) => key =>
        spec.Settings.TryGetValue(key, out var value) && value.Length > 0 ? value
        : SettingsCatalog.ByKey.TryGetValue(key, out var setting) && setting.AppliesTo(spec.Edition) ? setting.View.Default : "";

    private static string Because(Setting setting) => setting.View.RequiredWhen switch
    {
        "" or "edition=enterprise" => " for the enterprise gateway",
        { } condition => $" where {SettingCondition.Words(condition)}",
    };

    private static string Suggest(string key)
    {
        var near = SettingsCatalog.ByKey.Keys.FirstOrDefault(k => k.Equals(key, StringComparison.OrdinalIgnoreCase) || k.Replace("_", "", StringComparison.Ordinal).Equals(key.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase));
        return near is null ? "" : $" Did you mean {near}?";
    }

    private static string Shorten(string value) => value.Length <= 60 ? value : value[..60] + "…";
}
