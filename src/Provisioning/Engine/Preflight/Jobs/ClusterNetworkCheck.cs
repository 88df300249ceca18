using System.Net;
using System.Text.Json.Nodes;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Jobs;

/// <summary>
/// Pods of the cluster reach every address that the spec needs: name, TCP, and TLS where that is used. Tested by a short Job under the
/// network policies that the environment will have, where an administrator allows such Jobs in the cluster.
/// </summary>
internal sealed class ClusterNetworkCheck(PreflightOptions options) : IPreflightCheck
{
    public string Id => "cluster-network";

    public string Title => "Pods reach every address";

    public LookedFrom From => LookedFrom.Portal;

    public TimeSpan? Limit => options.JobTimeout + TimeSpan.FromSeconds(15);

    public bool AppliesTo(PreflightSubject subject) => Needs(subject).Known.Count > 0;

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        if (!subject.PreflightJobs)
        {
            return Verdict.Skip(
                $"Checked from the portal only; an administrator can allow short Jobs in {subject.Cluster?.Name ?? "the cluster"}, on its page, which try every address from there."
            );
        }

        var (image, problem) = ImageOf(subject);
        if (problem is not null)
        {
            return problem;
        }

        var targets = NetworkTargets.Of(
            Needs(subject),
            k => subject.Secrets.ContainsKey(k) ? subject.Secret(k) : subject.Value(k),
            [.. options.AllowedRanges.Select(IPNetwork.Parse)]
        );
        if (targets.Tried.Count == 0)
        {
            return Verdict.Skip($"There is no address that a Job could try: {string.Join("; ", targets.Left)}.");
        }

        try
        {
            var job = new NetworkJob(subject.Cluster, OutboundGuard.RefusedRanges, [.. options.AllowedRanges]);
            var message = await job.RunAsync(image, PullOf(subject), targets, subject.Objects, options.JobTimeout, cancellationToken);
            return (
                NetworkJobAnswer.Read(message, targets.Tried.Count) is { } answers
                    ? Judge(subject, targets, answers)
                    : Verdict.Warn(
                        $"What the Job's pod wrote is not an answer. {NetworkJobAnswer.Shown(message)}",
                        $"Use Portkey's own image with Node.js, or have an administrator name one under {PreflightOptions.Section}:JobImage."
                    )
            ) with
            {
                From = LookedFrom.Job,
            };
        }
        catch (NetworkJobException failed)
        {
            return Verdict.Warn($"The Job in {subject.Cluster.Name} gave no answer ({failed.Code}). {failed.Message}", failed.Cure) with
            {
                From = LookedFrom.Job,
            };
        }
    }

    private EgressOutlook Needs(PreflightSubject subject) => EgressCheck.NeedsOf(subject, options);

    private static Verdict Judge(PreflightSubject subject, NetworkTargets targets, IReadOnlyList<NetworkAnswer> answers)
    {
        var trusts = subject.Spec.CaBundle is not null || subject.Value("TLS_CA").Length > 0;
        var all = targets
            .Tried.Zip(answers)
            .Select(t => (t.First, Answer: t.Second, IsGood: t.Second.Word == "ok" || (t.Second.Word == "cert" && trusts)))
            .ToList();
        var bad = all.Where(a => !a.IsGood).ToList();
        var text = string.Join(
            "; ",
            bad.Concat(all.Where(a => a.IsGood))
                .Select(a => EnumNames(a.First, a.Answer, trusts))
                .Concat(targets.Left.Select(l => $"{l} was not tried"))
        );
        return bad.Exists(b => b.First.IsVital && b.Answer.Word != "cert")
                ? Verdict.Fail(
                    $"From a pod in {subject.Cluster.Name}: {text}.",
                    "Fix the address, its firewall, private endpoint or DNS for the cluster's network, or the addresses that the gateway may call; then check again.",
                    "network-closed"
                )
            : bad.Count > 0
                ? Verdict.Warn(
                    $"From a pod in {subject.Cluster.Name}: {text}.",
                    bad.Exists(b => b.Answer.Word == "cert")
                        ? "Give the company's certificates where it signs for these."
                        : "Make sure that the gateway can do without these for now."
                )
            : Verdict.Pass($"From a pod in {subject.Cluster.Name}: {text}.");
    }

    private static string EnumNames(NetworkTarget target, NetworkAnswer answer, bool trusts) =>
        answer.Word switch
        {
            "ok" => $"{target.Need} answers{(target.IsTls ? " over TLS" : "")}",
            "cert" =>
                $"{target.Need} answers over TLS with a certificate that {(trusts ? "no public authority signed; the gateway is given others" : "Node.js does not trust")} ({answer.Code})",
            "dns" => $"{target.Need} has no address there ({answer.Code})",
            "tls" => $"{target.Need} takes connections, but not over TLS ({answer.Code})",
            "refused" =>
                $"{target.Need} resolves to an address of the node, the pod or the cloud's own services there, which was not called",
            _ => $"{target.Need} cannot be reached ({answer.Code})",
        };

    // What nobody has approved yet does not run in the cluster: only an image of a chart that an administrator registered
    // may.
    private (string Image, Verdict? Problem) ImageOf(PreflightSubject subject) =>
        options.JobImage.Length > 0 ? (options.JobImage, null)
        : subject.Spec.ImageRepository is { } own && !subject.IsApproved
            ? (
                "",
                Verdict.Skip(
                    $"Checked from the portal only: before an approval, nothing of {own}, which this request names itself, runs in the cluster. An administrator can name an image for this under {PreflightOptions.Section}:JobImage; the operation looks once more, from the cluster."
                )
            )
        : GatewayImage(subject) is { } image ? (image, null)
        : ("", Verdict.Skip("Checked from the portal only: the manifests name no gateway image."));

    private static string? GatewayImage(PreflightSubject subject)
    {
        var images = subject
            .Objects.Where(o => o["kind"]?.ToString() is "Deployment" or "StatefulSet")
            .SelectMany(o => o["spec"]?["template"]?["spec"]?["containers"] as JsonArray ?? [])
            .Select(c => c?["image"]?.ToString() ?? "")
            .Where(i => i.Length > 0)
            .ToList();
        return images.Find(i => subject.Spec.ImageRepository is { Length: > 0 } own && i.Contains(own, StringComparison.Ordinal))
            ?? images.Find(i => i.Split('@')[0].Split('/')[^1].StartsWith("gateway", StringComparison.Ordinal))
            ?? images.FirstOrDefault();
    }

    // Where something else delivers secrets, the portal writes none; nodes then pull by their own identity, or the Job says that they
    // cannot.
    private JobPull? PullOf(PreflightSubject subject) =>
        options.JobImage.Length == 0
        && subject.Delivery.Mode == SecretDeliveryMode.Portal
        && PullSecret.Of(subject.ReleaseName, subject.Spec, subject.Pins) is { } pull
        && subject.Secret(SettingKeys.RegistryPassword) is { Length: > 0 } password
            ? new(pull.Server, pull.User, new SecretValue(password))
            : null;
}
