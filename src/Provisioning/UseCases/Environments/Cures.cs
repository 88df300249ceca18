using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>Which action helps against what. Pure.</summary>
internal static class Cures
{
    // What passes by itself, or once somebody fixed it outside.
    private static readonly HashSet<string> Passing = new(StringComparer.Ordinal)
    {
        "cluster-unreachable",
        "cluster-throttled",
        "cluster-conflict",
        "cluster-forbidden",
        "namespace-terminating",
        "helm-unreachable",
        "helm-timeout",
        "helm-killed",
        "helm-operationinprogress",
        "helm-forbidden",
        "database",
        "io",
        "interrupted",
        "internal",
        "cancelled",
        "vault-unreachable",
    };

    private static readonly HashSet<string> OfSize = new(StringComparer.Ordinal)
    {
        PodCause.NoRoom,
        PodCause.OutOfMemory,
        "quota-exceeded",
        "helm-quotaexceeded",
        "cluster-quota",
        "pod-larger-than-nodes",
        "zones",
    };

    public static CureView Of(TroubleFacts facts, string code, string words)
    {
        if (code is "image-missing" or PodCause.ImagePull)
        {
            return OfImage(facts, words);
        }

        if (OfSize.Contains(code))
        {
            return new(
                CureKind.ChangeSize,
                "Change the size",
                code == PodCause.OutOfMemory ? "Give its pods more memory: choose a larger profile."
                    : code is "quota-exceeded" or "helm-quotaexceeded" or "cluster-quota"
                        ? "Ask for fewer or smaller pods, or have the namespace's quota raised."
                    : "Ask for fewer or smaller pods, or have nodes added."
            );
        }

        return code switch
        {
            "namespace-gone" or "gateway-gone" or "service-gone" or "no-workloads" or PodCause.Evicted => Again(facts),
            "no-address" or "autoscaling" or PodCause.NoNode => Operators(facts, $"{Outside(code)} Tell the operators of the cluster."),
            "not-as-approved" or "release-differs" => new(
                CureKind.Wait,
                "",
                "Tell the administrators first: what the portal has stored is not what was approved."
            ),
            "cluster-unreachable" or "gateway-not-asked" when !facts.HasFailed => Operators(
                facts,
                "The portal keeps asking. If this persists, tell the operators of the cluster."
            ),
            _ when Passing.Contains(code) && facts.MayRetry => new(
                CureKind.TryAgain,
                "Try again",
                code == "cancelled" ? "It does what was approved." : "It does what was approved, once the cause is fixed."
            ),
            _ => OfContent(facts, code, words),
        };
    }

    /// <summary>What can be done besides.</summary>
    public static IReadOnlyList<CureView> Besides(TroubleFacts facts, CureView cure)
    {
        CureView?[] others =
        [
            facts.Health == HealthStatus.Unknown ? null : Back(facts),
            cure.Kind is CureKind.ApplyAgain or CureKind.TryAgain or CureKind.AskOperators ? null : Settings(""),
            facts.MayRetry ? new(CureKind.TryAgain, "Try the same again", "") : null,
        ];
        return [.. others.OfType<CureView>().Where(o => o.Kind != cure.Kind)];
    }

    private static CureView OfImage(TroubleFacts facts, string words)
    {
        var isRefused = words.Contains(ImageReasons.Refused, StringComparison.Ordinal);
        if (isRefused && facts.Secrets.Contains(SettingKeys.RegistryPassword))
        {
            return Secret(SettingKeys.RegistryPassword, "Store the registry's password again, or name another image.");
        }

        if (
            words.Contains(ImageReasons.Unreachable, StringComparison.Ordinal)
            || words.Contains(ImageReasons.Busy, StringComparison.Ordinal)
        )
        {
            var outside = $"The connection from cluster {facts.Cluster} to the registry must be fixed; the cluster tries again by itself.";
            return facts.MayRetry
                ? new(CureKind.TryAgain, "Try again", $"{outside} Then try again.")
                : new(CureKind.Wait, "", outside);
        }

        return new(
            CureKind.ChangeImage,
            "Change the image tag",
            isRefused ? "Name an image that the cluster may have, or add the registry's credentials." : "Name a tag that the registry has."
        );
    }

    // Where a change failed and the one before serves, going back solves it; a first one cannot go back.
    private static CureView OfContent(TroubleFacts facts, string code, string words)
    {
        if (SecretIn(words, facts) is { } key)
        {
            return Secret(key, $"Store {key} again; it is used once a rotation of it is approved.");
        }

        if (code == PodCause.Config && !facts.HasFailed)
        {
            return Again(facts);
        }

        return (IsOfTheChange(facts) ? Back(facts) : null)
            ?? Settings(
                code switch
                {
                    PodCause.CrashLoop when facts.Failed is null => "Correct the setting that the gateway rejects; its log names it.",
                    PodCause.CrashLoop => "Correct the setting that the gateway rejects; the failed operation's log ends with its words.",
                    PodCause.NotReady or "rollout-timeout" or "progress-deadline" =>
                        "Correct the setting that keeps it from getting ready; its log says what it waits for.",
                    PodCause.Config or PodCause.Volume => "Remove what refers to it, or have it created in the namespace.",
                    "pods-refused" => "Change what the cluster's policy refuses.",
                    _ => "Correct what is named above.",
                }
            );
    }

    // Another setting does not fix a failed chart or value; what broke long after the last change was not broken by it.
    private static bool IsOfTheChange(TroubleFacts facts) =>
        facts.HasFailed
            ? facts.LastKind is not (RequestKind.Change or RequestKind.Create)
            : facts is { Change: { } change, HealthSince: { } since } && since - change.At < TimeSpan.FromHours(24);

    private static CureView? Back(TroubleFacts facts) =>
        facts.GoodRevision is { } good
            ? new(
                CureKind.Rollback,
                $"Go back to v{good}",
                facts.HasFailed ? $"v{good} was seen to work; going back to it ends the failed change." : $"v{good} was seen to work.",
                $"{good}"
            )
            : null;

    private static CureView Again(TroubleFacts facts) =>
        facts.HasFailed && facts.MayRetry
            ? new(CureKind.TryAgain, "Try again", "It recreates what is missing in the cluster.")
            : new(CureKind.ApplyAgain, $"Apply v{facts.Applied} again", "It recreates what is missing in the cluster.", $"{facts.Applied}");

    private static CureView Operators(TroubleFacts facts, string why) =>
        new(CureKind.AskOperators, $"Look at cluster {facts.Cluster}", why, facts.Cluster);

    private static CureView Settings(string why) => new(CureKind.ChangeSettings, "Change settings", why);

    private static CureView Secret(string key, string why) => new(CureKind.StoreSecret, $"Store {key}", why, key);

    private static string Outside(string code) =>
        code switch
        {
            "no-address" => "The cluster has to give an address.",
            "autoscaling" => "The cluster has to serve metrics.",
            _ => "The cluster's nodes have to change, or what the settings ask of them.",
        };

    // A key of ours named in the message: missing in a Secret, or refused by a store.
    private static string? SecretIn(string words, TroubleFacts facts) =>
        facts.Secrets.Where(k => words.Contains(k, StringComparison.Ordinal)).MaxBy(k => k.Length);
}
