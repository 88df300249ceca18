using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>Judges what the gateway may call against what its spec needs to call. Pure.</summary>
internal static class EgressRules
{
    private const string Field = "spec.network.egress";
    private const int LongestReason = 500;

    public static void Judge(SpecCandidate candidate, List<FieldProblem> problems, List<FindingView> findings)
    {
        var (network, outlook) = (candidate.Spec.Network, candidate.Outlook);
        for (var i = 0; i < network.Egress.Count; i++)
        {
            if (EgressRule.TryParse(network.Egress[i]) is { } rule && EgressPlan.IsNodeRange(rule.Cidr))
            {
                problems.Add(
                    new(
                        $"{Field}[{i}]",
                        "This is the node's own link, or a cloud's platform address, where identities are handed out. The portal opens the part that a managed identity needs; leave it out."
                    )
                );
            }
        }

        foreach (
            var need in outlook.Known.Where(n => n.Place != EgressPlace.NodeLink && n.Address.Ip is { } ip && EgressPlan.IsNodeAddress(ip))
        )
        {
            problems.Add(
                new(
                    FieldOf(need.Setting),
                    $"It names {need.Address.Host}, the node's own link or a cloud's platform address. No gateway may reach it by name. Give the address of the intended service."
                )
            );
        }

        var openings = EgressPlan.Of(network, candidate.ProviderRanges, outlook.Known);
        if (EgressPlan.IsOpen(network))
        {
            Open(network, openings, problems, findings);
        }
        else
        {
            Limited(candidate, outlook, openings, problems, findings);
        }

        Unprovable(outlook, findings);
    }

    private static void Open(
        NetworkSpec network,
        IReadOnlyList<EgressOpening> openings,
        List<FieldProblem> problems,
        List<FindingView> findings
    )
    {
        if (network.OpenEgressReason is { } reason && (reason.Length > LongestReason || reason.Any(char.IsControl)))
        {
            problems.Add(new("spec.network.openEgressReason", $"Use at most {LongestReason} characters on one line."));
            return;
        }

        var (anywhere, exact) = (
            openings.Where(o => o.Cidr is "0.0.0.0/0" or "::/0").ToList(),
            openings.Where(o => o.Cidr is not "0.0.0.0/0" and not "::/0").ToList()
        );
        findings.Add(
            new(
                Severity.Warning,
                "validation",
                Field,
                $"The gateway may call any address on the internet, on TCP {Ports(anywhere)}{(exact.Count == 0 ? "" : $", and {string.Join(", ", exact.Select(EnumNames))}")}; but otherwise never the node's own link. "
                    + (
                        string.IsNullOrWhiteSpace(network.OpenEgressReason)
                            ? "This follows Portkey's guide. List the providers and address ranges that it needs, or give a reason for unrestricted egress."
                            : $"The reason given: {network.OpenEgressReason.Trim()}"
                    )
            )
        );
    }

    private static string Ports(List<EgressOpening> openings) =>
        openings.Exists(o => o.Port is null)
            ? "every port"
            : string.Join(
                ", ",
                openings
                    .Select(o => (o.LastPort is { } last ? $"{o.Port}-{last}" : $"{o.Port}") + (o.Why.Length > 0 ? $" (for {o.Why})" : ""))
                    .Distinct(StringComparer.Ordinal)
            );

    private static string EnumNames(EgressOpening one) =>
        $"{(one.Cidr.EndsWith("/32", StringComparison.Ordinal) ? one.Cidr[..^3] : one.Cidr)}{(one.Port is { } port ? $":{port}" : "")}{(one.Why.Length > 0 ? $" (for {one.Why})" : "")}";

    private static void Limited(
        SpecCandidate candidate,
        EgressOutlook outlook,
        IReadOnlyList<EgressOpening> openings,
        List<FieldProblem> problems,
        List<FindingView> findings
    )
    {
        if (!string.IsNullOrEmpty(candidate.Spec.Network.OpenEgressReason))
        {
            problems.Add(
                new("spec.network.openEgressReason", "The gateway may call only what is listed, so no reason is needed. Leave it out.")
            );
        }

        var (closed, maybe) = (new List<string>(), new List<EgressNeed>());
        foreach (var need in outlook.Known.Where(n => n.Place != EgressPlace.NodeLink && EgressPlan.IsOutside(n.Address.Host)))
        {
            var (ip, port) = (need.Address.Ip, need.Address.Port);
            if (
                ip is not null
                    ? EgressPlan.IsNodeAddress(ip) || System.Net.IPAddress.IsLoopback(ip) || openings.Any(o => o.Covers(ip, port))
                    : false
            )
            {
                continue;
            }

            var withPort = openings.Where(o => o.HasPort(port)).ToList();
            if (ip is not null)
            {
                closed.Add($"{need} lies outside the listed ranges");
            }
            else if (withPort.Count == 0)
            {
                closed.Add($"no listed range opens port {port}, which {need} needs");
            }
            else if (need.Place == EgressPlace.PublicService && withPort.TrueForAll(o => o.IsPrivate))
            {
                closed.Add($"{need} is a public service, and the ranges listed for port {port} are private");
            }
            else
            {
                maybe.Add(need);
            }
        }

        if (closed.Count > 0)
        {
            var also = maybe.Count == 0 ? "" : $" These must lie within the ranges, too: {string.Join(", ", maybe)}.";
            problems.Add(
                new(
                    Field,
                    $"The gateway would be cut off from what it needs: {string.Join("; ", closed)}.{also} Add their ranges with their ports, such as 203.0.113.0/24:443, or leave the list empty."
                )
            );
        }
        else if (maybe.Count > 0)
        {
            findings.Add(
                new(
                    Severity.Warning,
                    "validation",
                    Field,
                    $"The gateway may call the listed ranges alone, and these must lie within them: {string.Join(", ", maybe)}. Names alone do not show this; preflight resolves them."
                )
            );
        }
    }

    // Reported, not guessed: a port open for no known reason is as bad as one closed silently.
    private static void Unprovable(EgressOutlook outlook, List<FindingView> findings)
    {
        foreach (var gap in outlook.Unknown)
        {
            findings.Add(new(Severity.Warning, "validation", FieldOf(gap.Setting), gap.Advice));
        }

        foreach (var need in outlook.Known.Where(n => EgressPlan.IsClusterService(n.Address.Host)))
        {
            findings.Add(
                new(
                    Severity.Warning,
                    "validation",
                    FieldOf(need.Setting),
                    $"{need.Address} is a Service of the cluster. Network policies see the pods behind it and the port on which those listen; where that is another, list their range with it under egress."
                )
            );
        }
    }

    private static string FieldOf(string setting) =>
        Catalog.SettingsCatalog.ByKey.TryGetValue(setting, out var known) && known.View.IsSecret
            ? $"spec.secrets.{setting}"
            : $"spec.settings.{setting}";
}
