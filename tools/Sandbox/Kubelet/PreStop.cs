using System.Globalization;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Kubelet;

/// <summary>
/// What a container does before it is told to end, as a kubelet plays it: the hook runs inside the grace period, a hook that fails or takes
/// too long is an event and delays nothing (https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/).
/// </summary>
internal static class PreStop
{
    private static readonly HttpMessageInvoker Http = new(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.Zero,
        }
    );

    /// <summary>Runs the hook where there is one, until it is done, the grace is over, the container has ended, or the end is
    /// urgent.</summary>
    public static async Task RunAsync(PodContext pod, JsonObject container, string fieldPath, Task exit)
    {
        if (container.Dig("lifecycle", "preStop") is not JsonObject { Count: > 0 } hook || pod.Grace <= TimeSpan.Zero || pod.NodeEnds)
        {
            return;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(pod.Hurry.Token);
        limit.CancelAfter(pod.Grace);
        var playing = PlayAsync(pod, container, hook, limit.Token);
        if (await Task.WhenAny(playing, exit) == exit)
        {
            await limit.CancelAsync();
        }

        if (await playing is { } fault && !exit.IsCompleted)
        {
            await pod.RecordAsync(NodeEvent.Warning("FailedPreStopHook", $"PreStopHook failed: {fault}", fieldPath));
        }
    }

    private static async Task<string?> PlayAsync(PodContext pod, JsonObject container, JsonObject hook, CancellationToken cancel)
    {
        try
        {
            if (hook.Dig("httpGet") is not null)
            {
                return await GetAsync(pod.Address, new Probes.Probe("preStop", hook, Probes.Probe.PortsOf(container)), cancel);
            }

            if ((hook.Int("sleep", "seconds") is { } seconds ? seconds : Slept([.. hook.Texts("exec", "command")])) is { } wait)
            {
                await Task.Delay(TimeSpan.FromSeconds(wait), pod.Node.Time, cancel);
                return null;
            }

            return hook.Dig("exec") is null
                ? null
                : $"the sandbox plays `sleep SECONDS` only, not {string.Join(' ', hook.Texts("exec", "command"))}";
        }
        catch (OperationCanceledException)
        {
            return "the grace period is over";
        }
    }

    // There is no container to run a command in, and a manifest must not run commands of its own on this machine.
    private static double? Slept(string[] command)
    {
        var words =
            command is [var shell, "-c", var line] && Path.GetFileName(shell) is "sh" or "ash" or "bash" or "dash"
                ? line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                : command;
        return
            words is [var program, var time]
            && Path.GetFileName(program) == "sleep"
            && double.TryParse(time.TrimEnd('s'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            && seconds < 86_400
            ? seconds
            : null;
    }

    private static async Task<string?> GetAsync(string address, Probes.Probe hook, CancellationToken cancel)
    {
        try
        {
            using var request = new HttpRequestMessage(
                HttpMethod.Get,
                $"http://{address}:{hook.Port("httpGet") ?? 80}/{(hook.Spec.Text("httpGet", "path") ?? "").TrimStart('/')}"
            );
            using var response = await Http.SendAsync(request, cancel);
            return response.IsSuccessStatusCode ? null : $"HTTP {(int)response.StatusCode}";
        }
        catch (Exception fault) when (fault is HttpRequestException or UriFormatException)
        {
            return fault.Message;
        }
    }
}
