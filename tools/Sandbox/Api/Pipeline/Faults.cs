using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Api.Pipeline;

/// <summary>How the sandbox is to misbehave, for tests. A negative count means until told otherwise.</summary>
internal sealed record Fault(string Mode, int Milliseconds, int Count, string PathPrefix)
{
    public static Fault None { get; } = new("none", 0, 0, "/");
}

/// <summary>Holds the fault in force, and applies it to requests.</summary>
internal sealed class Faults : IDisposable
{
    private readonly Lock _gate = new();
    private Fault _fault = Fault.None;
    private int _left;
    private CancellationTokenSource _cut = new();

    /// <summary>Fires when running watches should be cut.</summary>
    public CancellationToken Cut
    {
        get
        {
            lock (_gate)
            {
                return _cut.Token;
            }
        }
    }

    public void Set(Fault fault)
    {
        CancellationTokenSource? cut = null;
        lock (_gate)
        {
            (_fault, _left) = (fault, fault.Count);
            if (fault.Mode == "cutWatch")
            {
                (cut, _cut) = (_cut, new CancellationTokenSource());
            }
        }

        cut?.Cancel();
        cut?.Dispose();
    }

    public async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        var fault = Take(context.Request.Path.Value ?? "/");
        switch (fault.Mode)
        {
            case "429":
                throw new KubeStatusException(
                    429,
                    "TooManyRequests",
                    "Too many requests, please try again later.",
                    new JsonObject { ["retryAfterSeconds"] = 1 }
                );
            case "500":
                throw new KubeStatusException(500, "InternalError", "Internal error occurred: the sandbox was told to fail");
            case "slow":
                await Task.Delay(fault.Milliseconds, context.RequestAborted);
                break;
        }

        await next(context);
    }

    /// <summary>Reads an order such as <c>{"mode":"500","count":3,"pathPrefix":"/api/v1/secrets"}</c>.</summary>
    public static Fault Parse(JsonObject order)
    {
        var mode = order.Text("mode") ?? "none";
        return mode is "none" or "429" or "500" or "slow" or "cutWatch"
            ? new Fault(
                mode,
                (int)Math.Clamp(order.Number("ms") ?? 1000, 0, 600_000),
                (int)Math.Clamp(order.Number("count") ?? -1, -1, int.MaxValue),
                order.Text("pathPrefix") ?? "/"
            )
            : throw KubeStatusException.BadRequest("mode is one of none, 429, 500, slow, cutWatch");
    }

    public void Dispose() => _cut.Dispose();

    private Fault Take(string path)
    {
        lock (_gate)
        {
            if (
                _left == 0
                || path.StartsWith("/sandbox/", StringComparison.Ordinal)
                || !path.StartsWith(_fault.PathPrefix, StringComparison.Ordinal)
            )
            {
                return Fault.None;
            }

            _left -= _left > 0 ? 1 : 0;
            return _fault;
        }
    }
}
