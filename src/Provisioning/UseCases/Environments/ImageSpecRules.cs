using System.Text.RegularExpressions;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>
/// Rules for where images come from. Names follow the OCI distribution specification: <c>[host[:port]/]path</c>, then <c>:tag</c> and
/// <c>@sha256:digest</c>, which are given separately. Pure.
/// </summary>
internal static partial class ImageSpecRules
{
    private const string OwnRepositories = "docker.io/portkeyai/";
    private const string TagHelp =
        "Use a tag such as 2.13.0, a digest such as @sha256: with 64 hexadecimal digits, or both: 2.13.0@sha256:…";

    public static void Judge(SpecCandidate candidate, List<FieldProblem> problems, List<FindingView> findings)
    {
        var spec = candidate.Spec;
        Repository("spec.imageRepository", spec.ImageRepository, candidate.Policy, problems, findings);
        Tag("spec.imageTag", spec.ImageTag, problems);
        if (spec.DataServiceImage is not { } image)
        {
            return;
        }

        Repository("spec.dataServiceImage.repository", image.Repository, candidate.Policy, problems, findings);
        Tag("spec.dataServiceImage.tag", image.Tag, problems);
        if (image.Tag is { } tag && tag.StartsWith('@'))
        {
            problems.Add(new("spec.dataServiceImage.tag", "Give a tag before the digest, such as 1.9.0@sha256:…; charts write one."));
        }

        if (!spec.DataService)
        {
            findings.Add(
                new(
                    Severity.Warning,
                    "validation",
                    "spec.dataServiceImage",
                    "It has no effect: there is no data service. Set dataService, or leave the image out."
                )
            );
        }
    }

    /// <summary>A repository with its registry's host, as container runtimes read one without: <c>portkeyai/gateway</c> is
    /// <c>docker.io/portkeyai/gateway</c>.</summary>
    public static string Full(string repository)
    {
        var host = repository.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash ? repository[..slash] : "";
        return host.Contains('.', StringComparison.Ordinal) || host.Contains(':', StringComparison.Ordinal) || host == "localhost"
                ? repository
            : repository.Contains('/', StringComparison.Ordinal) ? $"docker.io/{repository}"
            : $"docker.io/library/{repository}";
    }

    private static void Repository(
        string field,
        string? repository,
        SpecPolicy policy,
        List<FieldProblem> problems,
        List<FindingView> findings
    )
    {
        if (repository is null)
        {
            return;
        }

        if (repository.Length > 255 || !RepositoryName().IsMatch(repository))
        {
            problems.Add(
                new(
                    field,
                    "Use host and path of an image in lower case, without a scheme, tag or digest, such as registry.example.com/portkeyai/gateway_enterprise."
                )
            );
            return;
        }

        var full = Full(repository);
        if (policy.ImageRepositories.Count > 0 && !policy.ImageRepositories.Any(p => Matches(p, full)))
        {
            problems.Add(
                new(
                    field,
                    $"Administrators do not allow images from there (Portal:ImageRepositories). Use one of {string.Join(", ", policy.ImageRepositories)}, or leave it out."
                )
            );
        }
        else if (!full.StartsWith(OwnRepositories, StringComparison.Ordinal))
        {
            findings.Add(
                new(
                    Severity.Warning,
                    "validation",
                    field,
                    $"The image comes from {full}, not from Portkey. Anyone who may push there decides what runs with this environment's secrets."
                )
            );
        }
    }

    /// <summary>Whether this may stand in <c>Portal:ImageRepositories</c>: a repository with its host, or one whose path ends in <c>/*</c>
    /// for all below it.</summary>
    public static bool IsPattern(string pattern)
    {
        var name = pattern.EndsWith("/*", StringComparison.Ordinal) ? $"{pattern[..^1]}x" : pattern;
        return RepositoryName().IsMatch(name) && Full(name) == name && name.Contains('/', StringComparison.Ordinal);
    }

    private static bool Matches(string pattern, string full) =>
        pattern.EndsWith("/*", StringComparison.Ordinal) ? full.StartsWith(pattern[..^1], StringComparison.Ordinal) : full == pattern;

    private static void Tag(string field, string? tag, List<FieldProblem> problems)
    {
        if (tag is null)
        {
            return;
        }

        var match = TagWithDigest().Match(tag);
        if (!match.Success || tag.Length == 0)
        {
            problems.Add(new(field, TagHelp));
        }
        else if (!match.Groups["digest"].Success && ImageRules.IsFloatingTag(match.Groups["tag"].Value))
        {
            problems.Add(
                new(
                    field,
                    $"The tag {tag} may become another image without approval. Name a version or a digest, or leave it out for the chart's own."
                )
            );
        }
    }

    [GeneratedRegex(
        @"\A([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?(:[0-9]{1,5})?/)?[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*\z",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking
    )]
    private static partial Regex RepositoryName();

    [GeneratedRegex(@"\A(?<tag>[A-Za-z0-9_][-A-Za-z0-9._]{0,127})?(?<digest>@sha256:[0-9a-f]{64})?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex TagWithDigest();
}
