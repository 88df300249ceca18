using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>Every image of the manifests is at its registry; its digest is recorded. A missing tag would otherwise show only when
/// pods cannot start.</summary>
internal sealed class ImageCheck(OutboundGuard guard) : IPreflightCheck
{
    private readonly ImageLookup registries = new(guard);

    public string Id => "images";

    public string Title => "Images are there";

    public LookedFrom From => LookedFrom.Portal;

    public bool IsOfTheNetwork => true;

    public bool AppliesTo(PreflightSubject subject) => ManifestImages.Of(subject.Objects).Count > 0;

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        var pull = subject.MaySignInAtRegistry ? PullSecret.Of(subject.ReleaseName, subject.Spec, subject.Pins) : null;
        var found = await Task.WhenAll(
            ManifestImages
                .Of(subject.Objects)
                .Select(i => registries.AskAsync(i, pull, subject.Secret(SettingKeys.RegistryPassword), cancellationToken))
        );
        var (missing, unknown, there) = (
            EnumNames(found, ImageState.Missing),
            EnumNames(found, ImageState.Unknown),
            EnumNames(found, ImageState.There)
        );
        var held = subject.MaySignInAtRegistry ? "" : $" {RegistryTrust.WhyNot}";
        var verdict =
            missing.Length > 0
                ? Verdict.Fail(
                    Sentence(missing, unknown, there) + held,
                    "Ask for an image tag and a registry that exist, or fix the registry's credentials.",
                    "image-missing"
                )
            : unknown.Length > 0
                ? Verdict.Warn(
                    Sentence(missing, unknown, there) + held,
                    "Make sure that the cluster's nodes can pull them: the portal could not see it."
                )
            : Verdict.Pass($"Asked from the portal: {there}.{held}");
        return verdict with { Images = [.. found.Where(f => f.State == ImageState.There).Select(f => new ImageDigest(f.Image, f.Digest))] };
    }

    private static string EnumNames(ImageAnswer[] found, ImageState wanted) =>
        string.Join("; ", found.Where(f => f.State == wanted).Select(f => f.EnumNames));

    private static string Sentence(params string[] parts) => $"Asked from the portal: {string.Join("; ", parts.Where(p => p.Length > 0))}.";
}
