using System.Net;
using System.Net.Sockets;
using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>The collector of metrics and traces answers HTTP.</summary>
internal sealed class TelemetryCheck(OutboundGuard guard) : IPreflightCheck
{
    public string Id => "otel";

    public string Title => "OpenTelemetry collector answers";

    public LookedFrom From => LookedFrom.Portal;

    public bool IsOfTheNetwork => true;

    public bool AppliesTo(PreflightSubject subject) => subject.Value("OTEL_PUSH_ENABLED") == "true";

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(guard.Handler());
        var address = new Uri(subject.Value("OTEL_ENDPOINT"));
        var status = await Web.AnswerAsync(http, address, cancellationToken);
        return Web.IsRedirect(status)
            ? Verdict.Fail(
                $"{address.Authority} answers with a redirect, which was not followed.",
                "Give the collector's own address.",
                "redirect"
            )
            : Verdict.Pass($"{address.Authority} answers.");
    }
}

/// <summary>Portkey's control plane answers over HTTPS, at its public address or at the private ones of the spec.</summary>
internal sealed class ControlPlaneCheck(OutboundGuard guard, PreflightOptions options) : IPreflightCheck
{
    private static readonly string[] Keys = ["ALBUS_BASEPATH", "CONTROL_PLANE_BASEPATH", "SOURCE_SYNC_API_BASEPATH", "CONFIG_READER_PATH"];

    public string Id => "control-plane";

    public string Title => "Control plane answers";

    public LookedFrom From => LookedFrom.Portal;

    public bool IsOfTheNetwork => true;

    public bool AppliesTo(PreflightSubject subject) => subject.Spec.Edition == Edition.Enterprise;

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(guard.Handler());
        var wanted = Keys.Select(subject.Value).Where(v => v.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        if (wanted.Count == 0)
        {
            wanted.Add(options.ControlPlaneEndpoint);
        }

        var answers = await Task.WhenAll(
            wanted.Select(async w => (Address: new Uri(w), Status: await Web.AnswerAsync(http, new Uri(w), cancellationToken)))
        );
        var redirected = answers.Where(a => Web.IsRedirect(a.Status)).Select(a => a.Address.Host).ToList();
        return redirected.Count > 0
            ? Verdict.Warn(
                $"{string.Join(", ", redirected)} answers with a redirect, which was not followed.",
                "Give the control plane's own address; an address that redirects may be a proxy's sign-in page."
            )
            : Verdict.Pass($"{string.Join(", ", answers.Select(a => a.Address.Host))} answers.");
    }
}

/// <summary>The names under which callers will reach the gateway are known to DNS.</summary>
internal sealed class HostNameCheck : IPreflightCheck
{
    public string Id => "dns";

    public string Title => "Host name is known";

    public LookedFrom From => LookedFrom.Portal;

    public bool AppliesTo(PreflightSubject subject) => Names(subject).Any();

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        var missing = new List<string>();
        foreach (var name in Names(subject))
        {
            try
            {
                if ((await Dns.GetHostAddressesAsync(name, cancellationToken)).Length == 0)
                {
                    missing.Add(name);
                }
            }
            catch (SocketException)
            {
                missing.Add(name);
            }
        }

        return missing.Count == 0
            ? Verdict.Pass($"DNS knows {string.Join(", ", Names(subject))}.")
            : Verdict.Warn(
                $"DNS does not know {string.Join(", ", missing)} from here.",
                "Once the ingress has its address, make a record that points to it."
            );
    }

    private static IEnumerable<string> Names(PreflightSubject subject) =>
        new[] { subject.Spec.Network.Host, subject.Spec.Network.McpHost }.OfType<string>().Where(n => n.Length > 0);
}
