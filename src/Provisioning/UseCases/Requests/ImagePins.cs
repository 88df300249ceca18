using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>
/// Digests of images, looked up when a request is made (<c>Portal:PinImages</c>), so that the text that is approved names them and nothing
/// is looked up at apply. An image that the environment's approved text pins already keeps its digest: another one takes another tag.
/// </summary>
public sealed partial class ImagePins(
    UnitOfWork work,
    OutboundGuard guard,
    IOptions<ProvisioningOptions> options,
    IOptions<PreflightOptions> preflight,
    ISecretVault? vault = null
)
{
    private const string Digest = "@sha256:";
    private readonly ImageLookup registries = new(guard);

    /// <summary>Whether digests are pinned.</summary>
    public bool IsOn => options.Value.PinImages;

    /// <summary>The digest of every image of a rendered manifest that names none.</summary>
    /// <exception cref="InvalidInputException">One cannot be found.</exception>
    internal async Task<IReadOnlyDictionary<string, string>> FindAsync(
        ProposeCommand command,
        RequestTarget target,
        IReadOnlyDictionary<string, SecretPin> pins,
        string manifest,
        CancellationToken cancellationToken
    )
    {
        var found = Unpinned(manifest).ToDictionary(i => i, _ => "", StringComparer.Ordinal);
        foreach (
            var known in ManifestImages
                .Of(RenderedParts.Objects(target.FromManifest))
                .Where(i => i.Contains(Digest, StringComparison.Ordinal))
        )
        {
            var at = known.IndexOf('@', StringComparison.Ordinal);
            if (found.ContainsKey(known[..at]))
            {
                found[known[..at]] = known[(at + 1)..];
            }
        }

        List<string> asked = [.. found.Where(f => f.Value.Length == 0).Select(f => f.Key)];
        if (asked.Count == 0)
        {
            return found;
        }

        var (pull, password, why) = await CredentialsAsync(command, target, pins, cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(preflight.Value.Timeout);
        foreach (var answer in await Task.WhenAll(asked.Select(i => AskAsync(i, pull, password, limit.Token, cancellationToken))))
        {
            found[answer.Image] =
                answer.Digest.Length > 0
                    ? answer.Digest
                    : throw new InvalidInputException(
                        FieldOf(answer.Image),
                        $"Images are pinned by digest here (Portal:PinImages), and none was found: {answer.EnumNames}.{why} Fix that, or name the digest yourself, such as 2.13.0@sha256:…."
                    );
        }

        return found;
    }

    /// <summary>A manifest whose containers name these digests. Pure.</summary>
    /// <exception cref="InvalidInputException">An image's place in the text was not found.</exception>
    internal static string Write(string manifest, IReadOnlyDictionary<string, string> digests)
    {
        if (digests.Count == 0)
        {
            return manifest;
        }

        var pinned = ImageLine()
            .Replace(
                manifest,
                m =>
                    digests.TryGetValue(m.Groups["image"].Value, out var digest)
                        ? $"{m.Groups["before"].Value}{m.Groups["quote"].Value}{m.Groups["image"].Value}@{digest}{m.Groups["quote"].Value}{m.Groups["after"].Value}"
                        : m.Value
            );
        return Unpinned(pinned) is [var left, ..]
            ? throw new InvalidInputException(
                FieldOf(left),
                $"Images are pinned by digest here (Portal:PinImages), and the chart writes {left} in a way that the portal cannot add one to. Name the digest yourself, such as 2.13.0@sha256:…."
            )
            : pinned;
    }

    /// <summary>The digest for a repository and tag of a spec; null where none is pinned.</summary>
    internal static string? TagWith(IReadOnlyDictionary<string, string> digests, string repository, string? tag) =>
        tag is not null && digests.GetValueOrDefault($"{repository}:{tag}") is { } digest ? $"{tag}@{digest}" : tag;

    private static List<string> Unpinned(string manifest) =>
        [.. ManifestImages.Of(RenderedParts.Objects(manifest)).Where(i => !i.Contains(Digest, StringComparison.Ordinal))];

    private static string FieldOf(string image) =>
        ManifestImages.Repository(image).Contains("data-service", StringComparison.Ordinal) ? "spec.dataServiceImage.tag" : "spec.imageTag";

    private async Task<ImageAnswer> AskAsync(
        string image,
        PullSecret? pull,
        string password,
        CancellationToken limit,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await registries.AskAsync(image, pull, password, limit);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(image, ImageState.Unknown, "", $"{image} could not be asked for within {preflight.Value.TimeoutSeconds} s");
        }
    }

    private async Task<(PullSecret? Pull, string Password, string Why)> CredentialsAsync(
        ProposeCommand command,
        RequestTarget target,
        IReadOnlyDictionary<string, SecretPin> pins,
        CancellationToken cancellationToken
    )
    {
        var pull = PullSecret.Of(target.Release, target.Spec, pins);
        if (pull is null)
        {
            return (null, "", "");
        }

        if (command.Secrets.TryGetValue(SettingKeys.RegistryPassword, out var fresh))
        {
            return (pull, fresh.Reveal(), "");
        }

        if (
            !await work.ReadAsync(
                db => RegistryTrust.MaySignInAsync(db, target.EnvironmentId, target.Spec, pins, cancellationToken),
                cancellationToken
            )
        )
        {
            return (null, "", $" {RegistryTrust.WhyNot}");
        }

        if (vault is null)
        {
            return (null, "", " This portal process cannot read stored secrets, so it asked without the stored password.");
        }

        var pin = pins[SettingKeys.RegistryPassword];
        return (pull, (await vault.GetAsync(pin.VaultName, pin.VaultVersion, cancellationToken)).Reveal(), "");
    }

    [GeneratedRegex(
        """^(?<before>[ \t]*(-[ \t]+)?image:[ \t]+)(?<quote>["']?)(?<image>[^\s"'#]+)\k<quote>(?<after>[ \t]*(#.*)?)$""",
        RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.CultureInvariant,
        2000
    )]
    private static partial Regex ImageLine();
}
