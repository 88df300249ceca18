namespace Portkey.Portal.Data;

/// <summary>What an environment should be, as a request proposes it and a revision holds it: with the versions of its secrets, what an
/// approval binds to.</summary>
public sealed class EnvironmentContent
{
    /// <summary>Profile.</summary>
    public required string Profile { get; init; }

    /// <summary>EnvironmentSpec, JSON without secret values.</summary>
    public required string SpecJson { get; init; }

    /// <summary>Storage account that the spec names, since environments may share the keys of an account; empty for none.</summary>
    public string StorageAccount { get; init; } = "";

    /// <summary>Chart.</summary>
    public required Guid ChartVersionId { get; init; }

    /// <summary>Navigation.</summary>
    public ChartVersion? ChartVersion { get; init; }

    /// <summary>Values handed to Helm, YAML.</summary>
    public required string ValuesYaml { get; init; }

    /// <summary>Rendered manifests of gateway and guardrails, YAML.</summary>
    public required string ManifestYaml { get; init; }

    /// <summary>SHA-256 that an approval must name.</summary>
    public required string Digest { get; init; }

    /// <summary>The same for another row.</summary>
    public EnvironmentContent Copy() =>
        new()
        {
            Profile = Profile,
            SpecJson = SpecJson,
            StorageAccount = StorageAccount,
            ChartVersionId = ChartVersionId,
            ValuesYaml = ValuesYaml,
            ManifestYaml = ManifestYaml,
            Digest = Digest,
        };
}
